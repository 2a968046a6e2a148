"""What becomes of the instants of a standing priority."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import NotFound, NothingMissed
from swarm_core.schedule.model import MINUTE, Cron, Every, Gate, Once
from swarm_core.testing import OWNER, START, LoopClock
from tests.schedule.days import DAY, HOUR, at, daily, days
from tests.worlds import virtual


@virtual
async def test_each_instant_is_one_task_and_the_next_is_planned(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        await here.add(report="always")
        await here.until(at(15))

        found = await here.instants()
        assert [each.at for each in found] == [at(13), at(14), at(15)]
        assert {each.state for each in found} == {"ran"}
        assert len({each.task for each in found}) == 3
        assert all(each.outcome == "done" for each in found)
        (stands,) = await here.swarm.priorities.listing(OWNER)
        assert stands.next == at(16)
        assert [d.task for d in here.told("ended")] == [each.task for each in found]
        assert here.told("accepted") == []


@virtual
async def test_a_restart_arms_what_was_planned_and_runs_nothing_twice(tmp_path: Path) -> None:
    clock = LoopClock(START)
    async with days(tmp_path, clock=clock) as here:
        await here.add()
        await here.until(at(13))
    async with days(tmp_path, clock=clock) as here:
        await here.until(at(14, 30))
        assert [each.at for each in await here.instants()] == [at(13), at(14)]
    async with days(tmp_path, clock=clock) as here:
        assert await here.became() == ["ran", "ran"]
        await here.swarm.store.write(lambda tx: None)


@virtual
async def test_three_days_asleep_are_one_card_and_every_instant_has_its_row(
    tmp_path: Path,
) -> None:
    clock = LoopClock(START)
    async with days(tmp_path, clock=clock) as here:
        await here.add(trigger=Every(period=5 * MINUTE, start=Micros(0)))
    await asyncio.sleep(3 * DAY / 1_000_000)
    async with days(tmp_path, clock=clock) as here:
        await here.until(at(12, 6, day=4))
        shown = await here.swarm.priorities.show(OWNER, "chore", last=2_000)
        found = list(reversed(shown.instants))
        assert [each.at for each in found] == [at(12, 5) + n * 5 * MINUTE for n in range(865)]
        assert shown.standing.missed == 863
        assert [each.state for each in found[-2:]] == ["ran", "ran"]
        (card,) = here.told("missed")
        assert card.about == {
            "priority": "chore",
            "count": 863,
            "first": at(12, 5),
            "last": at(11, 55, day=4),
        }

        first, second = shown.missed[:2]
        receipt = await here.swarm.priorities.run(OWNER, "chore", first.at)
        assert await here.swarm.priorities.skip(OWNER, "chore", second.at) == 1
        with pytest.raises(NothingMissed):
            await here.swarm.priorities.run(OWNER, "chore", first.at)
        assert await here.swarm.priorities.skip(OWNER, "chore") == 861
        found = await here.instants()
        assert (found[0].state, found[0].late, found[0].task) == ("ran", True, receipt.task)
        assert {each.reason for each in found[1:863]} == {"person"}


@virtual
async def test_what_was_missed_is_caught_up_as_it_says(tmp_path: Path) -> None:
    clock = LoopClock(START)
    async with days(tmp_path, clock=clock) as here:
        for name in ("latest", "skip"):
            await here.add(name=name, catch_up=name)
    await asyncio.sleep(5.5 * 3_600)
    async with days(tmp_path, clock=clock) as here:
        await here.until(at(17, 31))
        assert await here.became("latest") == ["caught_up"] * 4 + ["ran"]
        assert await here.became("skip") == ["passed"] * 5
        assert here.told("missed") == []


@virtual
async def test_a_little_late_is_in_time(tmp_path: Path) -> None:
    clock = LoopClock(START)
    async with days(tmp_path, clock=clock) as here:
        await here.add()
    await asyncio.sleep(3_600 + 14 * 60)
    async with days(tmp_path, clock=clock) as here:
        await here.until(at(13, 15))
        assert [(each.at, each.state) for each in await here.instants()] == [(at(13), "ran")]


@virtual
async def test_one_at_work_keeps_the_next_back_or_gives_way_to_it(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        for name in ("skip", "queue", "replace"):
            await here.add("work 9000", name=name, overlap=name)
        await here.until(at(18, 59))

        assert await here.became("skip") == ["ran", "overlap", "overlap"] * 2
        # One waits; what comes while it does is passed over.
        waited = await here.instants("queue")
        assert [each.reason or each.state for each in waited] == [
            "ran",
            "ran",
            "overlap",
            "ran",
            "overlap",
        ]
        replaced = await here.instants("replace")
        assert [each.outcome for each in replaced] == ["cancelled"] * 5 + [""]


@virtual
async def test_hours_cooldown_and_mode_keep_it_back_and_a_person_does_not_ask_them(
    tmp_path: Path,
) -> None:
    async with days(tmp_path) as here:
        await here.add(name="quiet", quiet="14:00-16:00")
        await here.add(name="cool", cooldown=2 * HOUR)
        await here.add(name="hand", mode="manual")
        await here.until(at(16))
        assert await here.became("quiet") == ["ran", "quiet", "quiet", "ran"]
        assert await here.became("cool") == ["ran", "cooldown", "ran", "cooldown"]
        assert await here.became("hand") == ["manual"] * 4

        receipt = await here.swarm.priorities.run(OWNER, "hand")
        await here.until(at(16, 1))
        (ran,) = [each for each in await here.instants("hand") if each.state == "ran"]
        assert ran.task == receipt.task
        assert [d.task for d in here.told("ended")] == [receipt.task], "a person waits for it"


@virtual
async def test_the_usual_cooldown_is_no_longer_than_the_time_between_two_instants(
    tmp_path: Path,
) -> None:
    async with days(tmp_path) as here:
        await here.add(trigger=Every(period=10 * MINUTE, start=Micros(0)))
        await here.until(at(12, 30))
        assert await here.became() == ["ran"] * 3


@virtual
async def test_jitter_is_the_same_after_a_restart_and_before_the_next_instant(
    tmp_path: Path,
) -> None:
    clock = LoopClock(START)
    async with days(tmp_path, clock=clock) as here:
        await here.add(jitter=DAY)
        (due,) = await here.swarm.store.read(
            lambda rows: rows.execute("select due from instants").fetchone()
        )
        assert at(13) < due < at(14)
        await here.until(Micros(due - 2_000_000))
        assert await here.became() == []
    async with days(tmp_path, clock=clock) as here:
        await here.until(due)
        assert [(each.at, each.state) for each in await here.instants()] == [(at(13), "ran")]


@virtual
async def test_paused_nothing_runs_and_resumed_it_goes_on_from_there(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        await here.add()
        await here.swarm.priorities.pause(OWNER, "chore")
        await here.swarm.priorities.resume(OWNER, "chore")
        await here.until(at(13))
        await here.swarm.priorities.pause(OWNER, "chore")
        await here.until(at(15, 30))
        (stands,) = await here.swarm.priorities.listing(OWNER)
        assert (stands.paused, stands.next) == ("person", None)
        await here.swarm.priorities.resume(OWNER, "chore")
        await here.until(at(16))
        assert [each.at for each in await here.instants()] == [at(13), at(16)]
        assert here.told("paused") == [], "who paused it knows"


@virtual
async def test_failures_in_a_row_pause_it_sooner_when_they_cost(tmp_path: Path) -> None:
    async with days(tmp_path, price=50) as here:
        await here.add("pay 50 fail", name="paid")
        await here.add("pay 50", name="good")
        await here.until(at(20))
        assert await here.became("paid") == ["ran"] * 3
        assert await here.became("good") == ["ran"] * 8
        (card,) = here.told("paused")
        assert card.about == {"priority": "paid", "why": "failures", "what": "no_worker"}
    async with days(tmp_path / "free") as here:
        await here.add("do it fail")
        await here.until(at(20, day=2))
        assert await here.became() == ["ran"] * 10


@virtual
async def test_a_reminder_is_told_and_is_no_task(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        await here.add("water the plants", action="remind", trigger=Once(at=at(23)))
        await here.until(at(23))
        assert [d.about["priority"] for d in here.told("remind")] == ["chore"]
        (only,) = await here.instants()
        assert (only.state, only.task, only.outcome) == ("ran", None, "done")
        (stands,) = await here.swarm.priorities.listing(OWNER)
        assert stands.next is None
        assert await here.swarm.priorities.words("chore") == "water the plants"


@virtual
async def test_another_schedule_takes_the_place_of_what_was_planned(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        await here.add()
        await here.swarm.priorities.edit(OWNER, "chore", trigger=daily(18))
        await here.until(at(19))
        assert [each.at for each in await here.instants()] == [at(18)]
        await here.swarm.priorities.edit(OWNER, "chore", text="do it otherwise")
        (stands,) = await here.swarm.priorities.listing(OWNER)
        assert stands.next == at(18, day=2)
        texts = await here.swarm.store.read(
            lambda rows: rows.execute(
                "select count(*) from bodies where content like 'do it%' and task is null"
            ).fetchone()
        )
        assert texts == (1,), "words that were replaced are not kept"


@virtual
async def test_removed_it_runs_no_more(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        await here.add()
        await here.until(at(13))
        await here.swarm.priorities.remove(OWNER, "chore")
        with pytest.raises(NotFound):
            await here.swarm.priorities.show(OWNER, "chore")
        await here.until(at(15))
        await here.add(trigger=daily(17))
        await here.until(at(18))
        assert [each.at for each in await here.instants()] == [at(13), at(17)]


@virtual
async def test_a_gate_lets_it_run_when_it_says_something_new(tmp_path: Path) -> None:
    gate = Gate(run="look around", when="changed")
    async with days(tmp_path, playbooks={"folders": [book(tmp_path)]}) as here:
        await here.add(gate=gate)
        await here.until(at(15))
        assert await here.became() == ["ran", "unchanged", "unchanged"]
        found = await here.instants()
        material = await here.swarm.store.read(
            lambda rows: rows.execute(
                "select count(*) from task_room where task = ?", (found[0].task,)
            ).fetchone()
        )
        assert material == (1,), "what the gate said goes along"
        assert here.told("ended") == []


@virtual
async def test_a_gate_that_does_not_end_as_wanted_keeps_it_back(tmp_path: Path) -> None:
    async with days(tmp_path, playbooks={"folders": [book(tmp_path)]}) as here:
        await here.add(gate=Gate(run="look around", when="failed"))
        await here.add(name="both", gate=Gate(run="look around"), only_if_changed=True)
        await here.until(at(14))
        assert await here.became() == ["gate", "gate"]
        assert await here.became("both") == ["ran", "unchanged"]


def book(folder: Path) -> Path:
    made = folder / "book"
    made.mkdir(parents=True, exist_ok=True)
    (made / "look.yaml").write_text(
        "name: look\nsummary: Looks.\nexamples: [look around]\ntriggers: [look around]\n"
        "steps:\n  - {id: look, tool: activity, args: {since: 1m}}\noutput: All is well.\n"
    )
    return made


@virtual
async def test_a_wall_clock_goes_by_its_zone(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        await here.add(trigger=Cron(fields="30 2 * * *"), zone="Europe/Berlin")
        await here.until(at(12, day=3))
        assert [each.at for each in await here.instants()] == [at(1, 30, day=2), at(1, 30, day=3)]
