"""What has come and was not seen to, as after a sleep, when somebody changes the plan at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from swarm_core.schedule.model import Cron
from swarm_core.testing import OWNER, START
from tests.schedule.days import at, days
from tests.schedule.year import Wall
from tests.worlds import virtual


@pytest.mark.parametrize(
    ("what", "reason"), [("edit", "person"), ("remove", "person"), ("pause", "paused")]
)
@virtual
async def test_each_instant_has_its_row(tmp_path: Path, what: str, reason: str) -> None:
    wall = Wall(START)
    async with days(tmp_path, clock=wall) as here:
        await here.add()
        wall.set_by(timedelta(hours=3, minutes=30))
        do = here.swarm.priorities
        if what == "edit":
            await do.edit(OWNER, "chore", trigger=Cron("0 3 * * *"))
        elif what == "remove":
            await do.remove(OWNER, "chore")
        else:
            await do.pause(OWNER, "chore")
        found = await here.swarm.store.read(
            lambda rows: rows.execute(
                "select at, reason from instants where state = 'skipped' order by at"
            ).fetchall()
        )
        assert [tuple(row) for row in found] == [(at(hour), reason) for hour in (13, 14, 15)]
