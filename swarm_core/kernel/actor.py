"""Who acts, and where: every inbound event carries an `Actor`, every answer goes to a `Place`."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

Role = str
OWNER: Role = "owner"
ADMIN: Role = "admin"
APPROVER: Role = "approver"
OPERATOR: Role = "operator"
MEMBER: Role = "member"
ROLES: tuple[Role, ...] = (OWNER, ADMIN, APPROVER, OPERATOR, MEMBER)
"""All there are; who holds several may whatever one of them may."""
Wish = Literal["language", "zone", "model", "quiet", "digest"]
WISHES: tuple[Wish, ...] = ("language", "zone", "model", "quiet", "digest")
"""What people may set for themselves."""
Sort = Literal["ended", "failed", "asked", "parked", "decided", "undelivered", "incident", "money"]
"""What people and other systems are told of. ended: done, or cancelled. asked: needs a decision,
and its reminder. parked: waits for something else. decided: what became of a request.
undelivered: a notice may not have arrived. incident: something is wrong for longer than a moment,
and is well again. money: a cap comes near, for the owner."""
SORTS: tuple[Sort, ...] = get_args(Sort)
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


DIRECT = "dm"
"""The space of direct messages, on every surface that has them."""
_OF = "@"


class Place(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where answers go: a surface, a space in it (guild, chat, session), a thread or ''. What
    begins within a thread has its name, a slash, and one of its own."""

    surface: str
    space: str
    thread: str = ""

    @property
    def account(self) -> str:
        """Whose direct messages this is, by their account, whatever the surface calls the
        channel of them; '' for any other place."""
        return self.thread[1:] if self.space == DIRECT and self.thread[:1] == _OF else ""

    @property
    def channel(self) -> str:
        """The thread that this is, or is within: what is set there holds here."""
        return self.thread.partition("/")[0]


def direct(surface: str, account: str) -> Place:
    """The direct messages with an account, of which only the surface knows the channel."""
    return Place(surface=surface, space=DIRECT, thread=f"{_OF}{account}")
