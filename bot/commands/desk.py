"""Where one person is served."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from bot.commands.service_views import Reload, Service
from bot.messages import Messages
from swarm_core import Actor, Attached, Overheard, Place, Swarm, TaskId


class Living(Protocol):
    """A process that serves."""

    left: asyncio.Future[tuple[TaskId, ...]]
    """The tasks that were interrupted at its end, once it is known."""

    @property
    def service(self) -> Service:
        """How it is."""
        ...

    async def reload(self) -> Reload:
        """Read the settings anew and put them in force, or refuse them as a whole."""
        ...

    def end(self, within: float | None = None) -> tuple[float, list[TaskId]]:
        """Begin to end; runs get `within` seconds. Returns how many they really get, and the
        tasks at work."""
        ...


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where one person is served: the swarm, who asks, where the answer goes, in which words.

    `serving` False: the swarm was opened only to be looked at.
    """

    swarm: Swarm
    actor: Actor
    place: Place
    messages: Messages
    serving: bool = True
    life: Living | None = None
    """Of the process, where it is one that serves."""
    files: tuple[Attached, ...] = ()
    """Those that came along from a surface which hands over what is in them."""
    room: tuple[Overheard, ...] = ()
    """What was said there before, where a surface tells."""
