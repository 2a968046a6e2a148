"""A swarm with real SDKs on real sockets: the fake model server in this process, as one vendor and
as a server nearby."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from swarm_core.build import World, open_swarm
from swarm_core.kernel.secret import Secret
from swarm_core.people import TERMINAL
from swarm_core.store import Rows
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import FINISHED, Task
from swarm_core.testing import OWNER, MemoryCourier, request, settings
from tests.fakes.models import KEY, FakeModels

CLAUDE, SMALL, NEAR = "claude-haiku-5-5", "claude-haiku-4-5", "gpt-4.1-mini"
PRICES = {"input": 1_000_000, "output": 5_000_000, "cached": 100_000, "written": 1_250_000}


class Scene:
    """An open swarm, and what was told of its tasks."""

    def __init__(self, swarm: Swarm, courier: MemoryCourier, fake: FakeModels) -> None:
        self.swarm = swarm
        self._courier = courier
        self._fake = fake

    async def ask(self, said: str, key: str = "t", **more: Any) -> Task:
        """Ask for what the fake is told by `said`, and wait until the task ended or waits."""
        text = f"please look into it [[task {key}: {said}]]"
        receipt = await self.swarm.intake.submit(OWNER, request(text, key=key, **more))
        self.swarm.outbox.replied(receipt.task)
        return await self.settled(receipt.task)

    async def settled(self, task: Any) -> Task:
        await self._courier.until(
            lambda all_: any(d.task == task and d.kind in ("ended", "parked") for d in all_)
        )
        return (await self.swarm.views.task(task)).task

    async def ended(self, task: Any) -> Task:
        await self._courier.ended(task)
        found = (await self.swarm.views.task(task)).task
        assert found.state in FINISHED
        return found

    async def steps(self, columns: str) -> list[tuple[Any, ...]]:
        """Columns of all tries at steps, in order."""

        def read(rows: Rows) -> list[tuple[Any, ...]]:
            found = rows.execute(f"select {columns} from steps order by run, n, attempt")
            return [tuple(row) for row in found.fetchall()]

        return await self.swarm.store.read(read)

    async def first_hold(self) -> int:
        """What was held for the first call there ever was, in micro-dollars."""
        sql = "select payload ->> '$.most' from journal where kind = 'budget.held' order by seq"
        return int((await self.swarm.store.read(lambda rows: rows.execute(sql).fetchone()))[0])

    def bodies(self) -> list[dict[str, Any]]:
        """What the fake was sent, call by call."""
        return [one["body"] for one in self._fake.service.requests]


def provider(kind: str, url: str, *models: str, **more: Any) -> dict[str, Any]:
    door = "" if kind == "anthropic" else "/v1"
    entry = {"kind": kind, "base_url": f"{url}{door}", "models": models, **more}
    return {"key": Secret(KEY, "FAKE_KEY"), **entry}


@asynccontextmanager
async def at_work(
    folder: Path,
    fake: FakeModels,
    *models: str,
    near: str = "",
    drain: float = 0.0,
    **sections: Any,
) -> AsyncIterator[Scene]:
    """A swarm with `models` of the vendor, one if none are named; `near` is the address of a
    server nearby that serves for nothing."""
    named = models or (CLAUDE,)
    providers = {"anthropic": provider("anthropic", fake.anthropic, *named)}
    if near:
        providers["near"] = provider("openai-compatible", near, NEAR, free=True)
    fake.script(models={name: {"prices": PRICES} for name in (CLAUDE, SMALL)})
    chosen = settings(
        folder,
        **{
            "providers": providers,
            "models": dict.fromkeys((CLAUDE, SMALL), PRICES),
            "tasks": {"link_similar": False},
            **sections,
        },
    )
    async with open_swarm(chosen, World(drain=drain)) as swarm:
        courier = MemoryCourier()
        await swarm.outbox.attach(TERMINAL.surface, courier)
        yield Scene(swarm, courier, fake)
