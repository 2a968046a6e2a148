"""Waiting for what a command is answered with, however busy the machine is: whether the answer
comes first or is announced and follows."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord import Client

PATIENCE = 60.0
"""Seconds for what comes at once where nobody else works."""
LATE = {"interaction_deadline": 600.0}
"""Settings of a fake that forgives an answer its lateness."""
_ANNOUNCED = 5


async def replied(hand: Client, event: str) -> dict[str, Any]:
    """An interaction once its answer says something."""
    while True:
        since = await hand.now()
        found: dict[str, Any] = await hand.do("interaction", id=event)
        message = found.get("message") or {}
        said = message.get("content") or message.get("embeds")
        if found.get("answer") not in (None, _ANNOUNCED) or said:
            return found
        assert await hand.record(since, wait=PATIENCE), "no answer came"
