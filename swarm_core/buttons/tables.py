"""Rows of buttons."""

from __future__ import annotations

from swarm_core.store import Database, Migrations, RoomTables

migrations = Migrations("buttons")


@migrations(name="0001_buttons")
def _buttons(db: Database) -> None:
    db.execute(
        """create table buttons(
            id text primary key, choices text not null, place text not null, person text,
            task integer, once integer not null, used integer, expires integer not null)
            without rowid"""
    )
    db.execute("create index buttons_expires on buttons(expires)")
    db.execute("create index buttons_person on buttons(person) where person is not null")


TABLES = RoomTables(name="buttons", migrations=migrations, tables={"buttons": "working"})
