"""What comes one by one and belongs together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Each = TypeVar("Each")


class Gathering(Generic[Key, Each]):
    """Gathers by key until nothing comes for `quiet` seconds."""

    def __init__(self, quiet: float) -> None:
        self._quiet = quiet
        self._open: dict[Key, tuple[list[Each], asyncio.Future[None]]] = {}

    async def put(
        self, key: Key, each: Each, whole: Callable[[list[Each]], Awaitable[None]]
    ) -> None:
        """Return when `whole` was given everything that came with `each`; what it raises, it
        raises for each."""
        if known := self._open.get(key):
            known[0].append(each)
            await asyncio.shield(known[1])
            return
        found = [each]
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._open[key] = (found, over)
        try:
            try:
                count = 0
                while count < len(found):
                    count = len(found)
                    await asyncio.sleep(self._quiet)
            finally:
                del self._open[key]
            await whole(found)
        except BaseException as error:
            over.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
            over.exception()  # which nobody else may look at
            raise
        over.set_result(None)
