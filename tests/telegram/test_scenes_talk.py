"""Scenes of people in conversation with the swarm on Telegram, over real sockets."""

from __future__ import annotations

from pathlib import Path

import anthropic  # noqa: F401  # it is loaded before the time of a test runs

from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Conclusion, Run
from tests.discord.test_scenes_talk import a_page, with_a_model
from tests.fakes.models import serving
from tests.telegram.bench import bench
from tests.telegram.looking import ME, ONE, TWO, Later, Slow, echo, labels, shows, standing, texts
from tests.worlds import Custom, Gate, over


async def test_scene_2_a_page_is_fetched_once_and_made_shorter_from_memory(tmp_path: Path) -> None:
    async with a_page("The bees have moved.") as (url, fetched), serving() as model:
        long, short = "The page says at length that the bees have moved.", "Bees moved."
        fake = with_a_model(model, {"http_get": {"url": url}}, long, short)
        async with bench(tmp_path) as at, at.on_telegram(**fake):
            await at.hand.say(at.ana, at.ana, f"What does {url} say?")
            await at.said(at.ana, "says at length")
            await at.hand.say(at.ana, at.ana, "shorter")
            await at.said(at.ana, "Bees moved.")
        bodies = [one["body"] for one in model.service.requests]
    assert fetched == ["/news"]
    assert "says at length" in str(bodies[-1])
    assert "shorter" in str(bodies[-1])


async def test_scene_4_only_ana_steers_her_task(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow)) as swarm:
        await at.hand.command(at.group, at.ana, "ask", "plan a trip", at=ME)
        receipt = await at.said(at.group, "#1")
        await slow.gate.reached.wait()
        card = await shows(at, at.group, "running", of=receipt["message_id"])
        await at.hand.say(at.group, at.ben, "by car", reply_to=card["message_id"])
        offered = await at.said(at.group, "steers #1.")
        assert await swarm.ears.heard(ONE, 0) == ()
        await at.press(offered, "Ask separately", at.ben)
        slow.gate.open()
        await at.said(at.group, "You said: by car")
        await over(swarm, ONE, TWO)
        first, second = [(await swarm.views.task(n)).task for n in (ONE, TWO)]
    assert "Only ana steers #1." in offered["text"]
    assert first.person.endswith(f"/{at.ana}")
    assert second.person.endswith(f"/{at.ben}")


async def test_scene_5_the_prompt_has_only_the_edited_correction(tmp_path: Path) -> None:
    gate = Gate()
    async with a_page("Timetables.", gate) as (url, _), serving() as model:
        fake = with_a_model(model, {"http_get": {"url": url}}, "Here is the trip.")
        async with bench(tmp_path) as at, at.on_telegram(**fake):
            await at.hand.say(at.group, at.ana, f"@{ME} plan a trip")
            await gate.reached.wait()
            receipt = await at.said(at.group, "#1")
            card = await shows(at, at.group, "running", of=receipt["message_id"])
            told = await at.hand.say(at.group, at.ana, "by aeroplane", reply_to=card["message_id"])
            await at.said(at.group, "before its next step")
            await at.hand.edit(at.group, told, "by train")
            await at.said(at.group, "told what the message says now")
            gate.open()
            await at.said(at.group, "Here is the trip.")
        last = str(model.service.requests[-1]["body"])
    assert "by train" in last
    assert "aeroplane" not in last


async def test_scene_6_forty_mentions_are_one_list_a_group_and_no_model_is_called(
    tmp_path: Path,
) -> None:
    asked: list[str] = []

    async def counted(assignment: Assignment, run: Run) -> Conclusion:
        asked.append(assignment.text)
        return await echo(assignment, run)

    # Telegram keeps what was said for a day, and not a moment longer.
    away = 86_000.0
    async with bench(tmp_path) as at:
        async with at.on_telegram(Custom(counted)) as swarm:
            other = await at.hand.supergroup("garden", at.ana, at.ben)
            await at.hand.say(at.group, at.ben, f"@{ME} first")
            await at.said(at.group, "You said: first")
            await over(swarm, ONE)
        for n in range(40):
            who = at.ana if n % 4 == 3 else at.ben
            await at.hand.say(at.group, who, f"@{ME} old {n}")
        for n in range(3):
            await at.hand.say(other, at.ben, f"@{ME} elsewhere {n}")
        await at.hand.advance(away)
        async with at.on_telegram(Custom(counted), clock=Later(away)):
            listed = await at.said(at.group, "40 messages were meant for me")
            await at.said(other, "3 messages were meant for me")
            assert asked == ["first"]
        async with at.on_telegram(Custom(counted), clock=Later(away)) as swarm:
            assert "20 more follow" in listed["text"]
            (old,) = [each for each in labels(listed) if each.endswith(": old 5")]
            (skip,) = [each for each in labels(listed) if each.startswith("Skip")]
            presses = [await at.press(listed, old, at.ben) for _ in range(2)]
            for each in presses:
                await at.hand.answered(each)
            await at.said(at.group, "You said: old 5")
            number = listed["message_id"]
            await shows(at, at.group, "39 messages were meant for me", of=number)
            skipped = await at.hand.answered(await at.press(listed, skip, at.ben))
            await shows(at, at.group, "10 messages were meant for me", of=number)
            await at.press(listed, skip, at.ana)
            await shows(at, at.group, "is decided on", of=number)
            done = await texts(swarm)
        lists = await at.hand.posted(at.group)
    assert skipped["text"] == "29 messages are let go of. 10 of others are left."
    assert done == asked == ["first", "old 5"]
    assert len([each for each in lists if "meant for me" in each["text"]]) == 1


async def test_scene_9_a_newcomer_taps_an_example_and_is_answered(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        async with at.on_telegram(Custom(echo), telegram={"welcome": True}) as swarm:
            hello = await at.said(at.group, "Press an example")
            nina = await at.hand.person("nina")
            await at.hand.join(at.group, nina)
            await at.press(hello, "What can you do?", nina)
            await at.said(at.group, "You said: What can you do?")
            task = (await swarm.views.task(ONE)).task
            started = await at.hand.say(nina, nina, "/start")
            mine = await at.said(nina, "Press an example")
            await at.press(mine, "What can you do?", nina)
            await at.said(nina, "You said: What can you do?")
            other = await at.hand.group("elsewhere", at.ana, at.ben)
            await at.said(other, "Press an example")
        async with at.on_telegram(Custom(echo), telegram={"welcome": True}):
            await at.hand.say(at.group, at.ben, f"@{ME} again")
            await at.said(at.group, "You said: again")
        hellos = await standing(at, at.group, "Press an example")
    assert started
    assert task.person == f"telegram/{at.group}/{nina}"
    assert (task.kind, task.state) == ("ask", "done")
    assert len(hellos) == 1
