"""The person at this machine."""

from __future__ import annotations

from swarm_core.kernel.actor import OWNER, Actor, Place

TERMINAL = Place(surface="terminal", space="local")
"""Where the owner is answered: the terminal chat, or the CLI command that waits."""


def local_owner(uid: int) -> Actor:
    """The owner as known to the operating system by `uid`: the uid the swarm runs as, proved by
    the process itself or by the peer credentials of the control socket."""
    return Actor(
        surface=TERMINAL.surface,
        space=TERMINAL.space,
        person=str(uid),
        roles=frozenset({OWNER}),
    )
