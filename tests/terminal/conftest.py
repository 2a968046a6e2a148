from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from swarm_core import CardView, TaskId
from swarm_core.testing import OWNER, ScriptedModel, request, swarm


@pytest.fixture
def views(tmp_path: Path) -> list[CardView]:
    """The cards of two tasks that have not ended, newest first."""

    async def make() -> list[CardView]:
        async with swarm(tmp_path, ScriptedModel()) as (opened, _):
            await opened.control.stop(OWNER, "all")
            for text in ("count the bees", "count the flowers"):
                await opened.intake.submit(OWNER, request(text))
            return await opened.views.cards([TaskId(2), TaskId(1)])

    return asyncio.run(make())
