"""Hours on Discord in seconds: a loop whose clock jumps as soon as its sockets have nothing to say.

The fake runs in the same loop and by the same clock, so nothing is ever on its way unnoticed.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from bot.discord.signons import Pace
from swarm_core.simulation import NothingLeft, VirtualLoop
from swarm_core.swarm import Swarm
from swarm_core.testing import START, LoopClock
from tests.discord.bench import QUICK, Bench, bench
from tests.fakes.discord.clock import Clock

T = TypeVar("T")
_A_MOMENT, _FOREVER = 0.001, 30.0


class _Listening(selectors.DefaultSelector):
    """Looks at the sockets first; what was to be waited for has passed when they are silent."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        soon = 0.0 if timeout is not None and timeout <= 0 else _A_MOMENT
        if found := super().select(soon if timeout is not None else _FOREVER):
            return found
        if timeout is None:
            raise NothingLeft("everybody waits for something that cannot happen any more")
        self.now += max(0.0, timeout)
        return []


class SocketLoop(VirtualLoop):
    """Virtual time with real sockets. Threads are calls, as in `VirtualLoop`."""

    def __init__(self) -> None:
        self._jump = _Listening()  # type: ignore[assignment]
        asyncio.SelectorEventLoop.__init__(self, self._jump)


class _LoopTime(Clock):
    """The fake's time, which is that of the swarm beside it."""

    def now(self) -> float:
        return START.timestamp() + asyncio.get_running_loop().time() + self._ahead


def fakes_time() -> Clock:
    return _LoopTime()


def hours(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in such a loop."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=SocketLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


def in_a_thread(main: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Future[T]:
    """Run `main` in such a loop of a thread of its own, while this one goes on."""

    def run() -> T:
        with asyncio.Runner(loop_factory=SocketLoop) as runner:
            return runner.run(main())

    return asyncio.get_running_loop().run_in_executor(None, run)


@asynccontextmanager
async def in_hours(
    folder: Path, *workers: Any, pace: Pace = QUICK, **settings: Any
) -> AsyncIterator[tuple[Bench, Swarm]]:
    """A bench and a swarm on it, both by the clock of the loop. The heartbeats, which are a real
    thread's, are not missed."""
    settings.setdefault("heartbeat_interval", 10**9)
    async with bench(folder, fakes_time(), **settings) as at:
        at.pace = pace
        async with at.on_discord(*workers, **by_the_loop()) as swarm:
            yield at, swarm


def by_the_loop() -> dict[str, Any]:
    """How a swarm is opened there."""
    return {
        "clock": LoopClock(),
        "inline": True,
        "tasks": {"link_similar": False},
        "lease": {"duration": "1h"},
    }
