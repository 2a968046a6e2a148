"""Which tasks somebody sees where they are: a condition for reads, and for one task in hand."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from swarm_core.tasks.model import Task


class Sight(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`people`: only tasks of these keys; None: everybody's. `space`: only what was asked in that
    surface and space; None: wherever."""

    people: tuple[str, ...] | None = None
    space: tuple[str, str] | None = None

    @property
    def whole(self) -> bool:
        return self.people is None and self.space is None

    def sees(self, task: Task) -> bool:
        own = self.people is None or task.person in self.people
        return own and self.here(task)

    def here(self, task: Task) -> bool:
        """Whether it was asked where one may know of it at all."""
        return self.space in (None, (task.place.surface, task.place.space))

    def knows(self, key: str, *, others: bool = False) -> bool:
        """Whether what the person of `key` did may be told; `others`: not of one's own alone."""
        own = others or self.people is None or key in self.people
        return own and (self.space is None or key.startswith("/".join((*self.space, ""))))

    def by_key(self) -> tuple[str, list[Any]]:
        """The condition on a table that has nothing but the key of a `person`."""
        told, values = "", list[Any]()
        if self.people is not None:
            told += " and person in (select value from json_each(?))"
            values.append(msgspec.json.encode(self.people).decode())
        if self.space is not None:
            prefix = "/".join((*self.space, ""))
            told += " and substr(person, 1, ?) = ?"
            values += [len(prefix), prefix]
        return told, values

    def where(self, table: Literal["tasks", "t"] = "tasks") -> tuple[str, list[Any]]:
        """The condition in SQL on a `table` of tasks, beginning with `and`, and its values."""
        if self.whole:
            return "", []
        told, values = "", list[Any]()
        if self.people is not None:
            told += f" and {table}.person in (select value from json_each(?))"  # noqa: S608
            values.append(msgspec.json.encode(self.people).decode())
        if self.space is not None:
            told += f" and {table}.surface = ? and {table}.space = ?"
            values += self.space
        return told, values


EVERYTHING_SEEN = Sight()
