"""Backups taken at moments of chance while a swarm works come back elsewhere whole, and in time.

With `long` the state is large as well, and how long a restore takes is told.
"""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime
from pathlib import Path

from swarm_core.store import make_backup
from swarm_core.testing import OWNER
from tests.bench.growth import build
from tests.e2e.verify.trial import Given, Seen
from tests.keeping.states import a_model, put_back, spent, verified, work
from tests.worlds import awake

SHORT, LONG = 3, 40
"""Backups of a working swarm."""
TASKS = 250_000
"""Of a large state: a million facts."""
MOST_SECONDS = 300
"""How long a restore of it may take."""


async def run(given: Given) -> Seen:
    """See `Trial`."""
    seen, chance, folder = Seen(), random.Random(given.seed), given.folder
    rounds = LONG if given.long else SHORT
    for number in range(rounds):
        here, there = folder / f"{number}" / "here", folder / f"{number}" / "there"
        async with awake(here, a_model()) as swarm:
            writing = asyncio.create_task(work(swarm, 12))
            await asyncio.sleep(chance.uniform(0, 0.1))
            kept = await swarm.keeping.backups.make(OWNER)
            await writing
        restored = await asyncio.to_thread(put_back, kept, there)
        report, (account, bills) = await verified(there), await spent(there)
        if restored.report.facts != kept.seq or not report.ok:
            seen.findings.append(f"backup {number}: {report.findings}")
        if (account or 0) != (bills or 0):
            seen.findings.append(f"backup {number}: {account} in the account, {bills} in bills")
    seen.sentence = f"{rounds} backups of a working swarm came back"
    if given.long:
        facts, seconds = await asyncio.to_thread(_large, folder / "large")
        seen.sentence += f"; {facts:,} facts were restored in {seconds:.0f} s"
        if seconds > MOST_SECONDS:
            seen.findings.append(f"the restore of {facts:,} facts took {seconds:.0f} s")
    return seen


def _large(base: Path) -> tuple[int, float]:
    base.mkdir()
    build(str(base), TASKS)
    kept = make_backup(base / "state" / "waggle.db", base / "backups", datetime.now(UTC))
    began = time.perf_counter()
    restored = put_back(kept, base / "there")
    return restored.report.facts, time.perf_counter() - began
