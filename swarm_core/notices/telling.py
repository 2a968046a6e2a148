"""Where and when a person is told: what they wish, their quiet hours, and what goes first.

All of it is decided when a notice is queued, in the transaction that queues it, and is part of
the fact: so what the journal says is what was done, however wishes change later and whoever
replays it. Only an hour can change afterwards, by a fact of its own, when the person changes
their quiet hours or zone; that holds for what waits as it does for what comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from swarm_core.kernel.actor import DIRECT, SWARM, Place, Sort, direct
from swarm_core.kernel.clock import Micros, from_micros, to_micros
from swarm_core.kernel.hours import Span, time_of_day
from swarm_core.notices.preferring import DIRECTLY, HERE, OFF, QUIET, wish_of
from swarm_core.people import OWNER_NUMBER, TERMINAL, Account, Directory, Person
from swarm_core.policy import Action, Policy, Resource
from swarm_core.settings import Notices

NONE = "none"
"""Said for quiet hours or a digest that somebody does not want."""


class NoticeRules(msgspec.Struct, frozen=True, kw_only=True):
    """`quiet` are the hours of whoever says nothing else, None for no such hours, and `digest` the
    hour of one. What was asked for less than `fresh` microseconds ago is waited for by somebody
    who is awake."""

    quiet: Span | None
    digest: time | None = None
    fresh: int
    wake_for: str = "critical"

    @classmethod
    def of(cls, settings: Notices) -> NoticeRules:
        fresh = settings.asked_for // timedelta(microseconds=1)
        return cls(
            quiet=settings.quiet_hours,
            digest=settings.digest,
            fresh=fresh,
            wake_for=settings.wake_for,
        )


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How one notice goes out: as fields of its fact."""

    place: Place
    whose: str
    held: Micros | None = None
    kept: bool = False


class Telling:
    """Decides it, by what `directory` knows."""

    def __init__(self, directory: Directory, policy: Policy, rules: NoticeRules) -> None:
        self.directory = directory
        self.policy = policy
        self.rules = rules
        """For what is queued from here on."""

    def of(
        self,
        sort: Sort,
        place: Place,
        key: str,
        now: Micros,
        *,
        asked: Micros | None = None,
        answer: bool = False,
        urgent: bool = False,
    ) -> Told | None:
        """How the person behind `key` is told of something at `place`, None for not at all.

        `asked`: when they asked for it. `answer`: it is the answer to a question, without which
        they would have none, so it is sent in any case.
        """
        person = self.directory.person(self.directory.number_of(key))
        wish = person.wishes.get(wish_of(sort), HERE) if person else HERE
        whose = whose_is(self.directory, key)
        if wish in (OFF, QUIET) and not answer:
            return None if wish == OFF else Told(place=place, whose=whose, kept=True)
        where = self._place(person, wish, place)
        held = None
        fresh = asked is not None and now - asked < self.rules.fresh
        urgent = urgent or sort in ("failed", "asked")
        if not urgent and not fresh and where.surface != TERMINAL.surface:
            held = self.until(person, now)
        return Told(place=where, whose=whose, held=held)

    def until(self, person: Person | None, now: Micros) -> Micros | None:
        """When the quiet hours of a person end, None outside of them."""
        said = person.wishes.get("quiet", "") if person else ""
        hours = self.rules.quiet
        if said:
            hours = None if said == NONE else Span.of(said)
        end = hours.over(from_micros(now), zone_of(person)) if hours else None
        return to_micros(end) if end else None

    def deciders(
        self, place: Place, kind: str, approval: str, owners: tuple[str, ...]
    ) -> Iterator[Told]:
        """How those are told of an approval who wished to be told directly, and may decide on it
        there; `place` is where everybody is told of it anyway."""
        for person in tuple(self.directory.known.people.values()):
            wish = person.wishes.get(wish_of("asked"), HERE)
            if wish == HERE:
                continue
            where = self._place(person, wish, place)
            if where == place or not where.account:
                continue
            account = Account(surface=where.surface, space=DIRECT, id=where.account)
            actor = self.directory.actor(account)
            asks = (Resource(kind, approval, owner) for owner in owners)
            if all(self.policy.allows(actor, Action.DECIDE, each) for each in asks):
                yield Told(place=where, whose=whose_is(self.directory, actor.key))

    def surfaces(self, person: Person) -> tuple[str, ...]:
        """Where a person can be told directly."""
        found = {account.partition("/")[0] for account in person.accounts}
        if person.number == OWNER_NUMBER:
            found |= {surface for surface, _ in self.directory.owners}
        return tuple(sorted(found - {TERMINAL.surface, "person"}))

    def directly(self, person: Person, surface: str) -> Place:
        """The direct messages of a person there: on one of their `surfaces`."""
        return direct(surface, self._account(person, surface))

    def hour(self, person: Person | None) -> time | None:
        """The time of day at which a person wants their digest, None for never."""
        said = person.wishes.get("digest", "") if person else ""
        if said:
            return None if said == NONE else time_of_day(said)
        return self.rules.digest

    def _place(self, person: Person | None, wish: str, place: Place) -> Place:
        """Where that is; the place itself where there is no other."""
        if wish in (HERE, OFF, QUIET) or person is None:
            return place
        surfaces = self.surfaces(person)
        if wish == DIRECTLY:
            first = next(iter(surfaces), "")
            wish = place.surface if place.surface in surfaces else first
        if wish not in surfaces or (place.surface, place.space) == (wish, DIRECT):
            return place
        return direct(wish, self._account(person, wish))

    def _account(self, person: Person, surface: str) -> str:
        if person.number == OWNER_NUMBER:
            for each, account in sorted(self.directory.owners):
                if each == surface:
                    return account
        keys = (account.partition("/") for account in person.accounts)
        return next(account for each, _, account in keys if each == surface)


def whose_is(directory: Directory, key: str) -> str:
    """The name under which the notices of whoever has `key` are listed: an account, since that
    stays what it is when it turns out to be somebody else's; '' for nobody."""
    if directory.number_of(key) == OWNER_NUMBER:
        return f"person/{OWNER_NUMBER}"
    surface, _, rest = key.partition("/")
    return f"{surface}/{rest.rpartition('/')[2]}" if rest and key != SWARM.key else ""


def zone_of(person: Person | None) -> tzinfo | None:
    """The zone a person wishes times in; None for the machine's."""
    name = person.wishes.get("zone") if person else None
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None  # it was known when they said so, and the machine does not have it any more
