"""States to keep: a little world with work done, money spent and texts written."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from swarm_core.build import ROOMS
from swarm_core.store import Kept, Report, Restored, make_backup, open_store, restore
from swarm_core.swarm import Swarm
from swarm_core.testing import ScriptedModel
from tests.worlds import ask, awake, over

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def a_model() -> ScriptedModel:
    return ScriptedModel(calls=2)


async def work(swarm: Swarm, count: int = 2, words: str = "do thing number") -> None:
    receipts = [await ask(swarm, f"{words} {n}") for n in range(count)]
    await over(swarm, *[receipt.task for receipt in receipts])


async def a_state(base: Path, count: int = 2) -> Path:
    """A state folder in which tasks have ended; its path."""
    async with awake(base, a_model(), tasks={"link_similar": False}) as swarm:
        await work(swarm, count)
        return swarm.store.folder


def backed_up(state: Path, to: Path) -> Kept:
    return make_backup(state / "waggle.db", to, NOW)


def put_back(kept: Kept, folder: Path, *, replace: bool = False) -> Restored:
    return restore(Path(kept.file), folder, ROOMS, replace=replace, now=NOW)


async def verified(folder: Path) -> Report:
    async with open_store(folder, ROOMS) as store:
        return await store.verify()


async def spent(folder: Path) -> tuple[int, int]:
    """What the whole swarm has spent, by its account and by its bills."""
    async with open_store(folder, ROOMS) as store:
        return await store.read(
            lambda rows: (
                rows.execute(
                    "select coalesce(sum(spent), 0) from accounts where account = 'total'"
                ).fetchone()[0],
                rows.execute(
                    "select coalesce(sum(payload ->> '$.cost'), 0) from journal"
                    " where kind = 'budget.settled'"
                ).fetchone()[0],
            )
        )
