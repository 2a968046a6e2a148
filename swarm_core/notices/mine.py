"""What people do about their own notices: say where they are told of what, and look at the last
ones. Everything passes the policy."""

from __future__ import annotations

import msgspec

from swarm_core.dispatch.members import Members
from swarm_core.kernel.actor import OWNER, SORTS, Actor, Place, Sort
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.ids import NO_TASK, NoticeId, TaskId
from swarm_core.notices.model import NoticeKind, NoticeState
from swarm_core.notices.preferring import (
    HERE,
    USUAL,
    Preference,
    check,
    may,
    wish_of,
)
from swarm_core.notices.telling import Telling, whose_is
from swarm_core.store import Rows, Store

MOST_LISTED = 50


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a person. `quiet` are their hours, '' for none; `until` when those they are
    in end; `hour` that of their digest, '' for none."""

    each: tuple[Preference, ...]
    surfaces: tuple[str, ...]
    quiet: str
    hour: str
    until: Micros | None = None


class Noticed(msgspec.Struct, frozen=True, kw_only=True):
    """One notice of a person; `held`: not before then."""

    notice: NoticeId
    state: NoticeState
    kind: NoticeKind
    task: TaskId | None
    place: Place
    created: Micros
    held: Micros | None


class Mine:
    """The notices of whoever asks."""

    def __init__(self, store: Store, members: Members, telling: Telling) -> None:
        self._store = store
        self._members = members
        self._telling = telling

    def preferences(self, actor: Actor) -> Preferences:
        """What holds for the actor."""
        person = self._members.me(actor)
        surfaces = self._telling.surfaces(person)
        owner = OWNER in actor.roles
        rules, wishes = self._telling.rules, person.wishes
        each = tuple(
            Preference(
                sort=sort,
                place=wishes.get(wish_of(sort), HERE),
                own=wish_of(sort) in wishes,
                may=may(sort, surfaces),
            )
            for sort in SORTS
            if owner or sort != "money"
        )
        usual = str(rules.quiet) if rules.quiet else ""
        hour = f"{rules.digest:%H:%M}" if rules.digest else ""
        quiet, digest = wishes.get("quiet", usual), wishes.get("digest", hour)
        return Preferences(
            each=each,
            surfaces=surfaces,
            quiet="" if quiet == "none" else quiet,
            hour="" if digest == "none" else digest,
            until=self._telling.until(person, to_micros(self._store.clock.now())),
        )

    async def prefer(self, actor: Actor, sort: Sort, place: str) -> Preferences:
        """Have the actor told of `sort` there from now on. Raises `AlwaysTold`, `NoAccountThere`,
        `OwnersNotices`."""
        surfaces = self._telling.surfaces(self._members.me(actor))
        check(sort, place, surfaces, owner=OWNER in actor.roles)
        await self._members.prefer(actor, wish_of(sort), None if place == USUAL else place)
        return self.preferences(actor)

    async def last(self, actor: Actor) -> tuple[Noticed, ...]:
        """The actor's last notices, newest first, whatever became of them."""
        whose = self._whose(actor)
        self._members.own_things(actor)
        now = to_micros(self._store.clock.now())
        return await self._store.read(lambda rows: _last(rows, whose, now))

    def _whose(self, actor: Actor) -> tuple[str, ...]:
        person = self._members.me(actor)
        accounts = (whose_is(self._members.directory, actor.key), *person.accounts)
        return tuple(dict.fromkeys(each for each in accounts if each))


def _last(rows: Rows, whose: tuple[str, ...], now: Micros) -> tuple[Noticed, ...]:
    marks = ",".join("?" * len(whose))
    found = rows.execute(
        "select id, state, kind, task, surface, space, thread, created, held from notices"  # noqa: S608
        f" where whose <> '' and whose in ({marks}) order by id desc limit ?",
        (*whose, MOST_LISTED),
    ).fetchall()
    return tuple(
        Noticed(
            notice=NoticeId(row[0]),
            state=row[1],
            kind=row[2],
            task=TaskId(row[3]) if row[3] != NO_TASK else None,
            place=Place(surface=row[4], space=row[5], thread=row[6]),
            created=Micros(row[7]),
            held=Micros(row[8]) if row[1] == "pending" and row[8] > now else None,
        )
        for row in found
    )
