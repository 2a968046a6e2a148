"""What a priority needs and is not there any more pauses it, and somebody hears of it."""

from __future__ import annotations

from pathlib import Path

from swarm_core.kernel.actor import Place
from swarm_core.kernel.errors import SurfaceRefused
from swarm_core.testing import OWNER, START, LoopClock, MemoryCourier
from tests.schedule.days import Days, at, carry, days
from tests.worlds import Custom, virtual

PLACE = Place(surface="chat", space="10", thread="7")


async def _stands(here: Days) -> str:
    (stands,) = await here.swarm.priorities.listing(OWNER)
    return str(stands.paused)


@virtual
async def test_a_worker_that_is_gone(tmp_path: Path) -> None:
    clock = LoopClock(START)
    async with days(tmp_path, clock=clock) as here:
        await here.add(worker="custom")
        await here.until(at(13))
    async with days(tmp_path, clock=clock, worker=Custom(carry, "another")) as here:
        await here.until(at(14))
        assert await here.became() == ["ran", "refused"]
        assert await _stands(here) == "gone"
        assert [d.about["what"] for d in here.told("paused")] == ["custom"]


@virtual
async def test_a_workspace_that_is_gone(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        await here.add()
        (tmp_path / "workspace").rmdir()
        await here.until(at(14))
        assert await here.became() == ["refused"]
        assert [d.about["what"] for d in here.told("paused")] == [str(tmp_path / "workspace")]


@virtual
async def test_words_that_were_erased(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        await here.add()
        await here.swarm.keeping.erasing.erase(OWNER, OWNER.key)
        await here.until(at(14))
        assert await here.became() == ["refused"]
        assert await _stands(here) == "gone"


@virtual
async def test_a_place_that_takes_nothing_any_more_is_told_to_the_owner(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        away = MemoryCourier(lambda _: SurfaceRefused(surface="chat", problem="unknown channel"))
        await here.swarm.outbox.attach("chat", away)
        await here.add(place=PLACE, report="always")
        await here.until(at(14))
        assert await here.became() == ["ran"]
        assert await _stands(here) == "gone"
        assert [d.about["what"] for d in here.told("paused")] == ["chat/10/7"]
