"""Twins of the swarm's ports, for tests, simulations and benches. They ship with the package.

A scripted model worker with prices, a scripted provider, a courier that keeps what it is given, a
clock that moves when told, and builders, so that a test says only what it is about.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from swarm_core.build import World, open_swarm
from swarm_core.dispatch.model import Assignment, Runner
from swarm_core.kernel.errors import NoSuchModel
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.notices.model import Delivery
from swarm_core.people import TERMINAL, local_owner
from swarm_core.providers.estimate import estimate_prompt
from swarm_core.providers.model import (
    Capabilities,
    Chunk,
    Completion,
    OnChunk,
    Prompt,
    Reasoning,
    Text,
    Usage,
)
from swarm_core.routing.model import Offer, Source, Tier, Wanted, Worker
from swarm_core.settings import Settings
from swarm_core.settings.schema import settings_model
from swarm_core.steps.model import Answer, Call, Conclusion, Effect, Grant, Outcome, Run
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import Request
from swarm_core.views import TaskView

START = datetime(2026, 1, 1, 12, tzinfo=UTC)

Play = Callable[[Assignment, int], Awaitable[Answer]]
"""What the scripted model answers: the assignment, the number of the call → the answer."""


class FakeClock:
    """Stands still until `move` is called."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def move(self, by: timedelta) -> None:
        self._now += by


class LoopClock:
    """Follows the event loop's own time, so that under a virtual-time loop instants and timers
    agree."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start

    def now(self) -> datetime:
        return self._start + timedelta(seconds=asyncio.get_running_loop().time())


class ScriptedModel:
    """A model worker that follows a script: `calls` model calls, each with a price and a hold.

    It is a source and a runner; it takes whatever starts with one of `words`, everything when
    there are none. `answers` counts the acts that were really made, by task: what a provider
    would have served and billed.
    """

    def __init__(
        self,
        name: str = "scripted",
        *,
        words: tuple[str, ...] = (),
        calls: int = 1,
        price: MicroUSD = MicroUSD(40),  # noqa: B008
        hold: MicroUSD = MicroUSD(100),  # noqa: B008
        play: Play | None = None,
    ) -> None:
        self.worker = Worker(
            name=name, model=f"{name}-1", tier=Tier.CHEAP, summary="Follows a script."
        )
        self._words = words
        self._calls = calls
        self._price = price
        self._hold = hold
        self._play = play or self._say_ok
        self.effect: Effect = "paid"
        self.retries = 0
        self.answers: dict[TaskId, int] = {}

    async def _say_ok(self, assignment: Assignment, n: int) -> Answer:
        return Answer(text=f"ok {n}: {assignment.text}", cost=self._price)

    @property
    def extra(self) -> tuple[Source, Mapping[str, Runner]]:
        """How it is given to a `World`."""
        return self, {self.worker.name: self}

    def workers(self) -> tuple[Worker, ...]:
        return (self.worker,)

    def offers(self, wanted: Wanted) -> tuple[Offer, ...]:
        if self._words and not wanted.text.startswith(self._words):
            return ()
        most = MicroUSD(self._hold * self._calls)
        return (Offer(worker=self.worker, specific=0, because="scripted", most=most),)

    async def run(self, assignment: Assignment, run: Run) -> Conclusion:
        conclusion = Conclusion(state="done")
        for n in range(1, self._calls + 1):

            def last(outcome: Outcome, n: int = n) -> Conclusion | None:
                if outcome.failure:
                    return Conclusion(state="failed", failure=outcome.failure)
                if n == self._calls and outcome.answer:
                    return Conclusion(state="done", text=outcome.answer.text)
                return None

            async def act(_: Grant, n: int = n) -> Answer:
                task = assignment.task
                self.answers[task] = self.answers.get(task, 0) + 1
                return await self._play(assignment, n)

            call = Call(
                kind="model",
                name=self.worker.model,
                request={"n": n, "text": assignment.text},
                effect=self.effect,
                most=self._hold,
                retries=self.retries,
            )
            outcome = await run.step(call, act, last=last)
            ended = last(outcome)
            if ended:
                conclusion = ended
                if outcome.failure:
                    break
        return conclusion


class ScriptedProvider:
    """A provider that follows a script: what it answers in order, a text, a completion or an
    error to raise; afterwards `ok`. `prompts` is what it was asked, each call once."""

    capabilities = Capabilities(counts=True, caches=True, formats=True)

    def __init__(
        self,
        *script: str | Completion | Exception,
        name: str = "scripted",
        models: tuple[str, ...] = ("scripted-1",),
    ) -> None:
        self.name = name
        self.script = list(script)
        self.prompts: list[Prompt] = []
        self._models = models

    async def complete(self, prompt: Prompt, *, on_chunk: OnChunk | None = None) -> Completion:
        self.prompts.append(prompt)
        await asyncio.sleep(0)
        if prompt.model not in self._models:
            raise NoSuchModel(provider=self.name, model=prompt.model)
        said = self.script.pop(0) if self.script else "ok"
        if isinstance(said, Exception):
            raise said
        if isinstance(said, str):
            usage = Usage(input=estimate_prompt(prompt), output=len(said.split()) or 1)
            said = Completion(parts=(Text(said),), stop="end", model=prompt.model, usage=usage)
        tell = on_chunk or (lambda _: None)
        for part in said.parts:
            if isinstance(part, Text | Reasoning):
                tell(Chunk("text" if isinstance(part, Text) else "reasoning", part.text))
        return said

    async def count(self, prompt: Prompt) -> int:
        return estimate_prompt(prompt)

    async def models(self) -> tuple[str, ...]:
        return self._models

    async def close(self) -> None:
        """It has nothing to close."""


class MemoryCourier:
    """Keeps what it is given; `fail` decides what happens to a delivery before it counts."""

    def __init__(self, fail: Callable[[Delivery], Exception | None] | None = None) -> None:
        self.delivered: list[Delivery] = []
        self._fail = fail
        self._arrived = asyncio.Condition()

    async def deliver(self, delivery: Delivery) -> str:
        error = self._fail(delivery) if self._fail else None
        if error:
            raise error
        async with self._arrived:
            self.delivered.append(delivery)
            self._arrived.notify_all()
        return f"message-{len(self.delivered)}"

    async def until(self, done: Callable[[list[Delivery]], bool]) -> None:
        """Wait until what was delivered satisfies `done`."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: done(self.delivered))

    async def ended(self, task: TaskId) -> None:
        """Wait until the end of `task` was delivered."""
        await self.until(lambda all_: any(d.task == task and d.kind == "ended" for d in all_))


