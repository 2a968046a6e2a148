"""Threads: a task gets one when it earns it, and the conversation goes on there."""

from __future__ import annotations

from pathlib import Path

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.ids import TaskId
from swarm_core.steps.model import Conclusion, Run
from tests.discord.bench import Bench, bench
from tests.discord.test_asking import echo
from tests.discord.test_edits import Slow, says
from tests.worlds import Custom, over

ONE = TaskId(1)
AT_ONCE = {"thread_after": "0s"}


async def thread_of(at: Bench, since: int = 0) -> str:
    (made,) = await at.hand.wait("thread", since=since, channel=at.channel)
    return str(made["thread"])


async def much(assignment: Assignment, run: Run) -> Conclusion:
    return Conclusion(
        state="done", text="\n\n".join(f"Paragraph {n}." + " word" * 60 for n in range(9))
    )


async def test_a_short_task_and_any_question_get_none(tmp_path: Path) -> None:
    async with (
        bench(tmp_path) as at,
        at.on_discord(Custom(much, words=("much",)), Custom(echo, "e")),
    ):
        await at.hand.command(at.channel, at.ana, "task", text="hello")
        await says(at, "You said: hello")
        await at.hand.command(at.channel, at.ana, "ask", text="much")
        await says(at, "Paragraph 8")
        record = await at.hand.record()
    assert [e for e in record if e["kind"] == "thread"] == []


async def test_a_task_that_runs_long_gets_one_and_its_answer_goes_there(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_discord(Custom(slow), discord=AT_ONCE) as swarm:
        await at.hand.command(at.channel, at.ana, "task", text="plan a trip")
        thread = await thread_of(at)
        card = await says(at, "'value': 'running'")
        assert thread == card
        slow.gate.open()
        answer = await says(at, "You said: plan a trip", thread)
        assert await says(at, "'value': 'done'") == card
        made = at.fake.service.world.channels[thread]
        (created,) = [e for e in await at.hand.record() if e.get("message") == answer][:1]
        await over(swarm, ONE)
    assert made["name"] == "#1 plan a trip"
    assert made["thread_metadata"]["auto_archive_duration"] == 60
    assert created["pinged"] == [at.ana]


async def test_an_answer_too_long_for_the_channel_opens_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(much)):
        await at.hand.command(at.channel, at.ana, "task", text="tell me much")
        thread = await thread_of(at)
        await says(at, "Paragraph 8", thread)
        assert not [m for m in await at.hand.messages(at.channel) if "Paragraph" in m["content"]]


async def test_words_to_its_card_open_one_and_there_they_steer_without_a_reply(
    tmp_path: Path,
) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_discord(Custom(slow)) as swarm:
        await at.hand.command(at.channel, at.ana, "task", text="plan a trip")
        card = await says(at, "#1")
        await at.known(swarm, card)
        await at.hand.say(at.channel, at.ana, "by train", reply_to=card)
        thread = await thread_of(at)
        await says(at, "reads this before its next step")
        await at.hand.say(thread, at.ana, "and by ship")
        await says(at, "reads this before its next step", thread)
        await at.hand.say(thread, at.ben, "or by car")
        offered = await says(at, "Only ana steers #1", thread)
        assert await swarm.ears.heard(ONE, 0) == ("by train", "and by ship")
        (message,) = [m for m in await at.hand.messages(thread) if m["id"] == offered]
        (row,) = message["components"]
        pressed = row["components"][0]["custom_id"]
        await at.hand.press(thread, offered, at.ben, pressed)
        slow.gate.open()
        await says(at, "You said: or by car", thread)
        await over(swarm, ONE)


async def test_the_conversation_goes_on_in_the_thread_across_a_restart(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        async with at.on_discord(Custom(much)):
            await at.hand.command(at.channel, at.ana, "task", text="write")
            thread = await thread_of(at)
            await says(at, "Paragraph 8", thread)
        async with at.on_discord(Custom(echo)) as swarm:
            await at.hand.say(thread, at.ana, "shorter")
            await says(at, "You said: shorter", thread)
            await at.hand.command(thread, at.ana, "ask", text="in French")
            await says(at, "You said: in French", thread)
            tasks = [(await swarm.views.task(TaskId(n))).task for n in (1, 2, 3)]
            actor = swarm.members.directory.actor_of(tasks[0].person)
            kept = await swarm.talking.memory(actor, tasks[0].place)
    assert len({task.place for task in tasks}) == 1
    assert [line.asked for line in kept.lines] == ["write", "shorter", "in French"]


async def test_without_the_right_to_open_any_everything_stays_in_the_channel(
    tmp_path: Path,
) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_discord(Custom(slow), discord=AT_ONCE):
        deny = ["CREATE_PUBLIC_THREADS"]
        await at.hand.do("overwrite", channel=at.channel, target=at.bot, deny=deny)
        await at.hand.command(at.channel, at.ana, "task", text="plan a trip")
        await at.hand.wait("request", operation="create_thread_from_message", status=403)
        slow.gate.open()
        await says(at, "You said: plan a trip")
        requests = await at.hand.requests()
    tried = [r for r in requests if r["operation"] == "create_thread_from_message"]
    assert len(tried) == 1


async def test_a_thread_that_was_deleted_or_locked_falls_back_to_the_channel(
    tmp_path: Path,
) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_discord(Custom(slow), discord=AT_ONCE) as swarm:
        await at.hand.command(at.channel, at.ana, "task", text="plan a trip")
        first = await thread_of(at)
        since = await at.hand.now()
        await at.hand.command(at.channel, at.ana, "task", text="plan a party")
        second = await thread_of(at, since)
        await at.hand.do("remove_channel", channel=first)
        await at.hand.do("thread", thread=second, archived=True, locked=True)
        slow.gate.open()
        await says(at, "You said: plan a trip")
        await says(at, "You said: plan a party")
        await over(swarm, ONE, TaskId(2))


async def test_a_thread_that_was_opened_and_not_noted_is_found_again(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_discord(Custom(slow)) as swarm:
        await at.hand.command(at.channel, at.ana, "task", text="plan a trip")
        card = await says(at, "#1")
        await at.known(swarm, card)
        await at.hand.fault("lost", operation="create_thread_from_message", count=1)
        await at.hand.say(at.channel, at.ana, "by train", reply_to=card)
        await says(at, "reads this before its next step")
        again = await at.hand.say(at.channel, at.ana, "and by ship", reply_to=card)
        # It answers after it has looked for the thread.
        await at.hand.wait("create", nonce=f"reply-{again}-0"[-25:])
        slow.gate.open()
        await says(at, "You said: plan a trip", card)
