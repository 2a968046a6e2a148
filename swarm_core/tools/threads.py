"""Blocking work off the loop, that ends when its caller does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class GaveUp(Exception):
    """Ends a thread whose caller was cancelled; nobody sees it."""


class Stop:
    """Asked for now and then by work in a thread: nothing else can end a thread."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._ender: Callable[[], None] | None = None

    def set(self) -> None:
        with self._lock:
            self._event.set()
            if self._ender is not None:
                self._ender()

    def check(self) -> None:
        """Raises `GaveUp` when the caller no longer waits."""
        if self._event.is_set():
            raise GaveUp

    def ends(self, ender: Callable[[], None] | None) -> None:
        """Have `set` call `ender`, which frees the thread from a blocking wait; None to clear.

        Raises `GaveUp`, `ender` not kept, when it is too late.
        """
        with self._lock:
            if ender is not None:
                self.check()
            self._ender = ender


async def in_thread(work: Callable[[Stop], T]) -> T:
    """`work` in a thread; on cancellation its `Stop` is set and it is not waited for.

    Descriptors and processes that `work` uses must be opened and closed in it: it may outlive
    the call for a moment.
    """
    stop = Stop()
    try:
        return await asyncio.to_thread(work, stop)
    except asyncio.CancelledError:
        stop.set()
        raise
