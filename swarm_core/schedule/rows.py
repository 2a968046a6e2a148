"""What is asked of the rows of standing priorities: who is due, how each stands, what it did."""

from __future__ import annotations

from typing import Any

import msgspec

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import Seq
from swarm_core.schedule.model import Gate, Instant, Paused, StandingPriority
from swarm_core.schedule.tables import decode_priority
from swarm_core.store import Rows, Tx, read_body

_COLUMNS = "priority, at, due, state, reason, task, late, outcome, cost, changed, gate, opened"
_BUSY = "((state = 'ran' and ended is null) or (state = 'planned' and gate is not null))"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A priority as it is stored. `text` None: what it is to do was erased."""

    priority: StandingPriority
    text: str | None
    gate: str | None
    paused: Paused
    since: Micros | None
    what: str
    paid: int
    free: int
    gate_digest: str
    digest: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An instant with what only the room needs of it."""

    instant: Instant
    gate: int | None
    opened: bool
    queued: bool
    asked: bool


def _instant(row: tuple[Any, ...]) -> Instant:
    return Instant(
        name=row[0],
        at=row[1],
        due=row[2],
        state=row[3],
        reason=row[4],
        task=row[5],
        late=bool(row[6]),
        outcome=row[7],
        cost=row[8],
        changed=bool(row[9]),
    )


_KEPT = "spec, text_body, gate_body, paused, since, what, paid, free, gate_digest, digest"


def _kept(rows: Rows | Tx, row: tuple[Any, ...]) -> Kept:
    priority = decode_priority(row[0])
    body = rows.body if isinstance(rows, Tx) else lambda number: read_body(rows.execute, number)
    text, gate = body(row[1]), body(row[2])
    spoken = msgspec.structs.replace(priority.gate, run=gate or "") if priority.gate else None
    return Kept(
        priority=msgspec.structs.replace(priority, text=text or "", gate=spoken),
        text=text,
        gate=gate,
        paused=row[3],
        since=row[4],
        what=row[5],
        paid=row[6],
        free=row[7],
        gate_digest=row[8],
        digest=row[9],
    )


def get(rows: Rows | Tx, name: str) -> Kept | None:
    row = rows.execute(f"select {_KEPT} from priorities where name = ?", (name,)).fetchone()  # noqa: S608
    return _kept(rows, row) if row else None


def every(rows: Rows | Tx) -> list[Kept]:
    """All there are, by name."""
    found = rows.execute(f"select {_KEPT} from priorities order by name").fetchall()  # noqa: S608
    return [_kept(rows, row) for row in found]


def names(rows: Rows | Tx) -> list[str]:
    return [row[0] for row in rows.execute("select name from priorities order by name").fetchall()]


def row_of(rows: Rows | Tx, name: str, at: Micros) -> Row | None:
    row = rows.execute(
        f"select {_COLUMNS}, queued, asked from instants where priority = ? and at = ?",  # noqa: S608
        (name, at),
    ).fetchone()
    if row is None:
        return None
    return Row(
        instant=_instant(row),
        gate=row[10],
        opened=bool(row[11]),
        queued=bool(row[12]),
        asked=bool(row[13]),
    )


_READY = "state = 'planned' and (gate is null or opened = 1)"


def due(rows: Rows | Tx, now: Micros, most: int) -> list[tuple[str, Micros]]:
    """Instants to be decided on now, the longest due first. One that waits for the one before it
    is so when nothing of its priority is at work."""
    found = rows.execute(
        "select i.priority, i.at from instants i indexed by instants_due"  # noqa: S608
        f" where {_READY} and due <= ? and (queued = 0 or not exists (select 1 from instants o"
        " where o.priority = i.priority and o.at <> i.at and"
        " ((o.state = 'ran' and o.ended is null)"
        " or (o.state = 'planned' and o.gate is not null))))"
        " order by due, priority limit ?",
        (now, most),
    ).fetchall()
    return [(row[0], Micros(row[1])) for row in found]


def unseen(rows: Rows | Tx, name: str, now: Micros) -> Micros | None:
    """The instant of it that has come and of which nothing has become yet."""
    (at,) = rows.execute(
        "select min(at) from instants where priority = ? and state = 'planned' and gate is null"
        " and queued = 0 and at <= ?",
        (name, now),
    ).fetchone()
    return None if at is None else Micros(at)


def alarms(rows: Rows | Tx) -> dict[str, Micros]:
    """For each priority when it is to be looked at next."""
    found = rows.execute(
        f"select priority, min(due) from instants where {_READY} and queued = 0 group by priority"  # noqa: S608
    ).fetchall()
    return {row[0]: Micros(row[1]) for row in found}


