"""Voice notes on record: facts, rows, and how the one makes the other.

What was said is a text of whoever said it, outside the journal; the recording itself is not kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, NewType

import msgspec

from swarm_core.kernel.actor import Place
from swarm_core.kernel.ids import HoldId, TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import (
    BodyRef,
    Database,
    Event,
    Fact,
    Migrations,
    RoomTables,
    Rows,
    Tx,
    read_body,
)

VoiceId = NewType("VoiceId", int)

VoiceState = Literal["taken", "heard", "refused", "lost"]
"""taken: it is with the provider. refused: it served nothing. lost: nobody knows whether it did."""

migrations = Migrations("voices")


class VoiceTaken(Event, frozen=True, kw_only=True, gc=False):
    """A voice note of the fact's actor is about to be sent to `model`; what that may cost at worst
    is held. The same `key` again: once more, under the same number."""

    kind: ClassVar[str] = "voice.taken"

    voice: VoiceId
    key: str
    place: Place
    seconds: int
    model: str
    hold: HoldId | None


class VoiceEnded(Event, frozen=True, kw_only=True, gc=False):
    """What came of it. `text`, what was said, is there when it was heard."""

    kind: ClassVar[str] = "voice.ended"

    voice: VoiceId
    state: VoiceState
    text: BodyRef | None = None
    failure: str | None = None
    cost: MicroUSD


class VoiceAsked(Event, frozen=True, kw_only=True, gc=False):
    """The fact's actor had it carried out, as it was heard or mended, as `asked`."""

    kind: ClassVar[str] = "voice.asked"

    voice: VoiceId
    asked: TaskId


@migrations(name="0001_voices")
def _voices(db: Database) -> None:
    db.execute(
        """create table voices(
            id integer primary key, key text not null unique, person text not null,
            surface text not null, space text not null, thread text not null,
            state text not null, seconds integer not null, model text not null, hold integer,
            lost integer not null default 0, text_body integer, cost integer not null default 0,
            asks integer not null default 0, task integer, at integer not null, ended integer)"""
    )
    db.execute("create index voices_taken on voices(id) where state = 'taken'")
    db.execute("create index voices_hold on voices(hold) where hold is not null")


def _taken(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, VoiceTaken)
    tx.execute(
        "insert into voices(id, key, person, surface, space, thread, state, seconds, model, hold,"
        " at) values(?,?,?,?,?,?,'taken',?,?,?,?) on conflict(id) do update set state = 'taken',"
        " seconds = excluded.seconds, model = excluded.model, hold = excluded.hold, ended = null",
        (
            e.voice,
            e.key,
            fact.actor,
            e.place.surface,
            e.place.space,
            e.place.thread,
            e.seconds,
            e.model,
            e.hold,
            fact.at,
        ),
    )


def _ended(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, VoiceEnded)
    tx.execute(
        "update voices set state = ?, text_body = ?, cost = cost + ?, ended = ?,"
        " lost = lost + ? where id = ?",
        (e.state, e.text.id if e.text else None, e.cost, fact.at, e.state == "lost", e.voice),
    )


def _asked(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, VoiceAsked)
    tx.execute("update voices set asks = asks + 1, task = ? where id = ?", (e.asked, e.voice))


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {
    VoiceTaken: _taken,
    VoiceEnded: _ended,
    VoiceAsked: _asked,
}

TABLES = RoomTables(
    name="voices",
    migrations=migrations,
    tables={"voices": "projection"},
    projectors=PROJECTORS,
)


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """A voice note as it stands. `text` None: not heard, or erased. `lost` is how often nobody
    knew what came of it; `asks` how often it was carried out, `task` as what last."""

    id: VoiceId
    key: str
    person: str
    place: Place
    state: VoiceState
    seconds: int
    model: str
    hold: HoldId | None
    lost: int
    text: str | None
    cost: MicroUSD
    asks: int
    task: TaskId | None


_COLUMNS = (
    "select id, key, person, surface, space, thread, state, seconds, model, hold, lost, text_body,"
    " cost, asks, task from voices where"
)


def by_key(rows: Rows | Tx, key: str) -> Voice | None:
    """The voice note that came with this event."""
    return _one(rows, "key", key)


def get(rows: Rows | Tx, voice: VoiceId) -> Voice | None:
    return _one(rows, "id", voice)


def taken(tx: Tx) -> list[Voice]:
    """Those of which nobody has said what came of them."""
    found = tx.execute(f"{_COLUMNS} state = 'taken' order by id").fetchall()
    return [_read(tx, row) for row in found]


def _one(rows: Rows | Tx, column: str, value: str | int) -> Voice | None:
    row = rows.execute(f"{_COLUMNS} {column} = ?", (value,)).fetchone()
    return _read(rows, row) if row else None


def _read(rows: Rows | Tx, row: tuple[Any, ...]) -> Voice:
    return Voice(
        id=row[0],
        key=row[1],
        person=row[2],
        place=Place(surface=row[3], space=row[4], thread=row[5]),
        state=row[6],
        seconds=row[7],
        model=row[8],
        hold=row[9],
        lost=row[10],
        text=read_body(rows.execute, row[11]),
        cost=MicroUSD(row[12]),
        asks=row[13],
        task=row[14],
    )
