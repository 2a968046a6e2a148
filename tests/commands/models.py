"""Desks at swarms whose workers are models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.commands.desk import Desk
from swarm_core.providers.model import Completion, OnChunk, Prompt
from swarm_core.testing import MemoryCourier, ScriptedProvider
from tests.commands.desks import desk, typed
from tests.worlds import Gate

SMALL, LARGE = "claude-haiku-5-5", "claude-opus-5-5"


class Held(ScriptedProvider):
    """Says its words, and holds the end back until its gate is open."""

    def __init__(self, *script: str | Completion | Exception) -> None:
        super().__init__(*script, name="vendor", models=(SMALL, LARGE))
        self.gate = Gate()

    async def complete(self, prompt: Prompt, *, on_chunk: OnChunk | None = None) -> Completion:
        completion = await super().complete(prompt, on_chunk=on_chunk)
        await self.gate()
        return completion


def served(folder: Path, *script: str | Completion | Exception, **how: Any) -> Any:
    """A desk at a swarm of one provider that answers this in order."""
    vendor = ScriptedProvider(*script, name="vendor", models=(SMALL, LARGE))
    return desk(folder, providers={"vendor": vendor}, **how)


async def answered(at: Desk, courier: MemoryCourier, line: str) -> int:
    """Type a line and wait for its end; returns the task."""
    receipt = (await typed(at, line)).reply.receipt
    assert receipt is not None
    await courier.ended(receipt)  # type: ignore[arg-type]
    return receipt
