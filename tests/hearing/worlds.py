"""Swarms that hear voice notes, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from swarm_core.build import World, open_swarm
from swarm_core.dispatch.admitting import VoiceNote
from swarm_core.dispatch.voices import Voice
from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.clock import Clock
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, ScriptedModel, settings
from tests.fakes.models import FakeModels, serving
from tests.fakes.models.speech import recording
from tests.worlds import LONGEST, Noon

ROOM = Place(surface="discord", space="10", thread="20/30")
MINUTE = {"models": {"whisper-1": {"per_minute": "$0.006"}}}
"""A price of 100 micro-dollars for each second."""


def sections(url: str, chat: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Settings with `whisper-1` of the fake at `url`, for a price."""
    desk = {"kind": "openai-compatible", "base_url": f"{url}/v1", "models": ["whisper-1"]}
    heard = {"transcription": "desk/whisper-1", **(chat or {})}
    return {"providers": {"desk": desk}, "chat": heard, **MINUTE, **more}


@asynccontextmanager
async def listening(
    folder: Path,
    *workers: Any,
    chat: dict[str, Any] | None = None,
    clock: Clock | None = None,
    **more: Any,
) -> AsyncIterator[tuple[Swarm, FakeModels]]:
    """A swarm, and the fake that hears for it."""
    async with serving() as fake:
        fake.script(keys=None)
        told = settings(folder, **sections(fake.url, chat, **more))
        extra = tuple(worker.extra for worker in workers or (ScriptedModel(),))
        world = World(extra=extra, drain=0.0, clock=clock or Noon())
        async with asyncio.timeout(LONGEST), open_swarm(told, world) as swarm:
            yield swarm, fake


class Said:
    """A voice note as a surface has it: `told` is what its platform says, and may be wrong.
    `fetched` is how often somebody wanted its bytes."""

    def __init__(self, text: str, real: float = 3.0, *, key: str = "m1", **told: Any) -> None:
        self.data = recording(text, real)
        given: dict[str, Any] = {
            "key": key,
            "media_type": "audio/ogg",
            "name": "voice-message.ogg",
            "size": len(self.data),
            "seconds": real,
        }
        self.note = VoiceNote(**{**given, **told})
        self.fetched = 0

    async def fetch(self) -> bytes:
        self.fetched += 1
        return self.data

    async def heard(self, swarm: Swarm, actor: Actor = OWNER, place: Place = ROOM) -> Voice:
        return await swarm.hearing.hear(actor, place, self.note, self.fetch)


async def money(swarm: Swarm) -> tuple[int, int]:
    """What is held and what is spent, in all."""
    held, spent = await swarm.store.read(
        lambda rows: rows.execute(
            "select coalesce(sum(held), 0), coalesce(sum(spent), 0) from accounts"
            " where account = 'total'"
        ).fetchone()
    )
    return held, spent
