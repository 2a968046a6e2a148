"""Scenes on Telegram of what is sent: a restart, five people under one cap, lost answers, chats
that take nothing any more."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.clock import SystemClock
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.model import Conclusion, Run
from swarm_core.testing import OWNER, ScriptedModel
from tests.discord.test_scenes_posts import reminded
from tests.telegram.bench import bench
from tests.telegram.looking import (
    ME,
    ONE,
    Slow,
    echo,
    labels,
    noticed,
    notices,
    shows,
    standing,
)
from tests.worlds import UNSHARED, Custom, Gate, Noon, a_call, answer, over


async def test_scene_1_the_card_is_back_after_a_kill_and_no_call_is_repeated(
    tmp_path: Path,
) -> None:
    gate, calls = Gate(), list[int]()

    async def made(n: int) -> Any:
        calls.append(n)
        return answer(f"part {n}")

    async def parts(assignment: Assignment, run: Run) -> Conclusion:
        await run.step(a_call(1), lambda _: made(1))
        await gate()
        await run.step(a_call(2), lambda _: made(2), last=lambda _: None)
        return Conclusion(state="done", text="both parts")

    async with bench(tmp_path) as at:
        async with at.on_telegram(Custom(parts)):
            await at.hand.command(at.group, at.ana, "task", "dig", at=ME)
            receipt = await at.said(at.group, "#1")
            await gate.reached.wait()
            await shows(at, at.group, "running", of=receipt["message_id"])
        since = await at.hand.now()
        async with at.on_telegram(Custom(parts)) as swarm:
            await at.said(at.group, "running", since=since)
            gate.open()
            await at.said(at.group, "both parts")
            await over(swarm, ONE)
            await shows(at, at.group, "done", of=receipt["message_id"])
            await noticed(swarm, "ended", "sent")
        answers = await standing(at, at.group, "both parts")
    assert calls == [1, 2]
    assert len(answers) == 1


async def test_scene_3_five_people_under_a_small_cap_get_five_answers(tmp_path: Path) -> None:
    model = ScriptedModel(hold=MicroUSD(50_000), price=MicroUSD(10_000))
    money = {"day": "$0.10", "person_day": "$0.10", **UNSHARED}
    async with bench(tmp_path) as at, at.on_telegram(model, budget=money, clock=Noon()) as swarm:
        await at.hand.advance((Noon().now() - SystemClock().now()).total_seconds())
        await at.hand.command(at.group, at.ana, "status", at=ME)
        people = [await at.hand.person(f"p{n}") for n in range(5)]
        for who in people:
            await at.hand.join(at.group, who)
        asking = [
            at.hand.command(at.group, who, "ask", f"q{n}", at=ME) for n, who in enumerate(people)
        ]
        await asyncio.gather(*asking)
        for n in range(5):
            await at.said(at.group, f"ok 1: q{n}")
        (day, *_) = [a for a in await swarm.views.money(OWNER.key) if a.cap_name == "day"]
    assert (day.spent, day.held) == (50_000, 0)
    assert sorted(model.answers.values()) == [1] * 5


async def test_scene_7_a_result_whose_answer_was_lost_comes_again_and_says_so(
    tmp_path: Path,
) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow)) as swarm:
        await at.hand.command(at.group, at.ben, "ask", "hello", at=ME)
        receipt = await at.said(at.group, "#1")
        await slow.gate.reached.wait()
        await shows(at, at.group, "running", of=receipt["message_id"])
        await at.hand.fault("lost", method="sendMessage", chat=at.group, count=1)
        slow.gate.open()
        first = await at.said(at.group, "You said: hello")
        await noticed(swarm, "ended", "sent")
        (once, again) = await standing(at, at.group, "You said: hello")
    assert once["message_id"] == first["message_id"]
    assert "This may be a repeat" in again["text"]
    assert "This may be a repeat" not in once["text"]


async def test_scene_7_a_question_whose_answer_was_lost_is_uncertain_and_never_doubled(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at, at.on_telegram(Custom(echo)) as swarm:
        await at.hand.command(at.ana, at.ana, "ask", "hello")
        await at.said(at.ana, "You said: hello")
        await noticed(swarm, "ended", "sent")
        await at.hand.fault("lost", method="sendMessage", chat=at.ana, count=1)
        before = len(await standing(at, at.ana))
        await reminded(swarm)
        await noticed(swarm, "reminder", "uncertain")
        since = await at.hand.now()
        await at.hand.command(at.ana, at.ana, "outbox")
        listed = await at.said(at.ana, "#1", since=since)
        after = len(await standing(at, at.ana))
        await at.press(listed, labels(listed)[0], at.ana)
        await noticed(swarm, "reminder", "sent")
    # It, what tells that it is uncertain, and the list; nothing of it twice.
    assert after - before <= 3
    assert "uncertain" in listed["text"]


async def test_what_a_group_takes_no_more_goes_to_whoever_asked(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow)) as swarm:
        await at.hand.command(at.group, at.ben, "ask", "hello", at=ME)
        await at.said(at.group, "#1")
        await slow.gate.reached.wait()
        await at.hand.kick(at.group)
        slow.gate.open()
        told = await at.said(at.ben, "You said: hello")
        await over(swarm, ONE)
    assert "I cannot write any more" in told["text"]


async def test_what_nobody_can_be_given_fails_and_the_owner_is_told(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow)) as swarm:
        nina = await at.hand.person("nina")
        await at.hand.join(at.group, nina)
        await at.hand.command(at.group, nina, "ask", "hello", at=ME)
        await at.said(at.group, "#1")
        await slow.gate.reached.wait()
        await at.hand.kick(at.group)
        slow.gate.open()
        await noticed(swarm, "ended", "failed")
        told = [kind for kind, _ in await notices(swarm)]
        since = await at.hand.now()
        await at.hand.command(at.ana, at.ana, "outbox")
        listed = await at.said(at.ana, "#1", since=since)
    assert "undelivered" in told
    assert labels(listed)


async def test_what_whoever_blocked_the_bot_was_to_be_told_is_kept_for_them(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow)) as swarm:
        await at.hand.say(at.ana, at.ana, "hello")
        await at.said(at.ana, "#1")
        await slow.gate.reached.wait()
        await at.hand.block(at.ana)
        slow.gate.open()
        await noticed(swarm, "ended", "failed")
        await at.hand.unblock(at.ana)
        await at.hand.say(at.ana, at.ana, "still there?")
        await at.said(at.ana, "You said: still there?")
        since = await at.hand.now()
        await at.hand.command(at.ana, at.ana, "outbox")
        listed = await at.said(at.ana, "#1", since=since)
        await at.press(listed, labels(listed)[0], at.ana)
        await at.said(at.ana, "You said: hello")
        sent = [each for each in await at.hand.requests() if "Forbidden" in str(each)]
    assert len(sent) <= 1, "what a private chat refuses is not tried there once more"


async def test_a_group_that_becomes_a_supergroup_stays_the_place_it_was(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow)) as swarm:
        small = await at.hand.group("small", at.ana, at.ben)
        await at.hand.command(small, at.ana, "channel", "set", "cap", "2", at=ME)
        await at.said(at.ana, "cap")
        await at.hand.command(small, at.ben, "ask", "hello", at=ME)
        receipt = await at.said(small, "#1")
        await slow.gate.reached.wait()
        await shows(at, small, "running", of=receipt["message_id"])
        large = await at.hand.migrate(small)
        card = await at.said(large, "#1")
        await at.hand.say(large, at.ben, "by train", reply_to=card["message_id"])
        await at.said(large, "before its next step")
        slow.gate.open()
        done = await at.said(large, "You said: hello")
        await over(swarm, ONE)
        assert await swarm.ears.heard(ONE, 0) == ("by train",)
        await at.hand.say(large, at.ben, "and then", reply_to=done["message_id"])
        await at.said(large, "You said: and then")
        places = {task.place.space for task in await swarm.views.listing()}
        since = await at.hand.now()
        await at.hand.command(large, at.ana, "channel", at=ME)
        kept = await at.said(at.ana, "cap", since=since)
    assert places == {str(small)}
    assert "2" in kept["text"]
