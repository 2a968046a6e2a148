"""Rows of notices: what is to be told (projection), deliveries under way (working)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import NO_TASK, NoticeId, TaskId
from swarm_core.notices import events as ev
from swarm_core.notices.model import WEBHOOK, Delivery, DeliveryClass, NoticeKind, NoticeState
from swarm_core.store import Database, Event, Fact, Migrations, RoomTables, Rows, Tx

migrations = Migrations("notices")

LONGEST_PAUSE = 600_000_000
"""Microseconds for which a delivery is postponed at most."""


@migrations(name="0001_notices")
def _notices(db: Database) -> None:
    db.execute(
        """create table notices(
            id integer primary key, task integer not null, kind text not null,
            class text not null, surface text not null, space text not null,
            thread text not null, state text not null, message text,
            created integer not null, ended integer)"""
    )
    db.execute("create index notices_pending on notices(surface, id) where state = 'pending'")
    db.execute("create index notices_task on notices(task)")
    db.execute(
        """create table outbox(
            notice integer primary key, tries integer not null, maybe integer not null,
            next integer not null)"""
    )
    db.execute("create table receipts(task integer primary key)")
    db.execute("create table attached(surface text primary key) without rowid")


@migrations(name="0002_about")
def _about(db: Database) -> None:
    db.execute("alter table notices add column about text not null default ''")


@migrations(name="0003_whose")
def _whose(db: Database) -> None:
    db.execute("alter table notices add column whose text not null default ''")
    db.execute("alter table notices add column held integer not null default 0")
    db.execute("create index notices_whose on notices(whose, id) where whose <> ''")
    db.execute(
        "create index notices_hooks on notices(space, state, ended) where surface = 'webhook'"
    )
    db.execute("create index notices_lost on notices(created) where kind = 'undelivered'")
    db.execute("create index notices_held on notices(held) where state = 'pending' and held > 0")


def _queued(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.NoticeQueued)
    tx.execute(
        "insert into notices(id, task, kind, class, surface, space, thread, state, created,"
        " about, whose, held) values(?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            e.notice,
            fact.task or NO_TASK,
            e.notice_kind,
            e.delivery_class,
            e.place.surface,
            e.place.space,
            e.place.thread,
            "kept" if e.kept else "pending",
            fact.at,
            msgspec.json.encode(e.about, order="sorted").decode() if e.about else "",
            e.whose,
            e.held or 0,
        ),
    )


def _held(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.NoticesHeld)
    for notice in e.notices:
        tx.execute("update notices set held = ? where id = ?", (e.until, notice))


def _ended(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.NoticesEnded)
    for notice, message in e.notices:
        tx.execute(
            "update notices set state = ?, message = ?, ended = ? where id = ?",
            (e.state, message, fact.at, notice),
        )


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {
    ev.NoticeQueued: _queued,
    ev.NoticesHeld: _held,
    ev.NoticesEnded: _ended,
}

TABLES = RoomTables(
    name="notices",
    migrations=migrations,
    tables={
        "notices": "projection",
        "outbox": "working",
        "receipts": "working",
        "attached": "working",
    },
    projectors=PROJECTORS,
)


def waiting(
    tx: Tx, surface: str, now: Micros, after: NoticeId, most: int, longest: int = LONGEST_PAUSE
) -> list[Delivery]:
    """Pending notices of a surface that may be sent now, from `after` on. One that is postponed
    for longer than any is was so before the clock was set back. What is held in quiet hours
    waits for their end, whatever `now` is."""
    found = tx.execute(
        "select n.id, n.kind, n.class, n.task, n.space, n.thread, coalesce(o.maybe, 0), n.about,"
        " n.created, n.held"
        " from notices n left join outbox o on o.notice = n.id"
        " where n.surface = ? and n.state = 'pending' and n.id > ?"
        " and (o.notice is null or o.next <= ? or o.next > ?) and n.held <= ?"
        " order by n.id limit ?",
        (surface, after, now, now + longest, tx.at, most),
    ).fetchall()
    return [
        Delivery(
            notice=NoticeId(row[0]),
            kind=row[1],
            delivery_class=row[2],
            task=TaskId(row[3]),
            place=Place(surface=surface, space=row[4], thread=row[5]),
            repeat=bool(row[6]),
            about=msgspec.json.decode(row[7]) if row[7] else {},
            created=Micros(row[8]),
            held=row[9] > 0,
        )
        for row in found
    ]


def postpone(
    tx: Tx, notice: NoticeId, until: Micros, *, maybe: bool, tries: int | None = None
) -> None:
    """Send it again later; `maybe`: it may have arrived. `tries` so far, None for one more."""
    tx.execute(
        "insert into outbox(notice, tries, maybe, next) values(?1, coalesce(?4, 1), ?2, ?3)"
        " on conflict(notice) do update set tries = coalesce(?4, tries + 1),"
        " maybe = maybe or excluded.maybe, next = excluded.next",
        (notice, maybe, until, tries),
    )


def tries(tx: Tx, notice: NoticeId) -> int:
    row = tx.execute("select tries from outbox where notice = ?", (notice,)).fetchone()
    return int(row[0]) if row else 0


def next_try(tx: Tx) -> Micros | None:
    """The next instant at which a postponed or held notice of a surface that is there may be
    sent."""
    there = "n.surface in (select surface from attached)"
    (instant,) = tx.execute(
        "select min(at) from (select min(o.next) as at from outbox o join notices n"  # noqa: S608
        f" on n.id = o.notice where n.state = 'pending' and o.next > ?1 and {there}"
        " union all select min(n.held) from notices n"
        f" where n.state = 'pending' and n.held > 0 and n.held > ?1 and {there})",
        (tx.at,),
    ).fetchone()
    return None if instant is None else Micros(instant)


def still_pending(tx: Tx, notices: Sequence[NoticeId]) -> list[tuple[NoticeId, str]]:
    """Those of `notices` that nothing is known of yet, with their class."""
    marks = ",".join("?" * len(notices))
    found = tx.execute(
        f"select id, class from notices where state = 'pending' and id in ({marks}) order by id",  # noqa: S608
        notices,
    ).fetchall()
    return [(NoticeId(r[0]), r[1]) for r in found]


def attach(tx: Tx, surface: str) -> None:
    """From now on a pending notice of this surface may be on its way."""
    tx.execute("insert or ignore into attached(surface) values(?)", (surface,))


def detach(tx: Tx, surface: str) -> None:
    """Nothing of this surface is on its way any more."""
    tx.execute("delete from attached where surface = ?", (surface,))


def owe_receipt(tx: Tx, task: TaskId) -> None:
    """The command's own reply is about to tell of this task."""
    tx.later("insert into receipts(task) values(?)", (task,))


