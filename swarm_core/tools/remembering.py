"""A small memory between runs: what a playbook saw the last time.

Kept for each person, so that what was asked in one place is not told in another.
"""

from __future__ import annotations

from typing import Any

import msgspec
from pydantic import Field

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import TooLarge
from swarm_core.store import Database, Migrations, RoomTables, Store, Tx
from swarm_core.tools.model import Arguments, Effect, Inward, ToolContext, ToolOutput

migrations = Migrations("tools")

LARGEST = 16 * 1024
"""Bytes of JSON that may be kept under one key."""


@migrations(name="0001_remembered")
def _remembered(db: Database) -> None:
    db.execute(
        """create table remembered(person text not null, playbook text not null,
            key text not null, value text not null, at integer not null,
            primary key(person, playbook, key)) without rowid"""
    )


TABLES = RoomTables(name="tools", migrations=migrations, tables={"remembered": "working"})


class Entry(Arguments):
    playbook: str = Field(max_length=64)
    key: str = Field(max_length=4096)


class Value(Entry):
    value: Any = None


class LastResult(Inward):
    """What was remembered, or null."""

    name = "last_result"
    summary = "What this playbook remembered the last time under a key."
    effect: Effect = "pure"
    arguments = Entry
    timeout = 10

    def __init__(self, store: Store) -> None:
        self._store = store

    def resource(self, args: Entry) -> str:
        return f"{args.playbook}/{args.key}"

    async def run(self, args: Entry, context: ToolContext) -> ToolOutput:
        key = (context.actor.key, args.playbook, args.key)
        row = await self._store.read(
            lambda rows: rows.execute(
                "select value from remembered where person = ? and playbook = ? and key = ?", key
            ).fetchone()
        )
        if row is None:
            return ToolOutput(text="Nothing is remembered.", data=None)
        return ToolOutput(text=row[0], data=msgspec.json.decode(row[0]))


class Remember(Inward):
    """Keeps a value for the next time; the same value twice is the same."""

    name = "remember"
    summary = "Keep a small value for the next run of this playbook."
    effect: Effect = "repeatable"
    arguments = Value
    timeout = 10

    def __init__(self, store: Store) -> None:
        self._store = store

    def resource(self, args: Value) -> str:
        return f"{args.playbook}/{args.key}"

    async def run(self, args: Value, context: ToolContext) -> ToolOutput:
        """Raises `TooLarge`."""
        value = msgspec.json.encode(args.value, order="sorted")
        if len(value) > LARGEST:
            raise TooLarge(what=f"the value of {args.key}", size=len(value), limit=LARGEST)
        await self._store.write(lambda tx: _keep(tx, context.actor, args, value.decode()))
        return ToolOutput(text="Remembered.", data=None)


def _keep(tx: Tx, actor: Actor, args: Value, value: str) -> None:
    tx.execute(
        "insert into remembered(person, playbook, key, value, at) values(?,?,?,?,?)"
        " on conflict(person, playbook, key) do update set value = excluded.value,"
        " at = excluded.at",
        (actor.key, args.playbook, args.key, value, tx.at),
    )
