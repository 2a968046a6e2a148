"""Digests: at the hour of each person one message of what there was since their last one.

What can go wrong: the process dies at that very moment, the clock is set forward or back, the
person is in another zone today, the swarm slept at the hour. So what is sent is decided in one
transaction, which records the digest under the person and their own date, and takes no second for
the same; a timer only makes us look. What was there at the hour is what the rows say: a span begins
where the last one ended, so nothing is left out and nothing is counted twice. A digest that nobody
has been given yet is taken back by the next, which then tells of both.

A digest holds numbers and ids as they stood when it was made, so that it tells the same however
late it arrives; the words of tasks are read when it is shown.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from swarm_core.kernel.actor import DIRECT, OWNER, SWARM, Actor
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.errors import Closing
from swarm_core.kernel.ids import NoticeId
from swarm_core.notices import digest_tables as tables
from swarm_core.notices.compose import queue
from swarm_core.notices.digest import LATE, following, latest
from swarm_core.notices.digest_tables import DigestMade
from swarm_core.notices.digested import Digested, shown
from swarm_core.notices.gathering import Gathering, Reader
from swarm_core.notices.outcomes import end
from swarm_core.notices.telling import Telling, Told, whose_is, zone_of
from swarm_core.people import OWNER_NUMBER, TERMINAL, Account, Person
from swarm_core.people.events import PersonPreferred
from swarm_core.policy import Action, Resource
from swarm_core.store import Fact, Rows, Store, Tx
from swarm_core.tasks import ended

log = logging.getLogger(__name__)

LONGEST = 300.0
"""Seconds after which the timer looks again, so that a clock that was set is noticed, and people
who came meanwhile."""
FIRST = timedelta(days=7)
"""As far back the first digest of somebody goes."""
FURTHEST = timedelta(days=31)
"""As far back any goes."""
_PAUSE = timedelta(minutes=1)
_NOBODY = Person(number=0, accounts=(), spaces=(), grants=(), wishes={})


class Digests:
    """Makes and shows digests."""

    def __init__(self, store: Store, telling: Telling, gathering: Gathering) -> None:
        self._store = store
        self._telling = telling
        self.gathering = gathering
        self._over: dict[int, str] = {}
        """The last day of each person that needs no more looking."""
        self._stale = True
        """Whether that has to be read anew."""
        self._timer: asyncio.TimerHandle | None = None
        self._working: asyncio.Task[None] | None = None
        self._stop = store.listen((PersonPreferred,), lambda _: self._wake())

    async def now(self, actor: Actor) -> Digested:
        """What the actor's next digest would say if it were sent now, as far as they may see it
        from where they are. Nothing counts as told by that. Raises `NotAllowed`."""
        telling = self._telling
        telling.policy.authorize(actor, Action.SET_OWN, Resource("notices", "", actor.key))
        person = telling.directory.person(telling.directory.number_of(actor.key)) or _NOBODY
        now = self._store.clock.now()
        day = now.astimezone(zone_of(person)).date().isoformat()
        whose, furthest = self._whose(person, actor), to_micros(now - FURTHEST)

        def read(rows: Rows) -> Digested:
            reader = Reader(actor=actor, whose=whose, keys=ended.people(rows, furthest))
            upto = to_micros(now)
            last = tables.last(rows, person.number, upto)
            since = _since(rows, person.number, last, upto)
            before = last.digest if last else None
            return shown(rows, self.gathering.gather(rows, reader, day, since, upto, before))

        return await self._store.read(read)

    async def kept(self, person: int, day: str) -> Digested | None:
        """The digest of a person's day, None when there is none any more."""

        def read(rows: Rows) -> Digested | None:
            digest = tables.kept(rows, person, day)
            return shown(rows, digest) if digest else None

        return await self._store.read(read)

    async def start(self) -> None:
        self._arm(0.0)

    async def close(self) -> None:
        self._stop()
        if self._timer:
            self._timer.cancel()
        if self._working:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)

    def _wake(self) -> None:
        # In a moment: only then what is known of people is read anew.
        self._stale = True
        if self._timer:
            self._arm(1.0)

    def _arm(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(min(max(seconds, 0.0), LONGEST), self._fire)

    def _fire(self) -> None:
        self._timer = None
        if self._working and not self._working.done():
            self._arm(1.0)
            return
        self._working = asyncio.create_task(self._work(), name="digests")

    async def _work(self) -> None:
        now = self._store.clock.now()
        instant = now + _PAUSE
        try:
            await self.due()
            instant = self._next(now)
        except Closing:
            return
        except Exception:
            log.exception("digests could not be made")
        if self._timer is None:
            self._arm((instant - self._store.clock.now()).total_seconds())

    def _people(self) -> list[Person]:
        """Those who can be told: the owner at the terminal in any case."""
        known = self._telling.directory
        others = (p for p in known.known.people.values() if p.number != OWNER_NUMBER)
        owner = known.person(OWNER_NUMBER)
        assert owner is not None
        return [owner, *(each for each in others if self._telling.surfaces(each))]

    def _next(self, now: datetime) -> datetime:
        """The next hour of anybody after `now`: one look for each hour and zone."""
        found = {(self._telling.hour(p), zone_of(p)) for p in self._people()}
        instants = [following(now, hour, zone) for hour, zone in found if hour is not None]
        return min(instants, default=now + FIRST)

    async def due(self) -> None:
        """Make what is due by now."""
        now = self._store.clock.now()
        if self._stale:
            self._stale = False
            self._over = dict(sorted(await self._store.read(tables.done)))
        new, due = self._due(now)
        if new:
            # For whom the hour was before we knew of them: their first comes the next time.
            await self._store.write(lambda tx: _nothing(tx, new, Micros(0)))
            self._over.update((person.number, day) for person, day in new)
        if not due:
            return
        since = to_micros(now - FURTHEST)
        keys = await self._store.read(lambda rows: ended.people(rows, since))
        busy = self._busy(keys)
        idle = [each for each in due if each[0].number not in busy]
        if idle:
            await self._store.write(lambda tx: _nothing(tx, idle, tx.at))
        for person, day in due:
            if person.number in busy:
                await self._store.write(partial(self._make, person=person, day=day, keys=keys))
            self._over[person.number] = day

    def _due(self, now: datetime) -> tuple[list[tuple[Person, str]], list[tuple[Person, str]]]:
        """Those nobody has looked after before, and those whose hour has come, not long ago."""
        new, due = list[tuple[Person, str]](), list[tuple[Person, str]]()
        for person in self._people():
            hour = self._telling.hour(person)
            if hour is None:
                continue
            day, at = latest(now, hour, zone_of(person))
            over = self._over.get(person.number)
            if over is None:
                new.append((person, day.isoformat()))
            elif now - at < LATE and not _had(over, day):
                due.append((person, day.isoformat()))
        return new, due

    def _busy(self, keys: Sequence[str]) -> set[int]:
        """Who may have anything to be told: who asked for something, or may look after others."""
        known = self._telling.directory
        granted = (p.number for p in known.known.people.values() if p.grants)
        return {OWNER_NUMBER, *granted, *(known.number_of(key) for key in keys)}

    def _make(self, tx: Tx, person: Person, day: str, keys: Sequence[str]) -> None:
        """Record the digest of a day, and queue it, unless there is one or nothing to tell."""
        number = person.number
        if tables.over(tx, number, day):
            return
        told = self._told(tx, person, keys)
        actor = self._actor(person, told[0])
        reader = Reader(actor=actor, whose=self._whose(person, actor), keys=keys)
        last = tables.last(tx, number, tx.at)
        before = last.digest if last else None
        new = before.upto if before else Micros(0)
        since = max(new, _since(tx, number, last, tx.at))
        gather = self.gathering.gather
        digest = gather(tx, reader, day, since, tx.at, before)
        if digest.empty:
            tables.looked(tx, number, day, tx.at)
            return
        if last and not last.told:
            since = _since(tx, number, last, tx.at)
            digest = gather(tx, reader, day, since, tx.at, None)
            end(tx, "superseded", last.waiting)
        notices = list[NoticeId]()
        for each in told:
            about: dict[str, str | int] = {"person": number, "day": day}
            if to := each.place.account:
                about["account"] = f"{each.place.surface}/{to}"
            notices.append(queue(tx, "digest", each, None, about))
        tx.append(DigestMade(digest=digest, notices=tuple(notices)), SWARM)

    def _told(self, tx: Tx, person: Person, keys: Sequence[str]) -> list[Told]:
        """Where: directly, on the surface that their notices go to, else on one where they have
        asked for something lately; the owner at the terminal as well."""
        telling = self._telling
        surfaces = telling.surfaces(person)
        directory = telling.directory
        lately = {k.partition("/")[0] for k in keys if directory.number_of(k) == person.number}
        wished = [value for wish, value in person.wishes.items() if wish.startswith("notify.")]
        order = sorted(surfaces, key=lambda each: (each not in wished, each not in lately))
        told = []
        if order:
            place = telling.directly(person, order[0])
            whose = whose_is(directory, f"{order[0]}/{DIRECT}/{place.account}")
            told.append(Told(place=place, whose=whose, held=telling.until(person, tx.at)))
        if person.number == OWNER_NUMBER:
            told.append(Told(place=TERMINAL, whose=person.key))
        return told

    def _actor(self, person: Person, told: Told) -> Actor:
        """Who they are where they read it."""
        place = told.place
        if place == TERMINAL:
            roles = frozenset({OWNER})
            return Actor(
                surface=place.surface, space=place.space, person="0", roles=roles, key=person.key
            )
        account = Account(surface=place.surface, space=DIRECT, id=place.account)
        return self._telling.directory.actor(account)

    def _whose(self, person: Person, actor: Actor) -> tuple[str, ...]:
        names = (whose_is(self._telling.directory, actor.key), *person.accounts)
        return tuple(dict.fromkeys(name for name in names if name))

    def on_preferred(self, tx: Tx, fact: Fact) -> None:
        """A reactor: an hour that is past today when it is chosen is one of tomorrow, and one that
        is to come is one of today, unless today has had its digest."""
        e = fact.event
        assert isinstance(e, PersonPreferred)
        if e.wish != "digest":
            return
        person = self._telling.directory.person(e.person)
        wishes = {"digest": e.value} if e.value is not None else {}
        wished = Person(number=e.person, accounts=(), spaces=(), grants=(), wishes=wishes)
        hour = self._telling.hour(wished)
        if hour is not None:
            day = latest(tx.now, hour, zone_of(person))[0]
            tables.begin_after(tx, e.person, day.isoformat())


def _had(over: str, day: date) -> bool:
    """Whether `day` is over by the last that was. In another zone it may be a day earlier again;
    much later than that a clock was ahead."""
    return day <= date.fromisoformat(over) <= day + timedelta(days=2)


def _since(rows: Rows | Tx, number: int, last: tables.Before | None, now: Micros) -> Micros:
    """Where what a person has not been told of begins."""
    furthest = now - FURTHEST // timedelta(microseconds=1)
    if last is None:
        first = now - FIRST // timedelta(microseconds=1)
        return Micros(max(first, tables.looked_upto(rows, number, now)))
    since = last.digest.since
    if last.told:
        since = max(last.digest.upto, tables.looked_upto(rows, number, now))
    return Micros(max(since, furthest))


def _nothing(tx: Tx, people: Iterable[tuple[Person, str]], upto: Micros) -> None:
    for person, day in people:
        tables.looked(tx, person.number, day, upto)
