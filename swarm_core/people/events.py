"""Facts about people. Names are no part of them: the journal is for ever."""

from __future__ import annotations

from typing import ClassVar

from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.store import Event


class PersonMet(Event, frozen=True, kw_only=True, gc=False):
    """An account was seen in a space for the first time; `person` is whose it is."""

    kind: ClassVar[str] = "person.met"

    person: int
    surface: str
    space: str
    account: str


class RoleGiven(Event, frozen=True, kw_only=True, gc=False):
    """A person holds `role` in `scope` from now on: a `surface/space`, or `*` for everywhere."""

    kind: ClassVar[str] = "person.role_given"

    person: int
    scope: str
    role: str


class RoleTaken(Event, frozen=True, kw_only=True, gc=False):
    """A person no longer holds `role` in `scope`."""

    kind: ClassVar[str] = "person.role_taken"

    person: int
    scope: str
    role: str


class RoleMapped(Event, frozen=True, kw_only=True, gc=False):
    """Who has the platform's role `platform_role` in `scope` holds ours; None: no longer."""

    kind: ClassVar[str] = "person.role_mapped"

    scope: str
    platform_role: str
    role: str | None


class PersonPreferred(Event, frozen=True, kw_only=True, gc=False):
    """A wish of a person; None: no longer."""

    kind: ClassVar[str] = "person.preferred"

    person: int
    wish: str
    value: str | None


class PersonForgotten(Event, frozen=True, kw_only=True, gc=False):
    """What was known of a person is gone: roles, wishes, names."""

    kind: ClassVar[str] = "person.forgotten"

    person: int


class PersonLinked(Event, frozen=True, kw_only=True, gc=False):
    """Everything of the person `other` is the person `person`'s from here on: accounts, roles,
    wishes where `person` has none. `maker` made the code that `account` used, both as
    `surface/id`; whoever made it is told at `told`."""

    kind: ClassVar[str] = "person.linked"

    person: int
    other: int
    maker: str
    account: str
    told: Place


class AccountRemoved(Event, frozen=True, kw_only=True, gc=False):
    """An account of `person` is another person's from here on, a new one's: `other`. Roles in
    spaces where only that account of theirs was seen go with it."""

    kind: ClassVar[str] = "person.account_removed"

    person: int
    other: int
    surface: str
    account: str


class PairingMade(Event, frozen=True, kw_only=True, gc=False):
    """Somebody may pair with a code; the code is known to nobody but whom it was shown."""

    kind: ClassVar[str] = "person.pairing_made"

    role: str
    scope: str
    expires: Micros


class PairingUsed(Event, frozen=True, kw_only=True, gc=False):
    """The code was used, and by that is used up."""

    kind: ClassVar[str] = "person.pairing_used"

    person: int
    role: str
    scope: str


class PlaceSet(Event, frozen=True, kw_only=True, gc=False):
    """What holds in a space or one thread of it; None: what is usual."""

    kind: ClassVar[str] = "person.place_set"

    surface: str
    space: str
    thread: str
    key: str
    value: str | None
