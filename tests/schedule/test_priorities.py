"""What people do about standing priorities, and what the file says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from swarm_core.kernel.actor import OPERATOR, Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import (
    BadArgument,
    BadSchedule,
    FromFile,
    GateNeeded,
    MissingArgument,
    NameTaken,
    NeverComes,
    NotAllowed,
    NotFound,
    TimePassed,
    TooOften,
    UnknownZone,
)
from swarm_core.people import Account
from swarm_core.schedule.model import Cron, Every, Once
from swarm_core.testing import OWNER, START, LoopClock, settings
from tests.schedule.days import Days, at, days, priority
from tests.worlds import virtual

WRONG = [
    ({"trigger": Cron(fields="0 0 31 2 *")}, NeverComes),
    ({"trigger": Cron(fields="0 9 * *")}, BadSchedule),
    ({"trigger": Cron(fields="61 9 * * *")}, BadSchedule),
    ({"trigger": Every(period=0, start=Micros(0))}, TooOften),
    ({"trigger": Once(at=at(11))}, TimePassed),
    ({"zone": "Europe/Berlyn"}, UnknownZone),
    ({"zone": "../../etc/passwd"}, UnknownZone),
    ({"name": "No Name"}, BadArgument),
    ({"text": "  "}, MissingArgument),
    ({"quiet": "22-8"}, BadArgument),
    ({"only_if_changed": True}, GateNeeded),
    ({"worker": "nobody"}, NotFound),
]


@virtual
async def test_what_is_wrong_is_refused_with_what_was_read(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        for fields, error in WRONG:
            with pytest.raises(error) as refused:
                await here.swarm.priorities.add(OWNER, priority(**fields))
            assert type(refused.value) is error, fields
        assert await here.swarm.priorities.listing(OWNER) == []


@virtual
async def test_a_name_is_taken_once_and_a_free_one_is_said(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        await here.add()
        await here.add(name="chore-2")
        with pytest.raises(NameTaken) as refused:
            await here.add()
        assert refused.value.data == {"name": "chore", "free": "chore-3"}


async def _operator(here: Days, account: str, space: str = "10", role: str = OPERATOR) -> Any:
    members = here.swarm.members
    given = Account(surface="chat", space=space, id=account, name=f"name-{account}")
    await members.resolve(given)
    await members.give(OWNER, f"chat/{account}", role, f"chat/{space}")
    return await members.resolve(given)


@virtual
async def test_who_sees_and_who_may(tmp_path: Path) -> None:
    there = Place(surface="chat", space="10", thread="7")
    async with days(tmp_path) as here:
        ana = await _operator(here, "7")
        ben = await _operator(here, "8", role="member")
        eve = await _operator(here, "9", space="20")
        do = here.swarm.priorities
        await do.add(ana, priority(place=there))
        with pytest.raises(NotAllowed):
            await do.add(ben, priority(name="other", place=there))
        assert [len(await do.listing(each)) for each in (ana, ben, eve, OWNER)] == [1, 1, 0, 1]
        with pytest.raises(NotFound):
            await do.pause(eve, "chore")
        for refused in (do.pause, do.remove, do.run, do.skip):
            with pytest.raises(NotAllowed):
                await refused(ben, "chore")


@virtual
async def test_it_runs_with_the_rights_of_whoever_it_runs_for_as_they_are_then(
    tmp_path: Path,
) -> None:
    there = Place(surface="chat", space="10", thread="7")
    async with days(tmp_path) as here:
        ana, ben = await _operator(here, "7"), await _operator(here, "8")
        do = here.swarm.priorities
        await do.add(ana, priority(place=there))
        await do.add(ana, priority(name="taken-over", place=there))
        await do.edit(ben, "taken-over", text="do it otherwise")
        await here.until(at(13))
        await here.swarm.members.give(OWNER, "chat/7", OPERATOR, "chat/10", take=True)
        await here.until(at(15))
        assert await here.became() == ["ran", "refused"]
        (stands,) = [s for s in await do.listing(OWNER) if s.priority.name == "chore"]
        assert stands.paused == "gone"
        assert await here.became("taken-over") == ["ran"] * 3
        tasks = [each.task for each in await here.instants("taken-over")]
        assert (await here.swarm.views.task(tasks[0] or 0)).task.person == ben.key  # type: ignore[arg-type]


def _filed(**fields: object) -> dict[str, object]:
    return {"run": "do it", "every": "1h", "zone": "UTC", **fields}


@virtual
async def test_the_file_says_what_holds_at_start_and_at_reload(tmp_path: Path) -> None:
    clock = LoopClock(START)
    async with days(tmp_path, clock=clock, priorities={"chore": _filed()}) as here:
        do = here.swarm.priorities
        await here.until(at(13))
        assert await here.became() == ["ran"]
        with pytest.raises(FromFile):
            await do.edit(OWNER, "chore", text="otherwise")
        with pytest.raises(FromFile):
            await do.remove(OWNER, "chore")
        await do.add(OWNER, priority(name="spoken"))
        limits = {"task_time": "3d", "ask_time": "1d"}
        wanted = {"other": _filed(cron="0 9 * * *", every=None), "spoken": _filed()}
        await here.swarm.reloading.apply(
            settings(
                tmp_path,
                priorities={**wanted, "wrong": _filed(zone="Nowhere")},
                limits=limits,
                tasks={"link_similar": False},
                lease={"duration": "1h"},
            )
        )
        assert [s.priority.name for s in await do.listing(OWNER)] == ["other", "spoken"]
        assert sorted(do.wrong) == ["spoken", "wrong"]
    async with days(tmp_path, clock=clock) as here:
        assert [s.priority.name for s in await here.swarm.priorities.listing(OWNER)] == ["spoken"]


@virtual
async def test_a_file_that_stays_the_same_changes_nothing(tmp_path: Path) -> None:
    clock = LoopClock(START)
    for _ in range(2):
        async with days(tmp_path, clock=clock, priorities={"chore": _filed()}) as here:
            rows = await here.swarm.store.read(
                lambda rows: rows.execute(
                    "select count(*) from journal where kind in ('priority.set', 'instant.planned')"
                ).fetchone()
            )
    assert rows == (2,)


@virtual
async def test_the_next_instants_are_told_before_anything_is_set_up(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        found = here.swarm.priorities.preview(
            priority(trigger=Cron(fields="0 9 * * 1-5"), zone="Europe/Berlin"), n=3
        )
        assert [f"{each:%a %d %H:%M}" for each in found] == [
            "Fri 02 08:00",
            "Mon 05 08:00",
            "Tue 06 08:00",
        ]
        assert len(here.swarm.priorities.preview(priority(trigger=Once(at=at(18))))) == 1