def planned(rows: Rows | Tx, name: str, after: Micros) -> bool:
    """Whether an instant later than `after` is planned already."""
    found = rows.execute(
        "select 1 from instants where priority = ? and at > ? and state = 'planned'", (name, after)
    ).fetchone()
    return found is not None


def taken(rows: Rows | Tx, name: str, at: Micros) -> bool:
    found = rows.execute(
        "select 1 from instants where priority = ? and at = ?", (name, at)
    ).fetchone()
    return found is not None


def last_ran(rows: Rows | Tx, name: str) -> Instant | None:
    row = rows.execute(
        f"select {_COLUMNS} from instants where priority = ? and state = 'ran'"  # noqa: S608
        " order by at desc limit 1",
        (name,),
    ).fetchone()
    return _instant(row) if row else None


def latest(rows: Rows | Tx, name: str) -> Micros | None:
    """The last instant of it there is, whatever became of it."""
    row = rows.execute("select max(at) from instants where priority = ?", (name,)).fetchone()
    return None if row[0] is None else Micros(row[0])


def cursor(rows: Rows | Tx, name: str) -> Seq:
    """How far the journal was read for it."""
    row = rows.execute("select seq from schedule_cursors where priority = ?", (name,)).fetchone()
    return Seq(row[0] if row else 0)


def move_cursor(tx: Tx, name: str, seq: Seq) -> None:
    tx.execute("insert or replace into schedule_cursors(priority, seq) values(?,?)", (name, seq))


def busy(rows: Rows | Tx, name: str, at: Micros) -> list[Row]:
    """Other instants of it that are at work, their gates included."""
    found = rows.execute(
        f"select at from instants where priority = ? and at <> ? and {_BUSY} order by at",  # noqa: S608
        (name, at),
    ).fetchall()
    rows_found = (row_of(rows, name, Micros(row[0])) for row in found)
    return [row for row in rows_found if row]


def waits(rows: Rows | Tx, name: str, at: Micros) -> bool:
    """Whether another instant waits for one before it."""
    found = rows.execute(
        "select 1 from instants where priority = ? and at <> ? and state = 'planned'"
        " and queued = 1",
        (name, at),
    ).fetchone()
    return found is not None


def of_task(rows: Rows | Tx, task: int) -> tuple[str, Micros, bool] | None:
    """The instant whose work, or whose gate (True), a task is."""
    row = rows.execute(
        "select priority, at, 0 from instants where task = ?1 union all"
        " select priority, at, 1 from instants where gate = ?1",
        (task,),
    ).fetchone()
    return (row[0], Micros(row[1]), bool(row[2])) if row else None


def instants(rows: Rows | Tx, name: str, most: int) -> tuple[Instant, ...]:
    """The last ones that are over, newest first."""
    found = rows.execute(
        f"select {_COLUMNS} from instants where priority = ? and state <> 'planned'"  # noqa: S608
        " order by at desc limit ?",
        (name, most),
    ).fetchall()
    return tuple(_instant(row) for row in found)


def missed(rows: Rows | Tx, name: str, most: int) -> tuple[Instant, ...]:
    """Those that wait for a word, oldest first."""
    found = rows.execute(
        f"select {_COLUMNS} from instants where priority = ? and state = 'missed'"  # noqa: S608
        " order by at limit ?",
        (name, most),
    ).fetchall()
    return tuple(_instant(row) for row in found)


def missed_between(rows: Rows | Tx, since: Micros, upto: Micros) -> list[tuple[str, str, int]]:
    """Of each priority, with whose it is, how many instants of that time wait for a word."""
    return [
        (row[0], decode_priority(row[1]).by, row[2])
        for row in rows.execute(
            "select name, spec, count(*) from priorities join instants on priority = name"
            " where state = 'missed' and at > ? and at <= ? group by name order by name",
            (since, upto),
        ).fetchall()
    ]


def count_missed(rows: Rows | Tx, name: str) -> int:
    (count,) = rows.execute(
        "select count(*) from instants where priority = ? and state = 'missed'", (name,)
    ).fetchone()
    return int(count)


def bare(priority: StandingPriority) -> StandingPriority:
    """Without what people wrote, as it stands in facts."""
    gate = Gate(run="", when=priority.gate.when) if priority.gate else None
    return msgspec.structs.replace(priority, text="", gate=gate)


def bodies(rows: Rows | Tx, name: str) -> list[int] | None:
    """The texts of it that are kept; None when there is no such priority."""
    row = rows.execute(
        "select text_body, gate_body from priorities where name = ?", (name,)
    ).fetchone()
    return [number for number in row if number is not None] if row else None
