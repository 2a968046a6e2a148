"""Facts about what was erased. What it said is in none of them."""

from __future__ import annotations

from typing import ClassVar

from swarm_core.store import Database, Event, Migrations, RoomTables


class PersonErased(Event, frozen=True, kw_only=True, gc=False):
    """All texts of these people (the keys of one person) were erased: of how many tasks, how many
    texts."""

    kind: ClassVar[str] = "person.erased"

    people: tuple[str, ...]
    tasks: int
    texts: int


class TextsExpired(Event, frozen=True, kw_only=True, gc=False):
    """The texts of so many tasks were erased because their time was over."""

    kind: ClassVar[str] = "texts.expired"

    tasks: int


migrations = Migrations("keeping")


@migrations(name="0001_none")
def _none(db: Database) -> None:
    """No tables: what is erased leaves nothing, and backups are known by their files."""
    del db


TABLES = RoomTables(
    name="keeping", migrations=migrations, tables={}, events=(PersonErased, TextsExpired)
)
