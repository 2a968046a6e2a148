"""What commands about people, places, policies and what is sent answer, as values."""

from __future__ import annotations

import msgspec

from bot.commands.digest_views import DigestHour as DigestHour
from bot.commands.digest_views import DigestView as DigestView
from bot.commands.notice_views import Hooks, HookTested, Notifications, Notify
from swarm_core import Code, Mapped, May, Person, Problem, Shared, Undelivered


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """Who is here, and what roles of the platform mean."""

    people: tuple[Person, ...]
    mapped: tuple[Mapped, ...]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A role was given or taken; `of` is the person, or a role of the platform."""

    of: str
    role: str
    scope: str
    taken: bool


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """A code, shown this once; `link` uses it when it is opened, '' where there is no such."""

    code: Code
    link: str = ""


class Paired(msgspec.Struct, frozen=True, kw_only=True):
    role: str
    scope: str


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of whoever asks. `roles` are those held here; `changed` the wish just set;
    `quiet` and `digest` the hours that hold, '' for none."""

    person: Person
    roles: tuple[str, ...]
    changed: str | None = None
    quiet: str = ""
    digest: str = ""


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a person, or what was erased and forgotten when it is `done`."""

    person: str
    accounts: tuple[str, ...]
    tasks: int
    texts: int
    open: tuple[int, ...]
    again: str
    done: bool


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """What is set for a place, `here` where it was asked; `for_all`: those of its keys that are
    so in the whole space; `changed` just now."""

    place: str
    here: bool = False
    values: dict[str, str]
    for_all: tuple[str, ...] = ()
    changed: str | None = None


class WhoMay(msgspec.Struct, frozen=True, kw_only=True):
    act: str
    may: tuple[May, ...]
    says: dict[str, str]


class PoliciesChecked(msgspec.Struct, frozen=True, kw_only=True):
    problems: tuple[Problem, ...]
    folders: tuple[str, ...]


class Sharing(msgspec.Struct, frozen=True, kw_only=True):
    """What would be shown where, or was. `places` are those one could name, when none was."""

    shared: Shared | None
    task: int
    places: tuple[str, ...] = ()


class Outbox(msgspec.Struct, frozen=True, kw_only=True):
    notices: tuple[Undelivered, ...]
    sent: int | None = None


PeopleView = (
    Listed
    | Given
    | Invited
    | Paired
    | Me
    | Gone
    | Channel
    | WhoMay
    | PoliciesChecked
    | Sharing
    | Outbox
    | DigestHour
    | DigestView
    | Notify
    | Notifications
    | Hooks
    | HookTested
)
