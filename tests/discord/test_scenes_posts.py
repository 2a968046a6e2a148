"""Scenes from a day on Discord: five people under one cap, a lost answer, a stop that beats
everything."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.ids import NoticeId
from swarm_core.kernel.money import MicroUSD
from swarm_core.notices.events import NoticeQueued
from swarm_core.steps.model import Conclusion, Run
from swarm_core.store import Tx
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, ScriptedModel
from tests.discord.bench import Bench
from tests.discord.decisions import asked, calm, ids, made, pressed, shows, told
from tests.discord.test_asking import echo
from tests.worlds import LONGEST, UNSHARED, Custom, Gate, Noon, a_call, answer, over


async def test_scene_3_five_people_under_a_small_cap_get_five_answers(tmp_path: Path) -> None:
    model = ScriptedModel(hold=MicroUSD(50_000), price=MicroUSD(10_000))
    money = {"day": "$0.10", "person_day": "$0.10", **UNSHARED}
    async with calm(tmp_path) as at, at.on_discord(model, budget=money, clock=Noon()) as swarm:
        people = [await at.hand.person(f"p{n}", at.guild) for n in range(5)]
        asking = [
            at.hand.command(at.channel, who, "ask", text=f"q{n}") for n, who in enumerate(people)
        ]
        for number in await asyncio.gather(*asking):
            await made(at, number)
        for n, who in enumerate(people):
            await shows(at, f"<@{who}>", f"ok 1: q{n}")
        (day, *_) = [a for a in await swarm.views.money(OWNER.key) if a.cap_name == "day"]
    assert (day.spent, day.held) == (50_000, 0)
    assert sorted(model.answers.values()) == [1] * 5


async def test_scene_7_a_lost_answer_is_found_when_the_service_is_back(tmp_path: Path) -> None:
    async with calm(tmp_path, nonce_window=0.0) as at, at.on_discord(Custom(echo)) as swarm:
        await at.hand.fault("lost", operation="create_message", count=1)
        await at.hand.command(at.channel, at.ben, "ask", text="hello")
        await at.hand.wait("create", nonce="waggle-1-0")
        await gone_and_back(at, 1_800)
        await state_of(swarm, 1, "sent")
        answers = [m for m in await at.posted(1) if "You said: hello" in m["content"]]
    assert len(answers) == 1


@pytest.mark.parametrize("arrived", [True, False], ids=["arrived", "lost"])
async def test_scene_7_what_is_never_sent_again_by_itself_is_found_or_told_as_uncertain(
    tmp_path: Path, arrived: bool
) -> None:
    async with calm(tmp_path, nonce_window=0.0) as at, at.on_discord(Custom(echo)) as swarm:
        await asked(at, at.ben, text="hello")
        await shows(at, "You said: hello")
        await over(swarm, 1)  # type: ignore[arg-type]
        await at.hand.fault("lost" if arrived else "before", operation="create_message", count=9)
        notice = await reminded(swarm)
        await state_of(swarm, notice, "uncertain")
        await at.hand.mend()
        await gone_and_back(at, 1_800)
        if arrived:
            await state_of(swarm, notice, "sent")
        else:
            card = await shows(at, "Delivery uncertain")
            said = await pressed(at, card, at.ben, "Send again")
            assert "is sent again" in told(said["message"])
            late = await pressed(at, card, at.ben, "Send again")
            assert "it is not sent again" in told(late["message"])
            await state_of(swarm, notice + 2, "sent")
        record = await at.hand.record()
    made = [e["json"] for e in record if e["kind"] == "create" and at.ben in e.get("pinged", ())]
    assert len([card for card in made if "#1 hello" in str(card.get("embeds"))]) == 1


async def reminded(swarm: Swarm) -> NoticeId:
    """A notice of the first task that is never sent again by itself."""
    place = (await swarm.views.task(1)).task.place  # type: ignore[arg-type]

    def queue(tx: Tx) -> NoticeId:
        notice = NoticeId(tx.next_id("notices"))
        fact = NoticeQueued(
            notice=notice, notice_kind="reminder", delivery_class="decision", place=place
        )
        tx.append(fact, OWNER, task=1)  # type: ignore[arg-type]
        return notice

    return await swarm.store.write(queue)


async def gone_and_back(at: Bench, seconds: float) -> None:
    """The whole service, for a while of its own time; then the gateway is there again."""
    since = await at.hand.now()
    await at.hand.settings(down=True)
    await at.hand.do("cut")
    await at.hand.advance(seconds)
    await at.hand.settings(down=False)
    await at.hand.wait("resume", since=since)


async def state_of(swarm: Swarm, notice: int, state: str) -> None:
    """Wait until a notice is in that state."""
    async with asyncio.timeout(LONGEST):
        while True:
            row = await swarm.store.read(
                lambda rows: rows.execute(
                    "select state from notices where id = ?", (notice,)
                ).fetchone()
            )
            if row and row[0] == state:
                return
            await swarm.store.write(lambda tx: None)


async def test_stop_beats_a_full_queue_a_spent_budget_and_a_provider_that_hangs(
    tmp_path: Path,
) -> None:
    """Nothing of the work has to move for it: the gate stays shut until the stop is answered."""
    gate, begun = Gate(), list[int]()

    async def hangs(assignment: Assignment, run: Run) -> Conclusion:
        begun.append(assignment.task)
        await run.step(a_call(most=90_000), lambda _: paid(gate), last=lambda _: None)
        return Conclusion(state="done")

    money = {"ask": "$1", "day": "$0.10", "person_day": "$0.10", **UNSHARED}
    async with (
        calm(tmp_path) as at,
        at.on_discord(Custom(hangs, most=90_000), budget=money, clock=Noon()) as swarm,
    ):
        for n in range(12):
            await asked(at, at.ana, text=f"q{n}")
        await gate.reached.wait()
        said = await asked(at, at.ana, "stop", what="all")
        status = await swarm.views.status()
        before = len(begun)
        gate.open()
        left = await swarm.views.listing()
    assert "resume" in told(said)
    assert status.stops
    assert {task.state.value for task in left} <= {"waiting", "ready"}
    assert len(begun) == before


async def paid(gate: Gate) -> Any:
    await gate()
    return answer()


async def test_the_budget_is_raised_from_a_list_or_by_another_amount_that_is_checked(
    tmp_path: Path,
) -> None:
    money = {"day": "$1", "person_day": "$1"}
    async with (
        calm(tmp_path) as at,
        at.on_discord(Custom(echo), budget=money, clock=Noon()) as swarm,
    ):
        shown = await asked(at, at.ana, "budget")
        pick = next(
            number for label, number in ids(shown).items() if "the day" in label or "Raise" in label
        )
        picked = await at.hand.pick(at.channel, shown["id"], at.ana, pick, "1")
        said = told((await made(at, picked))["message"])
        opened = await at.hand.pick(at.channel, shown["id"], at.ana, pick, "3")
        await made(at, opened)
        wrong = await at.hand.submit(opened, amount="a lot")
        refused = (await made(at, wrong))["message"]
        again = await at.hand.press(at.channel, refused["id"], at.ana, ids(refused)["Correct it…"])
        form = (await made(at, again))["modal"]
        sent = await at.hand.submit(again, amount="0.07")
        done = told((await made(at, sent))["message"])
        raised = [a.cap for a in await swarm.views.money(OWNER.key) if a.cap_name == "day"]
    assert "Raised by $0.50" in said
    assert "an amount in dollars" in told(refused)
    assert "You wrote: a lot" in told(refused)
    assert "'value': 'a lot'" in str(form)
    assert "Raised by $0.07" in done
    assert raised == [1_570_000]


async def test_words_for_a_worker_come_through_a_form_and_others_are_offered_their_own(
    tmp_path: Path,
) -> None:
    gate = Gate()

    async def slow(assignment: Assignment, run: Run) -> Conclusion:
        await gate()
        return await echo(assignment, run)

    async with calm(tmp_path) as at, at.on_discord(Custom(slow)) as swarm:
        cleo = await at.hand.person("cleo", at.guild)
        await asked(at, at.ben, text="one")
        card = await shows(at, "#1 one", "running")
        opened = await at.hand.press(at.channel, card["id"], at.ben, ids(card)["Tell it…"])
        await made(at, opened)
        sent = await at.hand.submit(opened, text="only\nthe last month")
        await made(at, sent)
        other = await pressed(at, card, cleo, "Tell it…")
        own = await at.hand.press(
            at.channel, other["message"]["id"], cleo, ids(other["message"])["Ask separately"]
        )
        await made(at, own)
        long = "why? " * 500
        asking = await at.hand.submit(own, text=long)
        await made(at, asking)
        gate.open()
        told_facts = [f.event.kind for f in await swarm.store.history(1)]  # type: ignore[arg-type]
        second = (await swarm.views.task(2)).task  # type: ignore[arg-type]
        await shows(at, "You said: why?")
    assert "Only ben steers #1" in told(other["message"])
    assert told_facts.count("task.told") == 1
    assert (second.text or "").strip() == long.strip()
    assert second.person.rpartition("/")[2] == cleo
    assert second.place.thread != card["id"]


async def test_what_is_shown_elsewhere_is_previewed_and_posted_once(tmp_path: Path) -> None:
    async with calm(tmp_path) as at, at.on_discord(Custom(echo)):
        other = await at.hand.channel(at.guild, "other")
        await asked(at, at.ana, text="hello")
        await shows(at, "You said: hello")
        where = f"discord/{at.guild}/{other}"
        preview = await asked(at, at.ana, "share", number="1", to=where)
        assert await at.hand.messages(other) == []
        twice = [
            await at.hand.press(at.channel, preview["id"], at.ana, ids(preview)["Post it"])
            for _ in range(2)
        ]
        said = [told((await made(at, each))["message"]) for each in twice]
        await shows(at, "You said: hello", channel=other)
        posts = await at.posted(1, other)
    assert sorted("it is not posted again" in each for each in said) == [False, True]
    assert len(posts) == 1
