"""Doors to knock at: a scripted one, and the smallest real one over a swarm in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot.reply import Card, Notice, Reply, Text
from bot.surface import Cards, Completion
from swarm_core import TERMINAL, UNFINISHED, CardView, Courier, Delivery, NoticeId, Swarm, TaskId
from swarm_core.steps.events import StepEnded, StepIntended
from swarm_core.tasks.events import TaskAccepted, TaskEnded, TaskParked
from swarm_core.testing import OWNER, request

EVENTS = (TaskAccepted, TaskEnded, TaskParked, StepIntended, StepEnded)
Answers = Callable[[str], Awaitable[Reply]]


def said(text: str, **about: int) -> Reply:
    return Reply((Notice(level="info", text=text),), **about)  # type: ignore[arg-type]


def ended(task: int, notice: int = 0) -> Delivery:
    return Delivery(
        notice=NoticeId(notice or task),
        kind="ended",
        delivery_class="result",
        task=TaskId(task),
        place=TERMINAL,
        repeat=False,
    )


class ScriptedDoor:
    """Answers by script; the test delivers through `courier` and changes `open` by hand."""

    def __init__(self, answer: Answers | None = None) -> None:
        self._answer = answer or self._echo
        self.lines: list[str] = []
        self.receipts: list[Reply] = []
        self.open: list[CardView] = []
        self.more = 0
        self.reads = 0
        self.waiting: list[Delivery] = []
        self.courier: Courier | None = None
        self.attached = asyncio.Event()
        self.ran = asyncio.Condition()
        self.wake: Callable[[], None] = lambda: None
        self.speak: Callable[[], None] = lambda: None
        self.saying = ""
        self.background: set[asyncio.Task[str]] = set()

    async def _echo(self, line: str) -> Reply:
        return said(f"heard {line}")

    async def run(self, line: str) -> Reply:
        self.lines.append(line)
        return await self._answer(line)

    def complete(self, line: str) -> Sequence[Completion]:
        known = ("/task", "/tasks", "/help")
        return [Completion(text=k, start=0, meta=f"about {k}") for k in known if k.startswith(line)]

    async def cards(self) -> Cards:
        self.reads += 1
        return Cards(views=tuple(self.open), more=self.more)

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        self.wake = changed

        def stop() -> None:
            self.wake = lambda: None

        return stop

    def hear(self, more: Callable[[], None]) -> Callable[[], None]:
        self.speak = more

        def stop() -> None:
            self.speak = lambda: None

        return stop

    async def outcome(self, delivery: Delivery) -> Reply:
        return said(f"answer of #{delivery.task}")

    def card(self, view: CardView) -> Card:
        title = f"#{view.task.id} {view.task.text}"
        return Card(title=title, state=str(view.task.state), saying=self.saying)

    async def receipt_shown(self, reply: Reply) -> None:
        async with self.ran:
            self.receipts.append(reply)
            self.ran.notify_all()

    async def answered(self, count: int) -> None:
        """Wait until so many replies were shown."""
        async with self.ran:
            await self.ran.wait_for(lambda: len(self.receipts) >= count)

    async def attach(self, courier: Courier) -> None:
        self.courier = courier
        for delivery in self.waiting:
            self.post(delivery)
        self.attached.set()

    def post(self, delivery: Delivery) -> asyncio.Task[str]:
        """Deliver as the outbox does: in a task of its own."""
        assert self.courier
        task = asyncio.create_task(self.courier.deliver(delivery))
        self.background.add(task)
        return task

    async def detach(self) -> None:
        self.courier = None


class SwarmDoor:
    """Plain text becomes a task; nothing else is understood."""

    def __init__(self, swarm: Swarm) -> None:
        self._swarm = swarm

    async def run(self, line: str) -> Reply:
        receipt = await self._swarm.intake.submit(OWNER, request(line))
        return said(f"#{receipt.task} accepted, for {receipt.worker}.", receipt=receipt.task)

    def complete(self, line: str) -> Sequence[Completion]:
        return [
            Completion(text=f"/{name}", start=0, meta=f"what /{name} does")
            for name in ("task", "tasks", "show", "status", "stop", "why", "workers")
            if line.startswith("/") and f"/{name}".startswith(line)
        ]

    async def cards(self) -> Cards:
        views = self._swarm.views
        tasks = await views.listing(states=UNFINISHED, person=OWNER.key, most=9)
        return Cards(views=tuple(await views.cards([task.id for task in tasks])))

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self._swarm.store.listen(EVENTS, lambda _: changed())

    def hear(self, more: Callable[[], None]) -> Callable[[], None]:
        return self._swarm.streams.watch(more)

    async def outcome(self, delivery: Delivery) -> Reply:
        task = (await self._swarm.views.task(delivery.task)).task
        if delivery.kind != "ended":
            return said(f"#{task.id} is {task.state}.")
        stamp = Notice(level="info", text=f"#{task.id} · {task.state} · {task.worker}")
        return Reply((Text(task.result or "no result"), stamp))

    def card(self, view: CardView) -> Card:
        now = self._swarm.store.clock.now().timestamp()
        return Card(
            title=f"#{view.task.id} {view.task.text}",
            state=str(view.task.state),
            level="info",
            fields=(
                ("worker", view.task.worker or "none"),
                ("steps", str(view.steps)),
                ("spent", "$0.0042 of $0.25"),
                ("elapsed", f"{now - view.task.created / 1_000_000:.0f} s"),
            ),
            lines=(f"doing: {view.doing}",) if view.doing else (),
        )

    async def receipt_shown(self, reply: Reply) -> None:
        if reply.receipt is not None:
            self._swarm.outbox.replied(TaskId(reply.receipt))

    async def attach(self, courier: Courier) -> None:
        await self._swarm.outbox.attach(TERMINAL.surface, courier)

    async def detach(self) -> None:
        await self._swarm.outbox.detach(TERMINAL.surface)
