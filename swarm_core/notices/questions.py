"""Which messages ask people something, so that each can tell what became of it: decided
elsewhere, expired, taken back, gone on by itself. Working state: losing it loses no decision."""

from __future__ import annotations

import msgspec

from swarm_core.kernel.actor import Place
from swarm_core.kernel.ids import TaskId
from swarm_core.store import Database, Migrations, RoomTables, Store, Tx

KEPT = 90 * 86_400 * 1_000_000
"""Microseconds for which it is known what a message was about."""

migrations = Migrations("questions")


class Question(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A message of ours in the channel `place` that asks about `approval`; where that is '', about
    what `task` waits for. `task` is `NO_TASK` for what is about none."""

    place: Place
    message: str
    task: TaskId
    approval: str = ""


@migrations(name="0001_questions")
def _questions(db: Database) -> None:
    db.execute(
        """create table questions(surface text not null, space text not null,
            channel text not null, message text not null, task integer not null,
            approval text not null, at integer not null,
            primary key(surface, channel, message)) without rowid"""
    )


@migrations(name="0002_by_age")
def _by_age(db: Database) -> None:
    db.execute("create index questions_age on questions(surface, at)")


TABLES = RoomTables(name="questions", migrations=migrations, tables={"questions": "working"})


class Questions:
    """The questions that stand in the channels of every surface."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, question: Question) -> None:
        """Remember what a message asks."""
        place = question.place

        def keep(tx: Tx) -> None:
            old = (place.surface, tx.at - KEPT)
            tx.execute("delete from questions where surface = ? and at < ?", old)
            tx.execute(
                "insert into questions(surface, space, channel, message, task, approval, at)"
                " values(?,?,?,?,?,?,?) on conflict do update set"
                " task = excluded.task, approval = excluded.approval",
                (
                    place.surface,
                    place.space,
                    place.thread,
                    question.message,
                    question.task,
                    question.approval,
                    tx.at,
                ),
            )

        await self._store.write(keep)

    async def settle(self, question: Question) -> None:
        """The message asks nothing any more."""
        place = question.place
        await self._store.write(
            lambda tx: tx.execute(
                "delete from questions where surface = ? and channel = ? and message = ?",
                (place.surface, place.thread, question.message),
            )
        )

    async def all(self, surface: str) -> list[Question]:
        """Those that still ask something, in the order in which they were asked."""
        found = await self._store.read(
            lambda rows: rows.execute(
                "select space, channel, message, task, approval from questions where surface = ?"
                " order by at, message",
                (surface,),
            ).fetchall()
        )
        return [
            Question(
                place=Place(surface=surface, space=r[0], thread=r[1]),
                message=r[2],
                task=TaskId(r[3]),
                approval=r[4],
            )
            for r in found
        ]
