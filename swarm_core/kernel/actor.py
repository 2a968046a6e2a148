"""Who acts, and where: every inbound event carries an `Actor`, every answer goes to a `Place`."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = str
OWNER: Role = "owner"
ADMIN: Role = "admin"
APPROVER: Role = "approver"
OPERATOR: Role = "operator"
MEMBER: Role = "member"
ROLES: tuple[Role, ...] = (OWNER, ADMIN, APPROVER, OPERATOR, MEMBER)
"""All there are; who holds several may whatever one of them may."""
Wish = Literal["language", "zone", "model"]
WISHES: tuple[Wish, ...] = ("language", "zone", "model")
"""What people may set for themselves."""
PLACE_KEYS = ("workspace", "identity", "models", "cap", "context", "plain-text", "language")
"""What may be set for a place."""


class Actor(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person (or the swarm itself) on a surface, in a space, with the roles held there.

    `person` is the platform's numeric id as text, never a name that its holder can change.
    """

    surface: str
    space: str
    person: str
    roles: frozenset[Role] = frozenset()
    key: str = ""

    def __post_init__(self) -> None:
        if not self.key:
            msgspec.structs.force_setattr(self, "key", f"{self.surface}/{self.space}/{self.person}")


def is_direct(space: str) -> bool:
    """Whether a space is a conversation with one person alone."""
    return space == "dm" or space.startswith("dm/")


SWARM = Actor(surface="swarm", space="core", person="0")
"""The swarm acting on its own: recovery, timers, routing."""


class Place(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where answers go: a surface, a space in it (guild, chat, session), a thread or ''. What
    begins within a thread has its name, a slash, and one of its own."""

    surface: str
    space: str
    thread: str = ""

    @property
    def channel(self) -> str:
        """The thread that this is, or is within: what is set there holds here."""
        return self.thread.partition("/")[0]
