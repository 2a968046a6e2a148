"""A session with a service, which ends by itself or because its token is another one now."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


async def until_renewed(session: Coroutine[object, object, None], renewed: asyncio.Event) -> None:
    """Runs `session` until it ends, which raises what it raises, or until `renewed` is set."""
    running = asyncio.create_task(session, name="session")
    anew = asyncio.create_task(renewed.wait())
    try:
        await asyncio.wait((running, anew), return_when=asyncio.FIRST_COMPLETED)
    finally:
        anew.cancel()
        if not running.done():
            running.cancel()
            await asyncio.wait((running,))
    if not running.cancelled():
        running.result()
