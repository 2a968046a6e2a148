"""What a surface has to know again after a restart: which message is about which task, and small
values of its own, such as the last message it has read. All of it is working state: losing it
loses no work."""

from __future__ import annotations

import msgspec

from swarm_core.kernel.ids import TaskId
from swarm_core.notices.questions import KEPT, Questions
from swarm_core.store import Database, Migrations, RoomTables, Store, Tx

migrations = Migrations("posts")


MISSED = "missed/"
"""Before a channel: the list of what was said there while nobody was there."""


class MissedList(msgspec.Struct, frozen=True, kw_only=True):
    """In which message it stands, '' before it is shown; up to which message it was made; the ids
    of its buttons: one for each that nobody has decided on, and the one that lets go of them; in
    which `language` it is, '' for the swarm's."""

    message: str
    upto: int
    buttons: tuple[str, ...]
    skip: str
    language: str = ""


class Post(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A message of ours in a channel of a surface, about `task`. A `card` is kept up to date."""

    channel: str
    message: str
    task: TaskId
    card: bool = False


@migrations(name="0001_posts")
def _posts(db: Database) -> None:
    db.execute(
        """create table posts(surface text not null, channel text not null,
            message text not null, task integer not null, card integer not null,
            at integer not null, primary key(surface, channel, message)) without rowid"""
    )
    db.execute("create index posts_cards on posts(surface, task) where card = 1")
    db.execute(
        """create table surface_values(surface text not null, name text not null,
            value text not null, primary key(surface, name)) without rowid"""
    )


@migrations(name="0002_by_task")
def _by_task(db: Database) -> None:
    db.execute("create index posts_task on posts(surface, task)")


@migrations(name="0003_by_age")
def _by_age(db: Database) -> None:
    # What is too old goes with each post that comes: found, and not looked for among all.
    db.execute("create index posts_age on posts(surface, at)")


TABLES = RoomTables(
    name="posts",
    migrations=migrations,
    tables={"posts": "working", "surface_values": "working"},
)


class Posts:
    """Messages by task, `questions`, and values by name, of every surface."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.questions = Questions(store)

    async def keep(self, surface: str, post: Post) -> None:
        """Remember what a message is about; an older card of its task is none any more."""

        def keep(tx: Tx) -> None:
            if post.card:
                tx.execute(
                    "update posts set card = 0 where surface = ? and task = ? and card = 1",
                    (surface, post.task),
                )
            tx.execute("delete from posts where surface = ? and at < ?", (surface, tx.at - KEPT))
            tx.execute(
                "insert into posts(surface, channel, message, task, card, at)"
                " values(?,?,?,?,?,?) on conflict do update set"
                " task = excluded.task, card = excluded.card",
                (surface, post.channel, post.message, post.task, post.card, tx.at),
            )

        await self._store.write(keep)

    async def settle(self, surface: str, task: TaskId) -> None:
        """The card of `task` needs no more care."""
        await self._store.write(
            lambda tx: tx.execute(
                "update posts set card = 0 where surface = ? and task = ? and card = 1",
                (surface, task),
            )
        )

    async def about(self, surface: str, channel: str, message: str) -> TaskId | None:
        """What a message of ours is about; None for one nobody knows."""
        row = await self._store.read(
            lambda rows: rows.execute(
                "select task from posts where surface = ? and channel = ? and message = ?",
                (surface, channel, message),
            ).fetchone()
        )
        return TaskId(row[0]) if row else None

    async def of_task(self, surface: str, task: TaskId, channel: str) -> Post | None:
        """The card of `task` in a channel, or what stood there of it first."""
        row = await self._store.read(
            lambda rows: rows.execute(
                "select message, card from posts where surface = ? and task = ? and channel = ?"
                " order by card desc, at limit 1",
                (surface, task, channel),
            ).fetchone()
        )
        return Post(channel=channel, message=row[0], task=task, card=bool(row[1])) if row else None

    async def cards(self, surface: str) -> list[Post]:
        """The cards that are kept up to date, oldest task first."""
        found = await self._store.read(
            lambda rows: rows.execute(
                "select channel, message, task from posts where surface = ? and card = 1"
                " order by task",
                (surface,),
            ).fetchall()
        )
        return [Post(channel=r[0], message=r[1], task=TaskId(r[2]), card=True) for r in found]

    async def recall(self, surface: str, name: str) -> str:
        """The value kept under `name`, '' for none."""
        row = await self._store.read(
            lambda rows: rows.execute(
                "select value from surface_values where surface = ? and name = ?", (surface, name)
            ).fetchone()
        )
        return str(row[0]) if row else ""

    async def note(self, surface: str, name: str, value: str) -> None:
        """Keep `value` under `name`."""
        await self._store.write(
            lambda tx: tx.execute(
                "insert into surface_values(surface, name, value) values(?,?,?)"
                " on conflict do update set value = excluded.value",
                (surface, name, value),
            )
        )

    async def drop(self, surface: str, name: str) -> None:
        """Keep nothing under `name` any more."""
        await self._store.write(
            lambda tx: tx.execute(
                "delete from surface_values where surface = ? and name = ?", (surface, name)
            )
        )

    async def named(self, surface: str, prefix: str) -> dict[str, str]:
        """The values whose names begin with `prefix`, by what follows it."""
        found = await self._store.read(
            lambda rows: rows.execute(
                "select name, value from surface_values where surface = ?"
                " and substr(name, 1, ?) = ?",
                (surface, len(prefix), prefix),
            ).fetchall()
        )
        return {row[0][len(prefix) :]: row[1] for row in found}
