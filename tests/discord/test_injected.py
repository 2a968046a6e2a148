"""Text that others wrote cannot raise anybody's permission, though a model obeys all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.discord.injections import (
    FEW,
    check,
    everything,
    other_ways,
    sample,
    scene,
    text_of,
)


async def test_nothing_that_others_say_in_the_room_is_done(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        task = await sample(here)
        found = await here.swarm.views.task(task.id)
        await check(here, obeyed=["/stop all"])
        assert here.refused, "the model wanted to open an address"
    assert found.overheard >= FEW
    assert "/stop all" in (found.task.result or ""), "the model obeyed"


@pytest.mark.long
async def test_no_shape_of_any_goal_is_done_wherever_it_is_written(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        assert await everything(here) >= 700
        await check(here, obeyed=["/stop all", "set_model"])
        assert here.refused, "the model wanted to open an address"


@pytest.mark.long
async def test_names_files_threads_and_menus_are_no_way_round(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        pointed = await other_ways(here)
        assert "/stop all" in await text_of(here, pointed), "the model read what is pointed at"
        await check(here, obeyed=["/stop all"])
