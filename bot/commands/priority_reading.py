"""When something is to be done, read from the line in which somebody says it; by a model only when
they have agreed to its price."""

from __future__ import annotations

from bot.commands.desk import Desk
from swarm_core import Reading, Unsure, read_schedule

MOST_READING = 10_000
"""Micro-dollars that a model may cost which reads one line."""


async def read(desk: Desk, text: str, zone: str) -> Reading | Unsure:
    """What the line says of when, by the grammar alone."""
    language = desk.swarm.members.me(desk.actor).wishes.get("language", desk.messages.language)
    return read_schedule(text, desk.swarm.store.clock.now(), zone, language)
