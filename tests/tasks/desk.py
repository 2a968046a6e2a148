"""Where the tests of tasks sit: each change of a task is one write."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from swarm_core.approvals import ApprovalRules, Approvals
from swarm_core.build import ROOMS
from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.kernel.ids import RunId, SystemEntropy, TaskId
from swarm_core.notices.compose import Composer
from swarm_core.notices.telling import NoticeRules, Telling
from swarm_core.people import Directory
from swarm_core.policy import Policy
from swarm_core.settings import Approvals as ApprovalSettings
from swarm_core.settings import Notices as NoticeSettings
from swarm_core.store import Store, Tx, open_store
from swarm_core.tasks import queries, queue
from swarm_core.tasks.model import Labels, Task, TaskState
from swarm_core.tasks.rules import TaskEvent
from swarm_core.tasks.tasks import Order, Tasks, request_digest
from swarm_core.testing import FakeClock, request
from swarm_core.wiring import wire

ANA = Actor(surface="terminal", space="local", person="1")
BEN = Actor(surface="terminal", space="local", person="2")
KEY = b"k" * 32


class Desk:
    def __init__(self, store: Store, tasks: Tasks) -> None:
        self.store = store
        self.tasks = tasks

    async def do(self, fn: Callable[[Tx], Any]) -> Any:
        return await self.store.write(fn)

    def accepting(self, tx: Tx, actor: Actor, text: str, **fields: Any) -> TaskId:
        asked = request(text, **fields)
        digest = request_digest(KEY, actor.key, asked.place, asked)
        task, _, _ = self.tasks.accept(
            tx, actor, asked, digest=digest, labels=Labels(), worker="w", cap=None
        )
        return task

    async def accept(self, text: str = "do it", actor: Actor = ANA, **fields: Any) -> TaskId:
        return await self.store.write(lambda tx: self.accepting(tx, actor, text, **fields))

    def starting(self, tx: Tx, task: TaskId, *, resumed: bool = False) -> None:
        state = self.tasks.state(tx, task)
        run = RunId(tx.next_id("runs"))
        self.tasks.start(
            tx, task, run, worker="w", model="m", attempt=1, state=state, resumed=resumed
        )

    async def start(self, task: TaskId) -> None:
        await self.do(lambda tx: self.starting(tx, task))

    async def end(self, task: TaskId, event: TaskEvent = TaskEvent.FINISH) -> None:
        await self.do(lambda tx: self.tasks.end(tx, task, event))

    async def finish(self, task: TaskId) -> None:
        await self.start(task)
        await self.end(task)

    async def get(self, task: TaskId) -> Task:
        found = await self.store.read(lambda rows: queries.get(rows, task))
        assert found is not None
        return found

    async def state(self, task: TaskId) -> TaskState:
        return (await self.get(task)).state

    async def states(self, tasks: list[TaskId]) -> list[str]:
        return [(await self.get(task)).state.value for task in tasks]

    async def queue(self, most: int = 1000) -> list[TaskId]:
        """The ready tasks in the order in which they start."""
        found = await self.do(lambda tx: queue.next_ready(tx, "w", most, ()))
        return [row.id for row in found]

    async def facts(self) -> int:
        return int(
            await self.store.read(lambda r: r.execute("select count(*) from journal").fetchone()[0])
        )

    async def bring_to(self, state: TaskState, **fields: Any) -> TaskId:
        """A task in `state`, brought there by the methods that do."""
        if state is TaskState.QUEUED:
            return await self.accept(needs=(await self.accept("first"),), **fields)
        task = await self.accept(**fields)
        match state:
            case TaskState.RUNNING:
                await self.start(task)
            case TaskState.WAITING:
                await self.do(lambda tx: self.tasks.park(tx, task, "stopped", {}))
            case TaskState.DONE:
                await self.finish(task)
            case TaskState.FAILED:
                await self.end(task, TaskEvent.FAIL)
            case TaskState.CANCELLED:
                await self.end(task, TaskEvent.CANCEL)
        return task


@asynccontextmanager
async def open_desk(
    base: Path, clock: FakeClock, order: Order | None = None
) -> AsyncIterator[Desk]:
    async with open_store(base / "state", ROOMS, clock=clock) as store:
        tasks = Tasks(order or Order())
        directory = Directory()
        rules = NoticeRules.of(NoticeSettings())
        composer = Composer(Telling(directory, Policy(store, directory.whose), rules))
        approvals = Approvals(SystemEntropy(), ApprovalRules.of(ApprovalSettings()))
        wire(store, tasks, approvals, composer)
        yield Desk(store, tasks)
        report = await store.verify()
        assert report.ok, report.findings


__all__ = ["ANA", "BEN", "KEY", "SWARM", "Desk", "open_desk"]
