"""Where one person is served."""

from __future__ import annotations

from dataclasses import dataclass

from bot.messages import Messages
from swarm_core import Actor, Place, Swarm


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
