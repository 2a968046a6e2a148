"""Buttons: an id that says nothing stands for a command, for somebody, at a place, for a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from swarm_core.build import ROOMS
from swarm_core.buttons import Buttons, Choice, Making
from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.errors import ButtonGone, ButtonOfAnother, ButtonUsed
from swarm_core.kernel.ids import SystemEntropy, TaskId
from swarm_core.store import Store, open_store
from swarm_core.testing import FakeClock

HERE = Place(surface="discord", space="10", thread="7")
ELSEWHERE = Place(surface="discord", space="10", thread="8")
ANA = Actor(surface="discord", space="10", person="1")
BEN = Actor(surface="discord", space="10", person="2")


@asynccontextmanager
async def buttons(folder: Path, clock: FakeClock) -> AsyncIterator[tuple[Buttons, Store]]:
    async with open_store(folder / "state", ROOMS, clock=clock) as store:
        yield Buttons(store, SystemEntropy()), store


def making(*choices: tuple[str, str], **more: object) -> Making:
    made = tuple(Choice(*each) for each in choices or (("Why", "/why 142"),))
    return Making(choices=made, place=HERE, **more)  # type: ignore[arg-type]


async def test_a_press_after_a_restart_is_the_command_it_stood_for(tmp_path: Path) -> None:
    clock = FakeClock()
    async with buttons(tmp_path, clock) as (kept, _):
        made = await kept.put([making(task=TaskId(142)), making(("Stop", "/stop 142"))])
    assert len(set(made)) == 2
    assert all(each.isalnum() and "142" not in each[:3] and len(each) <= 64 for each in made)
    async with buttons(tmp_path, clock) as (kept, _):
        for _ in range(2):
            pressed = await kept.take(made[0], BEN, HERE)
            assert (pressed.line, pressed.task) == ("/why 142", TaskId(142))
        assert (await kept.take(made[1], ANA, HERE)).line == "/stop 142"


async def test_more_offers_the_rest(tmp_path: Path) -> None:
    rest = (("Why", "/why 1"), ("Show", "/show 1"))
    async with buttons(tmp_path, FakeClock()) as (kept, _):
        (made,) = await kept.put([making(*rest)])
        pressed = await kept.take(made, ANA, HERE)
        assert pressed.line is None
        assert [(each.label, each.line) for each in pressed.choices] == list(rest)


async def test_of_a_list_the_one_that_was_picked_is_meant_and_no_other(tmp_path: Path) -> None:
    rest = (("Why", "/why 1"), ("Show", "/show 1"))
    async with buttons(tmp_path, FakeClock()) as (kept, _):
        (made,) = await kept.put([making(*rest, once=True)])
        for wrong in ("2", "-1", "", "x", "1.0", "²"):
            with pytest.raises(ButtonGone):
                await kept.take(made, ANA, HERE, wrong)
        assert (await kept.take(made, ANA, HERE, "1")).line == "/show 1"
        with pytest.raises(ButtonUsed):
            await kept.take(made, ANA, HERE, "0")


async def test_what_was_filled_in_before_and_what_is_asked_twice_is_kept(tmp_path: Path) -> None:
    choice = Choice("No", "/deny k --reason …", sure=True, typed={"reason": "too dear"})
    async with buttons(tmp_path, FakeClock()) as (kept, _):
        (made,) = await kept.put([Making(choices=(choice,), place=HERE)])
        assert (await kept.take(made, ANA, HERE)).choice == choice


async def test_a_button_of_an_older_release_still_works(tmp_path: Path) -> None:
    """It was kept as a name and a line, and nothing else."""
    async with buttons(tmp_path, FakeClock()) as (kept, store):
        (made,) = await kept.put([making()])
        old = '[["Why","/why 142"]]'
        await store.write(lambda tx: tx.execute("update buttons set choices = ?", (old,)))
        assert (await kept.take(made, ANA, HERE)).line == "/why 142"


async def test_it_works_here_for_whom_it_is_and_while_its_time_lasts(tmp_path: Path) -> None:
    clock = FakeClock()
    async with buttons(tmp_path, clock) as (kept, store):
        (made,) = await kept.put([making(person=ANA.key, kept=timedelta(hours=1))])
        with pytest.raises(ButtonOfAnother):
            await kept.take(made, BEN, HERE)
        with pytest.raises(ButtonGone):
            await kept.take(made, ANA, ELSEWHERE)
        with pytest.raises(ButtonGone):
            await kept.take(made[:-1] + "x", ANA, HERE)
        assert (await kept.take(made, ANA, HERE)).line == "/why 142"
        clock.move(timedelta(hours=1))
        with pytest.raises(ButtonGone):
            await kept.take(made, ANA, HERE)
        await kept.put([making()])
        count = await store.read(
            lambda rows: rows.execute("select count(*) from buttons").fetchone()
        )
        assert count == (1,)


async def test_a_double_press_of_one_that_works_once_counts_once(tmp_path: Path) -> None:
    async with buttons(tmp_path, FakeClock()) as (kept, _):
        (made,) = await kept.put([making(once=True)])
        both = await asyncio.gather(
            *(kept.take(made, ANA, HERE) for _ in range(5)), return_exceptions=True
        )
        assert sorted(type(one).__name__ for one in both) == ["ButtonUsed"] * 4 + ["Pressed"]
        with pytest.raises(ButtonUsed):
            await kept.take(made, ANA, HERE)


async def test_a_button_without_a_choice_is_refused(tmp_path: Path) -> None:
    async with buttons(tmp_path, FakeClock()) as (kept, _):
        with pytest.raises(ValueError, match="choice"):
            await kept.put([Making(choices=(), place=HERE)])


async def test_those_of_one_person_or_all_are_taken_out_of_use(tmp_path: Path) -> None:
    clock = FakeClock()
    async with buttons(tmp_path, clock) as (kept, _):
        of_ana = await kept.put([making(("one", "/ask 1"), person=ANA.key, once=True)])
        of_ben = await kept.put([making(("two", "/ask 2"), person=BEN.key, once=True)] * 2)
        ids = (*of_ana, *of_ben)
        await kept.take(of_ben[0], BEN, HERE)
        assert await kept.left(ids) == ((of_ana[0], "one"), (of_ben[1], "two"))
        assert await kept.use_up(ids, BEN.key) == 1
        assert await kept.left(ids) == ((of_ana[0], "one"),)
        with pytest.raises(ButtonUsed):
            await kept.take(of_ben[1], BEN, HERE)
        assert await kept.use_up(ids, None) == 1
        assert await kept.left(ids) == ()
        fresh = await kept.put([making()])
        clock.move(timedelta(days=31))
        assert await kept.left(fresh) == ()