OWNER = local_owner(1000)


def request(text: str, **fields: object) -> Request:
    """A request from the terminal."""
    return Request(text=text, place=TERMINAL, **fields)  # type: ignore[arg-type]


def settings(folder: Path, **sections: object) -> Settings:
    """Settings with a state folder and a workspace below `folder`."""
    workspace = folder / "workspace"
    workspace.mkdir(parents=True, exist_ok=True)
    return settings_model().model_validate(
        {"state": folder / "state", "workspace": workspace, **sections}
    )


@asynccontextmanager
async def swarm(
    folder: Path,
    *models: ScriptedModel,
    clock: FakeClock | LoopClock | None = None,
    **sections: object,
) -> AsyncIterator[tuple[Swarm, MemoryCourier]]:
    """An open swarm with these models beside the playbooks, and a courier at the terminal."""
    world = World(extra=tuple(m.extra for m in models), drain=0.0)
    if clock is not None:
        world = World(extra=world.extra, drain=0.0, clock=clock)
    async with open_swarm(settings(folder, **sections), world) as opened:
        courier = MemoryCourier()
        await opened.outbox.attach(TERMINAL.surface, courier)
        yield opened, courier


async def finish(opened: Swarm, courier: MemoryCourier, text: str, **fields: object) -> TaskView:
    """Ask, wait for the end to be delivered, return the task."""
    receipt = await opened.intake.submit(OWNER, request(text, **fields))
    opened.outbox.replied(receipt.task)
    await courier.ended(receipt.task)
    return await opened.views.task(receipt.task)


__all__ = [
    "OWNER",
    "START",
    "FakeClock",
    "LoopClock",
    "MemoryCourier",
    "ScriptedModel",
    "ScriptedProvider",
    "finish",
    "request",
    "settings",
    "swarm",
]
