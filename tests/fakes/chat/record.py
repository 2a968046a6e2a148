"""What happened in a fake, in order, for tests to read back and to wait for."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

from tests.fakes.chat.clock import Clock

Json = dict[str, Any]


class Recorded:
    """A world whose `record` tests read; entries are copies, as things were then."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.record: list[Json] = []
        self.changed = asyncio.Event()

    def note(self, kind: str, **what: Any) -> None:
        """Keep that something happened, and wake who waits for it."""
        entry = {"n": len(self.record), "at": self.clock.now(), "kind": kind, **what}
        self.record.append(copy.deepcopy(entry))
        self.changed.set()
        self.changed = asyncio.Event()

    async def since(self, place: int, wait: float) -> list[Json]:
        """What happened after `place`; if that is nothing, once something has, `wait` at most."""
        if len(self.record) <= place and wait:
            try:
                await asyncio.wait_for(self.changed.wait(), wait)
            except TimeoutError:
                return []
        return self.record[place:]
