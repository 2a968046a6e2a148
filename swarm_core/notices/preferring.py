"""What people may wish of their notices: for each sort of event, where they are told of it.

What can go wrong: somebody switches off the one thing that would have told them that their work
stands still. So a failure, an incident and what needs their decision are always sent somewhere,
and an end at least stands in their list. A place that cannot be reached any more is no reason to
say nothing: then it is told where it was asked.
"""

from __future__ import annotations

import msgspec

from swarm_core.kernel.actor import Sort
from swarm_core.kernel.errors import AlwaysTold, NoAccountThere, OwnersNotices

HERE = "here"
DIRECTLY = "dm"
QUIET = "quiet"
OFF = "off"
USUAL = "default"
WORDS = (HERE, DIRECTLY, QUIET, OFF, USUAL)
"""What a preference may say besides the name of a surface."""

_MUST_BE_SENT = ("failed", "asked", "incident")
_MUST_BE_KEPT = ("ended",)
_PREFIX = "notify."


class Preference(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for one sort of event; `own`: the person said so. `may` are the words that would
    be taken."""

    sort: Sort
    place: str
    own: bool
    may: tuple[str, ...]


def wish_of(sort: Sort) -> str:
    """The wish under which it is kept."""
    return f"{_PREFIX}{sort}"


def is_preference(wish: str) -> bool:
    """Whether a wish is one of these."""
    return wish.startswith(_PREFIX)


def may(sort: Sort, surfaces: tuple[str, ...]) -> tuple[str, ...]:
    """What may be said of a sort of event by somebody with accounts on `surfaces`."""
    direct = (DIRECTLY, *surfaces) if surfaces else ()
    quiet = () if sort in _MUST_BE_SENT else (QUIET,)
    off = () if sort in (*_MUST_BE_SENT, *_MUST_BE_KEPT) else (OFF,)
    return (HERE, *direct, *quiet, *off)


def check(sort: Sort, place: str, surfaces: tuple[str, ...], *, owner: bool) -> None:
    """Raises `AlwaysTold`, `NoAccountThere` or `OwnersNotices` for what cannot be had."""
    known = may(sort, surfaces)
    if sort == "money" and not owner:
        raise OwnersNotices(sort=sort)
    if place in (*known, USUAL):
        return
    if place in (QUIET, OFF):
        raise AlwaysTold(sort=sort, place=place, instead=[w for w in known if w != HERE])
    raise NoAccountThere(place=place, known=list(known))
