"""Values about people and the places they are in."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from swarm_core.kernel.actor import Role
from swarm_core.kernel.clock import Micros

OWNER_NUMBER = 1
"""The person this machine belongs to: at its terminal, and by what `owner` in the settings says."""
EVERYWHERE = "*"


class Account(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person's account as an event brings it: what the platform says, never what they chose.
    `platform_roles` are the ids of the roles the platform knows them by in that space."""

    surface: str
    space: str
    id: str
    name: str = ""
    platform_roles: tuple[str, ...] = ()


class Grant(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A role given by an owner, in a `surface/space` or everywhere."""

    scope: str
    role: Role


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of somebody: their accounts as `surface/id`, where they were seen, roles,
    wishes, and the name they were last seen with."""

    number: int
    accounts: tuple[str, ...]
    spaces: tuple[str, ...]
    grants: tuple[Grant, ...]
    wishes: Mapping[str, str]
    name: str = ""

    @property
    def key(self) -> str:
        return f"person/{self.number}"


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """A pairing code, shown once."""

    code: str
    role: Role
    scope: str
    expires: Micros


class LinkCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code that makes whoever uses it the person that made it, shown once. `owners`: that is
    the owner."""

    code: str
    expires: Micros
    owners: bool


class Linked(msgspec.Struct, frozen=True, kw_only=True):
    """Whose account one is by a code, as `surface/id`; `person` as they are afterwards. Not `done`:
    that would be the owner, and wants a second look."""

    maker: str
    person: Person
    done: bool


class Mapped(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Which of our roles a platform's role stands for in a space."""

    scope: str
    platform_role: str
    role: Role
