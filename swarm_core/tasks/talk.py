"""What people and workers say to each other: conversations, and words to a task at work.

A conversation is the questions of one person at one place, with what came of each. It is not
stored a second time: it is read from the tasks, from the last new beginning on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from swarm_core.kernel.actor import SWARM, Actor, Place
from swarm_core.kernel.errors import AlreadyEnded
from swarm_core.kernel.ids import Seq, TaskId
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
from swarm_core.tasks import carrying
from swarm_core.tasks.model import FINISHED, Turn
from swarm_core.tasks.tasks import Tasks

_ALONE = "terminal"
"""Where tasks are no turns of a conversation: there one person does everything in one place."""
MOST_TURNS = 20
"""Earlier turns of a conversation that a worker is given; a window may hold fewer."""

migrations = Migrations("talk")


class TaskTold(Event, frozen=True, kw_only=True, gc=False):
    """A person said something to the task; its worker reads it before its next step."""

    kind: ClassVar[str] = "task.told"

    text: BodyRef
    key: str | None = None
    """Of the inbound event that said it, so that it is said once and can be found again."""


class TaskHeard(Event, frozen=True, kw_only=True, gc=False):
    """What was said to the task up to the fact `upto` was handed to its worker."""

    kind: ClassVar[str] = "task.heard"

    upto: Seq


class ToldAmended(Event, frozen=True, kw_only=True, gc=False):
    """What was said by the fact `told` is another text now; nobody had read it yet."""

    kind: ClassVar[str] = "task.told_amended"

    told: Seq
    text: BodyRef


class ToldWithdrawn(Event, frozen=True, kw_only=True, gc=False):
    """What was said by the fact `told` was taken back; nobody had read it yet."""

    kind: ClassVar[str] = "task.told_withdrawn"

    told: Seq


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


@migrations(name="0002_heard")
def _heard_migration(db: Database) -> None:
    db.execute("alter table task_told add column heard integer not null default 0")
    db.execute("alter table task_told add column key text")
    db.execute("create unique index task_told_key on task_told(key) where key is not null")


migrations(name="0003_carried")(carrying.migrate)


def _told(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, TaskTold)
    tx.execute(
        "insert into task_told(seq, task, text_body, heard, key) values(?,?,?,0,?)",
        (fact.seq, fact.task, e.text.id, e.key),
    )


def _heard(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, TaskHeard)
    tx.execute(
        "update task_told set heard = 1 where task = ? and seq <= ?",
        (fact.task, e.upto),
    )


def _amended(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ToldAmended)
    tx.execute("update task_told set text_body = ? where seq = ?", (e.text.id, e.told))


def _withdrawn(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ToldWithdrawn)
    tx.execute("delete from task_told where seq = ?", (e.told,))


def _begun(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, TalkBegun)
    tx.execute(
        "insert into talks(person, surface, space, thread, after) values(?,?,?,?,?)"
        " on conflict do update set after = excluded.after",
        (e.person, e.place.surface, e.place.space, e.place.thread, e.after),
    )
    tx.execute(
        "delete from carried where person = ? and surface = ? and space = ? and thread = ?"
        " and after = ?",
        (e.person, e.place.surface, e.place.space, e.place.thread, e.after),
    )


TABLES = RoomTables(
    name="talk",
    migrations=migrations,
    tables=dict.fromkeys(("talks", "task_told", "carried", "told_at"), "projection"),
    events=(TalkForgotten,),
    projectors={
        TaskTold: _told,
        TaskHeard: _heard,
        ToldAmended: _amended,
        ToldWithdrawn: _withdrawn,
        TalkBegun: _begun,
        **carrying.PROJECTORS,
    },
)


def tell(
    tx: Tx, tasks: Tasks, actor: Actor, task: TaskId, text: str, key: str | None = None
) -> None:
    """Record what `actor` says to a task; the same event again says nothing. Raises `NotFound`,
    `AlreadyEnded`."""
    if key is not None and tx.execute("select 1 from task_told where key = ?", (key,)).fetchone():
        return
    state = tasks.state(tx, task)
    if state in FINISHED:
        raise AlreadyEnded(task=task, state=state)
    tx.append(TaskTold(text=tx.put_body(text), key=key), actor, task=task)


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


def turns_of(place: Place) -> str:
    """The condition on a task that counts as a turn of a conversation at `place`."""
    return "kind = 'ask'" if place.surface == _ALONE else f"surface != '{_ALONE}'"


def earlier(
    rows: Rows | Tx, person: str, place: Place, before: TaskId | None = None, most: int = MOST_TURNS
) -> tuple[Turn, ...]:
    """The last turns of a person's conversation at a place, oldest first. What was erased is
    left out."""
    turns: list[Turn] = []
    last = None if before is None else TaskId(before - 1)
    for part in carrying.parts(rows, person, place, begun(rows, person, place), last):
        turns += _turns(rows, part, most - len(turns))
    return tuple(reversed(turns))


def _turns(rows: Rows | Tx, part: carrying.Part, most: int) -> Iterator[Turn]:
    where = (part.person, part.place.surface, part.place.space, part.place.thread)
    found = rows.execute(
        f"select id, text_body, result_body, failure from tasks where {turns_of(part.place)}"  # noqa: S608
        " and person = ? and surface = ? and space = ? and thread = ? and id > ? and id <= ?"
        " order by id desc limit ?",
        (*where, part.since, part.upto, most),
    ).fetchall()
    for id_, text, result, failure in found:
        asked = read_body(rows.execute, text)
        if asked is not None:
            answer = read_body(rows.execute, result)
            yield Turn(task=id_, asked=asked, answer=answer, failure=failure)


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
        """What was said to `task`, but for the first `known`, oldest first; it counts as read."""
        if task not in self._spoken_to:
            return ()

        def said(rows: Rows | Tx) -> list[tuple[Seq, int, bool]]:
            return rows.execute(
                "select seq, text_body, heard from task_told where task = ? order by seq"
                " limit -1 offset ?",
                (task, known),
            ).fetchall()

        def take(tx: Tx) -> tuple[str, ...]:
            found = said(tx)
            if not all(heard for _, _, heard in found):
                # From here on it cannot be changed any more.
                tx.append(TaskHeard(upto=found[-1][0]), SWARM, task=task)
            return tuple(tx.body(text) or "" for _, text, _ in found)

        return await self._store.write(take) if await self._store.read(said) else ()
