"""A conversation that goes on in another place, and where the tasks of it are told from then on.

A task stays where it was asked: whoever may see or steer it there still may, its folder and its
settings are those of that place. Only where it is told moves, and what a later question of its
asker in the new place knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import msgspec

from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.ids import LARGEST, TaskId
from swarm_core.store import Database, Event, Fact, Rows, Tx
from swarm_core.tasks.model import Task


class TaskCarried(Event, frozen=True, kw_only=True, gc=False):
    """From here on the tasks `told` are told at `place`. What `person` asks there after the task
    `after` follows on the conversation of `of_person` at `of_place` from behind the task `since` up
    to `upto`."""

    kind: ClassVar[str] = "task.carried"

    person: str
    place: Place
    after: TaskId
    of_person: str
    of_place: Place
    since: TaskId
    upto: TaskId
    told: tuple[TaskId, ...]


class Part(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The tasks of a person at a place from behind `since` up to `upto`."""

    person: str
    place: Place
    since: TaskId
    upto: TaskId


def migrate(db: Database) -> None:
    db.execute(
        """create table carried(person text not null, surface text not null, space text not null,
            thread text not null, after integer not null, of_person text not null,
            of_surface text not null, of_space text not null, of_thread text not null,
            since integer not null, upto integer not null,
            primary key(person, surface, space, thread, after)) without rowid"""
    )
    db.execute(
        """create table told_at(task integer primary key, surface text not null,
            space text not null, thread text not null)"""
    )


def _carried(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, TaskCarried)
    here, there = e.place, e.of_place
    where = (here.surface, here.space, here.thread)
    tx.execute(
        "insert or replace into carried values(?,?,?,?,?,?,?,?,?,?,?)",
        (
            *(e.person, *where, e.after, e.of_person),
            *(there.surface, there.space, there.thread, e.since, e.upto),
        ),
    )
    tx.execute(
        "insert or replace into talks(person, surface, space, thread, after) values(?,?,?,?,?)",
        (e.person, *where, e.after),
    )
    for task in e.told:
        tx.execute("insert or replace into told_at values(?,?,?,?)", (task, *where))


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {TaskCarried: _carried}


def carry(tx: Tx, actor: Actor, task: Task, place: Place, begun: TaskId) -> None:
    """Let the conversation of `task`, which began behind the task `begun`, go on at `place`, where
    it and all that has not ended of it is told. Of one that was begun anew since, it is this task
    alone."""
    (row,) = tx.execute("select coalesce(max(id), 0) from tasks").fetchone()
    last, there = TaskId(row), task.place
    since, upto = (begun, last) if begun < task.id else (TaskId(task.id - 1), task.id)
    still_open = tx.execute(
        "select id from tasks where ended is null and person = ? and surface = ? and space = ?"
        " and thread = ? and id > ? and id <= ? order by id",
        (task.person, there.surface, there.space, there.thread, since, upto),
    ).fetchall()
    tx.append(
        TaskCarried(
            person=actor.key,
            place=place,
            after=last,
            of_person=task.person,
            of_place=there,
            since=since,
            upto=upto,
            told=tuple(dict.fromkeys((task.id, *(TaskId(row[0]) for row in still_open)))),
        ),
        actor,
        task=task.id,
    )


def covers(rows: Rows | Tx, person: str, place: Place, begun: TaskId, task: Task) -> bool:
    """Whether `task` is a turn of that conversation already."""
    return any(
        (part.person, part.place) == (task.person, task.place) and part.since < task.id <= part.upto
        for part in parts(rows, person, place, begun)
    )


def parts(
    rows: Rows | Tx, person: str, place: Place, begun: TaskId, upto: TaskId | None = None
) -> Iterator[Part]:
    """Of what a conversation that began behind the task `begun` is made, the latest part first: its
    own, and that of each it follows on. With `upto` as it was at that task."""
    last = TaskId(LARGEST) if upto is None else upto
    own = Part(person=person, place=place, since=begun, upto=last)
    yield own
    part = _before(rows, own) if last >= begun else None
    while part is not None:  # each one ends where the next began, so there is a first one
        yield part
        part = _before(rows, part)


def _before(rows: Rows | Tx, part: Part) -> Part | None:
    place = part.place
    row = rows.execute(
        "select of_person, of_surface, of_space, of_thread, since, upto from carried"
        " where person = ? and surface = ? and space = ? and thread = ? and after = ?",
        (part.person, place.surface, place.space, place.thread, part.since),
    ).fetchone()
    if row is None:
        return None
    there = Place(surface=row[1], space=row[2], thread=row[3])
    return Part(person=row[0], place=there, since=TaskId(row[4]), upto=TaskId(row[5]))
