"""What is kept of a conversation, and how it is forgotten."""

from __future__ import annotations

import msgspec

from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId
from swarm_core.store import Rows, Tx, read_body
from swarm_core.tasks import carrying, talk
from swarm_core.tasks.model import FINISHED

MOST_LINES = 5


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The beginning of one turn of a conversation."""

    task: TaskId
    at: Micros
    asked: str
    answered: bool


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """How many turns a conversation has since it was begun, and the first of them."""

    turns: int
    since: Micros | None
    lines: tuple[Line, ...]


def _turns(rows: Rows | Tx, person: str, place: Place) -> list[tuple[TaskId, str, int, int, int]]:
    """Id, state, instant, question and answer of every turn of a conversation that is kept."""
    found = []
    for part in carrying.parts(rows, person, place, talk.begun(rows, person, place)):
        where = (part.person, part.place.surface, part.place.space, part.place.thread)
        found += rows.execute(
            "select t.id, t.state, t.created, t.text_body, t.result_body from tasks t"  # noqa: S608
            " left join bodies b on b.id = t.text_body"
            " where (b.id is null or b.content is not null or b.blob is not null)"
            f" and t.{talk.turns_of(part.place)} and t.person = ? and t.surface = ?"
            " and t.space = ? and t.thread = ? and t.id > ? and t.id <= ?",
            (*where, part.since, part.upto),
        ).fetchall()
    return [(TaskId(r[0]), r[1], r[2], r[3], r[4]) for r in sorted(found)]


def memory(rows: Rows, person: str, place: Place) -> Memory:
    """What is kept of the conversation of `person` at `place`."""
    turns = _turns(rows, person, place)
    return Memory(
        turns=len(turns),
        since=Micros(turns[0][2]) if turns else None,
        lines=tuple(
            Line(
                task=task,
                at=Micros(at),
                asked=read_body(rows.execute, text) or "",
                answered=result is not None,
            )
            for task, _, at, text, result in turns[:MOST_LINES]
        ),
    )


def forget(tx: Tx, actor: Actor, place: Place) -> tuple[tuple[TaskId, ...], tuple[TaskId, ...]]:
    """Erase every text of the turns that have ended, and begin anew. Returns them, and those
    that were left because they have not ended."""
    turns = _turns(tx, actor.key, place)
    gone = tuple(task for task, state, *_ in turns if state in FINISHED)
    left = tuple(task for task, state, *_ in turns if state not in FINISHED)
    for task in gone:
        tx.erase(task)
    tx.append(talk.TalkForgotten(person=actor.key, place=place, tasks=gone), actor)
    talk.begin(tx, actor, place)
    return gone, left