def receipts_given(tx: Tx, tasks: Sequence[TaskId]) -> None:
    for task in tasks:
        tx.later("delete from receipts where task = ?", (task,))


def owed_receipts(tx: Tx, task: TaskId | None) -> list[TaskId]:
    """Tasks that were accepted, or this one, and whose reply is not known to be out."""
    which = "delete from receipts where ?1 is null or task = ?1 returning task"
    found = tx.execute(which, (task,)).fetchall()
    return sorted(TaskId(row[0]) for row in found)


def interrupted(tx: Tx) -> list[tuple[NoticeId, str, bool]]:
    """What a process that was killed may have been sending: pending notices of surfaces that
    were attached; with their class, and whether their task has ended since."""
    found = tx.execute(
        "select n.id, n.class, exists(select 1 from notices e where e.task = n.task and"
        " e.kind = 'ended') from attached a join notices n on n.surface = a.surface"
        " where n.state = 'pending' and n.held <= ? order by n.id",
        (tx.at,),
    ).fetchall()
    tx.execute("delete from attached")
    return [(NoticeId(r[0]), r[1], bool(r[2])) for r in found]


def pending_of(rows: Rows | Tx, task: TaskId) -> list[NoticeId]:
    """Notices of how a task stands that nobody has been given yet."""
    return [
        NoticeId(r[0])
        for r in rows.execute(
            "select id from notices where task = ? and state = 'pending'"
            " and kind in ('accepted', 'parked', 'ended') and surface <> ? order by id",
            (task, WEBHOOK),
        ).fetchall()
    ]


def unread(rows: Rows, surface: str) -> Sequence[TaskId]:
    """Tasks that ended while nobody was there to be told."""
    return [
        TaskId(r[0])
        for r in rows.execute(
            "select task from notices where surface = ? and state = 'pending' and kind = 'ended'"
            " order by id",
            (surface,),
        ).fetchall()
    ]


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One notice as it stands."""

    state: NoticeState
    kind: NoticeKind
    delivery_class: DeliveryClass
    task: TaskId
    place: Place
    about: dict[str, str | int | None]
    whose: str


def row(tx: Rows | Tx, notice: NoticeId) -> Row | None:
    found = tx.execute(
        "select state, kind, class, task, surface, space, thread, about, whose from notices"
        " where id = ?",
        (notice,),
    ).fetchone()
    if found is None:
        return None
    return Row(
        state=found[0],
        kind=found[1],
        delivery_class=found[2],
        task=TaskId(found[3]),
        place=Place(surface=found[4], space=found[5], thread=found[6]),
        about=msgspec.json.decode(found[7]) if found[7] else {},
        whose=found[8],
    )


def held_of(tx: Tx, whose: Sequence[str]) -> list[NoticeId]:
    """What quiet hours hold back for somebody."""
    marks = ",".join("?" * len(whose))
    found = tx.execute(
        f"select id from notices where state = 'pending' and held > ? and whose in ({marks})"  # noqa: S608
        " order by id",
        (tx.at, *whose),
    ).fetchall()
    return [NoticeId(row[0]) for row in found]
