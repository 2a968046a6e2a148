"""The person at this machine."""

from __future__ import annotations

from swarm_core.kernel.actor import MEMBER, OWNER, Actor, Place

TERMINAL = Place(surface="terminal", space="local")
"""Where the owner is answered: the terminal chat, or the CLI command that waits."""


CHATS = frozenset({"discord"})
"""Services whose own log-in says who writes."""


def local_owner(uid: int) -> Actor:
    """The owner as known to the operating system by `uid`: the uid the swarm runs as, proved by
    the process itself or by the peer credentials of the control socket."""
    return Actor(
        surface=TERMINAL.surface,
        space=TERMINAL.space,
        person=str(uid),
        roles=frozenset({OWNER}),
    )


def actor_of(key: str) -> Actor:
    """The person a stored key names, with the roles they hold now. In a chat service that is a
    member: only who may ask there has a task."""
    surface, space, person = key.split("/", 2)
    if surface == TERMINAL.surface:
        return local_owner(int(person))
    roles = frozenset({MEMBER}) if surface in CHATS else frozenset[str]()
    return Actor(surface=surface, space=space, person=person, roles=roles)
