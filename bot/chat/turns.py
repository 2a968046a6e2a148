"""What happens to one message happens in its order: it is edited after it was said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class Turns:
    """By message; how a surface names one is its own business."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, asyncio.Lock] = {}

    @asynccontextmanager
    async def of(self, message: Hashable) -> AsyncIterator[None]:
        """Alone with a message, in the order of asking."""
        lock = self._locks.setdefault(message, asyncio.Lock())
        try:
            async with lock:
                yield
        finally:
            if not lock.locked():
                self._locks.pop(message, None)
