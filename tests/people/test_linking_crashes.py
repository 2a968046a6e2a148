"""A process that is killed while it links has linked, with all that follows, or has not."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from swarm_core.people.codes import LENGTH
from swarm_core.store import Rows
from tests.people.several import at, code_for, digest, listening, number
from tests.people.test_company import company, say
from tests.womb import ROOT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("point", ["store.commit.before:1", "store.commit.after:1"])
async def test_a_link_is_whole_or_not_at_all(tmp_path: Path, point: str) -> None:
    command = [sys.executable, "-m", "tests.people.linking_process", str(tmp_path), point]
    died = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, check=False, capture_output=True, timeout=120
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert b"done" not in died.stdout
    async with company(tmp_path) as here:
        couriers = await listening(here.swarm, "discord")
        linked = number(here, "discord/7") == number(here, "telegram/70")
        assert not (linked and "before" in point)

        def stored(rows: Rows) -> tuple[int, ...]:
            asked = ("payers", "link_codes", "person_merged")
            counts = (f"select count(*) from {table}" for table in asked)
            return tuple(rows.execute(each).fetchone()[0] for each in counts)

        assert await here.swarm.store.read(stored) == ((1, 0, 1) if linked else (0, 1, 0))
        if linked:
            await couriers["discord"].until(lambda got: any(d.kind == "linked" for d in got))
        else:
            code = await code_for(await at(here, "discord/7"))
            assert len(code.code.replace("-", "")) == LENGTH
            await say(await at(here, "telegram/70"), f"/link {code.code}")
            assert number(here, "discord/7") == number(here, "telegram/70")
        await digest(here)
