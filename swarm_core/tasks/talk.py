"""What people and workers say to each other: conversations, and words to a task at work.

A conversation is the questions of one person at one place, with what came of each. It is not
stored a second time: it is read from the tasks, from the last new beginning on.
"""

from __future__ import annotations

from typing import ClassVar

from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.errors import AlreadyEnded
from swarm_core.kernel.ids import TaskId
from swarm_core.store import (
    BodyRef,
    Database,
    Event,
    Fact,
    Migrations,
    RoomTables,
    Rows,
    Store,
    Tx,
    read_body,
)
from swarm_core.tasks.model import FINISHED, Turn
from swarm_core.tasks.tasks import Tasks

MOST_TURNS = 20
"""Earlier turns of a conversation that a worker is given; a window may hold fewer."""

migrations = Migrations("talk")


class TaskTold(Event, frozen=True, kw_only=True, gc=False):
    """A person said something to the task; its worker reads it before its next step."""

    kind: ClassVar[str] = "task.told"

    text: BodyRef


class TalkBegun(Event, frozen=True, kw_only=True, gc=False):
    """From here on `person` begins a new conversation at `place`: what follows does not know
    what came before, up to the task `after`."""

    kind: ClassVar[str] = "talk.begun"

    person: str
    place: Place
    after: TaskId


class TalkForgotten(Event, frozen=True, kw_only=True, gc=False):
    """The texts of these tasks of a conversation were erased at the wish of `person`."""

    kind: ClassVar[str] = "talk.forgotten"

    person: str
    place: Place
    tasks: tuple[TaskId, ...]


@migrations(name="0001_talk")
def _talk(db: Database) -> None:
    db.execute(
        """create table talks(person text not null, surface text not null, space text not null,
            thread text not null, after integer not null,
            primary key(person, surface, space, thread)) without rowid"""
    )
    db.execute(
        """create table task_told(seq integer primary key, task integer not null,
            text_body integer not null)"""
    )
    db.execute("create index task_told_task on task_told(task, seq)")


def _told(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, TaskTold)
    tx.execute(
        "insert into task_told(seq, task, text_body) values(?,?,?)",
        (fact.seq, fact.task, e.text.id),
    )


def _begun(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, TalkBegun)
    tx.execute(
        "insert into talks(person, surface, space, thread, after) values(?,?,?,?,?)"
        " on conflict do update set after = excluded.after",
        (e.person, e.place.surface, e.place.space, e.place.thread, e.after),
    )


TABLES = RoomTables(
    name="talk",
    migrations=migrations,
    tables={"talks": "projection", "task_told": "projection"},
    events=(TalkForgotten,),
    projectors={TaskTold: _told, TalkBegun: _begun},
)


def tell(tx: Tx, tasks: Tasks, actor: Actor, task: TaskId, text: str) -> None:
    """Record what `actor` says to a task. Raises `NotFound`, `AlreadyEnded`."""
    state = tasks.state(tx, task)
    if state in FINISHED:
        raise AlreadyEnded(task=task, state=state)
    tx.append(TaskTold(text=tx.put_body(text)), actor, task=task)


def begin(tx: Tx, actor: Actor, place: Place) -> None:
    """Begin a new conversation of `actor` at `place`."""
    (last,) = tx.execute("select coalesce(max(id), 0) from tasks").fetchone()
    tx.append(TalkBegun(person=actor.key, place=place, after=TaskId(last)), actor)


def begun(rows: Rows | Tx, person: str, place: Place) -> TaskId:
    """The last task before the conversation of `person` at `place` began, 0 for none."""
    row = rows.execute(
        "select after from talks where person = ? and surface = ? and space = ? and thread = ?",
        (person, place.surface, place.space, place.thread),
    ).fetchone()
    return TaskId(row[0] if row else 0)


def earlier(
    rows: Rows | Tx, person: str, place: Place, before: TaskId | None = None, most: int = MOST_TURNS
) -> tuple[Turn, ...]:
    """The last turns of a person's conversation at a place, oldest first. What was erased is
    left out."""
    where = (person, place.surface, place.space, place.thread)
    found = rows.execute(
        "select id, text_body, result_body, failure from tasks where kind = 'ask' and person = ?"
        " and surface = ? and space = ? and thread = ? and id > ? and (?6 is null or id < ?6)"
        " order by id desc limit ?",
        (*where, begun(rows, person, place), before, most),
    ).fetchall()
    turns = []
    for id_, text, result, failure in reversed(found):
        asked = read_body(rows.execute, text)
        if asked is not None:
            answer = read_body(rows.execute, result)
            turns.append(Turn(task=id_, asked=asked, answer=answer, failure=failure))
    return tuple(turns)


def said_to(rows: Rows, task: TaskId) -> tuple[str | None, ...]:
    """What was said to `task`, oldest first; None for what was erased."""
    found = rows.execute(
        "select text_body from task_told where task = ? order by seq", (task,)
    ).fetchall()
    return tuple(read_body(rows.execute, row[0]) for row in found)


class Ears:
    """What was said to tasks at work, for their workers. A task nobody spoke to costs no query."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._spoken_to: set[TaskId] = set()
        self._stop = store.listen((TaskTold,), self._hear)

    def _hear(self, fact: Fact) -> None:
        if fact.task is not None:
            self._spoken_to.add(fact.task)

    async def start(self) -> None:
        """Learn of what was said before this process began."""

        def open_ones(rows: Rows) -> list[TaskId]:
            found = rows.execute(
                "select distinct s.task from task_told s join tasks t on t.id = s.task"
                " where t.ended is null"
            ).fetchall()
            return [TaskId(row[0]) for row in found]

        self._spoken_to.update(await self._store.read(open_ones))

    def close(self) -> None:
        self._stop()

    async def heard(self, task: TaskId, known: int) -> tuple[str, ...]:
        """What was said to `task`, but for the first `known`, oldest first."""
        if task not in self._spoken_to:
            return ()

        def said(rows: Rows) -> tuple[str, ...]:
            found = rows.execute(
                "select text_body from task_told where task = ? order by seq limit -1 offset ?",
                (task, known),
            ).fetchall()
            return tuple(read_body(rows.execute, row[0]) or "" for row in found)

        return await self._store.read(said)
