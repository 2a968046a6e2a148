"""Virtual time: a whole swarm on an event loop whose clock jumps to the next timer when idle.

What can go wrong: a failure that depends on the order of things cannot be repeated. So a
simulation leaves nothing to chance that is not drawn from its seed: time passes only by timers,
threads become calls, the store commits where it is called, random bytes come from the seed. The
same seed then gives the same journal, to the byte.

Other virtual clocks (looptime 0.9, aiotools 2.2) were read and not taken: they let executor
threads run, keep pace with real time while one does, and wait for the outside world when no timer
is left; each of these makes two runs differ.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from swarm_core.build import World
from swarm_core.kernel.ids import SeededEntropy
from swarm_core.testing import LoopClock, ScriptedModel

T = TypeVar("T")


class NothingLeft(RuntimeError):
    """Everybody waits and no timer is set: in real life this would hang forever."""


class _Jump(selectors.SelectSelector):
    """Never waits: what was to be waited for has passed at once."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NothingLeft("everybody waits for something that cannot happen any more")
        self.now += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time, from 0 seconds on. Raises `NothingLeft` instead of hanging."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now

    def run_in_executor(  # type: ignore[override]
        self,
        executor: object,  # noqa: ARG002
        func: Callable[..., T],
        *args: Any,
    ) -> asyncio.Future[T]:
        """Call `func` here and now: a thread's timing cannot be repeated."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  handed to whoever awaits it
            future.set_exception(error)
        return future


def world(seed: int, *models: ScriptedModel) -> World:
    """What a simulated swarm stands on. Keep it while the swarm is closed and opened again."""
    return World(
        clock=LoopClock(),
        entropy=SeededEntropy(seed),
        inline=True,
        playbooks=(),
        extra=tuple(model.extra for model in models),
        drain=0.0,
    )


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main())
