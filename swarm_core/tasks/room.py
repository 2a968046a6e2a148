"""What was said in the room before somebody asked there, given along to the worker as material.

What can go wrong: words of others outlive the person who said them, or pass for somebody else's.
So the words of each speaker are a text of their own, kept as theirs: who has a person erased
erases them in the tasks of others as well. Names are cut to what cannot imitate our own marks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

import msgspec

from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.text import clip, printable
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
from swarm_core.tasks.model import Overheard

MOST_HEARD = 100
LONGEST_SAID = 4_000
LONGEST_NAME = 40
_NOT_IN_A_NAME = str.maketrans(dict.fromkeys("[](){}<>:\"'`\u2028\u2029", " "))
"""A name stands in front of what somebody said, between marks of ours."""

migrations = Migrations("room")

_Line = tuple[int, Micros, str, str]
"""The number of a message among all that were heard, when it was said, by which name, and what."""


class TaskOverheard(Event, frozen=True, kw_only=True, gc=False):
    """What its actor said in the room before the task was asked there, `count` messages of
    theirs, is given along. It came from `source`, not from who asked, and may hold instructions
    that are not theirs."""

    kind: ClassVar[str] = "task.overheard"

    count: int
    text: BodyRef
    source: Literal["room"] = "room"


@migrations(name="0001_room")
def _room(db: Database) -> None:
    db.execute(
        """create table task_room(task integer not null, speaker text not null,
            count integer not null, text_body integer not null,
            primary key(task, speaker)) without rowid"""
    )


def _overheard(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, TaskOverheard)
    tx.execute(
        "insert into task_room(task, speaker, count, text_body) values(?,?,?,?)",
        (fact.task, fact.actor, e.count, e.text.id),
    )


TABLES = RoomTables(
    name="room",
    migrations=migrations,
    tables={"task_room": "projection"},
    projectors={TaskOverheard: _overheard},
)


def cleaned(heard: Sequence[Overheard]) -> tuple[Overheard, ...]:
    """The last of `heard`, oldest first, as they are kept: what cannot be seen is taken out."""
    kept = []
    for each in heard[-MOST_HEARD:]:
        name = clip(printable(each.name).translate(_NOT_IN_A_NAME), LONGEST_NAME) or "somebody"
        text = printable(each.text).strip()
        if len(text) > LONGEST_SAID:
            text = f"{text[:LONGEST_SAID]}…"
        if text:
            kept.append(msgspec.structs.replace(each, name=name, text=text))
    return tuple(kept)


def overhear(tx: Tx, task: TaskId, heard: Sequence[Overheard]) -> None:
    """Keep what was said before a task that was just accepted."""
    lines: dict[str, list[_Line]] = {}
    for n, each in enumerate(cleaned(heard)):
        lines.setdefault(each.speaker, []).append((n, each.at, each.name, each.text))
    for speaker, said in lines.items():
        text = tx.put_body(msgspec.json.encode(said).decode())
        tx.append(TaskOverheard(count=len(said), text=text), _actor(speaker), task=task)


def _actor(speaker: str) -> Actor:
    if speaker == SWARM.key:
        return SWARM
    surface, _, rest = speaker.partition("/")
    space, _, person = rest.rpartition("/")
    return Actor(surface=surface, space=space, person=person)


def of_task(tx: Tx, task: TaskId) -> tuple[Overheard, ...]:
    """What a task was given along, oldest first, also when it came in this transaction. What was
    erased is left out."""
    return _read(tx, task, tx.body)


def read(rows: Rows, task: TaskId) -> tuple[Overheard, ...]:
    """The same for readers."""
    return _read(rows, task, lambda body: read_body(rows.execute, body))


def _read(
    rows: Rows | Tx, task: TaskId, text_of: Callable[[int], str | None]
) -> tuple[Overheard, ...]:
    found: list[tuple[int, Overheard]] = []
    for speaker, body in rows.execute(
        "select speaker, text_body from task_room where task = ?", (task,)
    ).fetchall():
        text = text_of(body)
        for n, at, name, said in msgspec.json.decode(text or "[]", type=list[_Line]):
            found.append((n, Overheard(speaker=speaker, name=name, text=said, at=at)))
    return tuple(each for _, each in sorted(found, key=lambda one: one[0]))


def others(rows: Rows | Tx, task: TaskId, person: str) -> bool:
    """Whether a task was given along anything that `person` has not said themselves."""
    where = "select 1 from task_room where task = ? and speaker <> ? limit 1"
    return rows.execute(where, (task, person)).fetchone() is not None


def count(rows: Rows, task: TaskId) -> int:
    """How many messages a task was given along, erased ones as well."""
    (found,) = rows.execute(
        "select coalesce(sum(count), 0) from task_room where task = ?", (task,)
    ).fetchone()
    return int(found)
