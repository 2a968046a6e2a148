"""Killed on its way: what was heard is not paid again, and what nobody knows of counts as paid."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from swarm_core.build import World, open_swarm
from swarm_core.kernel.crash import VOICE_POINTS
from swarm_core.testing import settings
from tests.fakes.models import serving
from tests.hearing.worlds import Said, money, sections
from tests.worlds import LONGEST, Noon

pytestmark = pytest.mark.slow

AFTER = {
    "voice.taken.before": (0, 0, 300, 1),
    "voice.act.before": (300, 0, 600, 1),
    "voice.act.after": (300, 1, 600, 2),
    "voice.ended.after": (300, 1, 300, 1),
}
"""By the point of the kill: what counts as spent and how often it was served after the next start,
and both once the same event has come again."""


@pytest.mark.parametrize("point", VOICE_POINTS)
async def test_a_kill_anywhere_pays_at_most_once_more_and_loses_nothing(
    point: str, tmp_path: Path
) -> None:
    spent, served, spent_then, served_then = AFTER[point]
    async with asyncio.timeout(LONGEST), serving() as fake:
        fake.script(keys=None)
        life = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.hearing.life", str(tmp_path), fake.url, point)
        )
        assert await life.wait() == -signal.SIGKILL
        told = settings(tmp_path, **sections(fake.url))
        async with open_swarm(told, World(clock=Noon(), drain=0.0)) as swarm:
            assert await money(swarm) == (0, spent)
            assert fake.counts()["total"]["served"] == served
            assert (await Said("killed on the way").heard(swarm)).text == "killed on the way"
            assert await money(swarm) == (0, spent_then)
            assert fake.counts()["total"]["served"] == served_then
            assert (await swarm.store.verify()).ok
