"""Tables as rows for other programs, in pages: however much there is, a page is small.

Columns keep their names and their order; new ones are added at the end. Instants are text in UTC,
amounts integer micro-dollars with a column in dollars beside them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC
from functools import partial
from typing import Any

import msgspec

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.clock import from_micros
from swarm_core.kernel.money import MicroUSD, format_usd
from swarm_core.policy import Action, Policy, Resource
from swarm_core.store import Rows, Store, blocks_of, in_block, parts_of, read_body

PAGE = 500


class _Export(msgspec.Struct, frozen=True):
    """`sql` selects the columns from rows after `?1`, since `?2`, up to `?3`, at most `?4`; the
    first column is the one it goes on by. Columns that end so are given as: `_at` an instant,
    `_micro_usd` an amount, with `_usd` added beside it, `_body` a text, named without the end."""

    columns: tuple[str, ...]
    sql: str


EXPORTS: dict[str, _Export] = {
    "tasks": _Export(
        (
            *("id", "kind", "state", "person", "surface", "space", "thread", "priority"),
            *("created_at", "updated_at", "ended_at", "deadline_at", "worker", "model"),
            *("attempts", "steps", "cost_micro_usd", "cap_micro_usd", "failure"),
            *("complexity", "category", "tags", "parent", "text_body", "result_body"),
        ),
        "select id, kind, state, person, surface, space, thread, priority, created, updated,"
        " ended, deadline, worker, model, attempts, steps, cost, cap, failure, complexity,"
        " category, (select group_concat(tag, ' ') from task_tags g where g.task = t.id), parent,"
        " text_body, result_body from tasks t where id > ?1 and created >= ?2 and id <= ?3"
        " order by id limit ?4",
    ),
    "journal": _Export(
        (
            *("seq", "at_at", "kind", "version", "actor", "task", "run", "cause", "payload"),
            *("prev", "hash"),
        ),
        "select seq, at, kind, version, actor, task, run, cause, payload, lower(hex(prev)),"
        " lower(hex(hash)) from journal where seq > ?1 and at >= ?2 and seq <= ?3"
        " order by seq limit ?4",
    ),
    "decisions": _Export(
        (
            *("id", "timestamp", "worker_name", "action_type", "rule_name", "context"),
            *("outcome", "overridden", "override_action"),
        ),
        "select d.id, d.timestamp, d.worker_name, d.action_type, d.rule_name, d.context,"
        " d.outcome, d.overridden, d.override_action from decision_log d"
        " join journal j on j.seq = d.id"
        " where d.id > ?1 and j.at >= ?2 and d.id <= ?3 order by d.id limit ?4",
    ),
    "spend": _Export(
        (
            *("seq", "at_at", "task", "run", "person", "worker", "step", "model"),
            *("held_micro_usd", "cost_micro_usd", "overrun_micro_usd"),
        ),
        "select j.seq, j.at, j.task, j.run, coalesce(t.person, v.person), r.worker, s.n,"
        " coalesce(s.model, s.name, v.model),"
        " j.payload ->> '$.most', j.payload ->> '$.cost', j.payload ->> '$.overrun'"
        " from journal j left join tasks t on t.id = j.task left join runs r on r.id = j.run"
        " left join steps s on s.run = j.run and s.hold = j.payload ->> '$.hold'"
        " left join voices v on v.hold = j.payload ->> '$.hold'"
        " where j.kind = 'budget.settled' and j.seq > ?1 and j.at >= ?2 and j.seq <= ?3"
        " order by j.seq limit ?4",
    ),
}
_ENDS = {
    "tasks": "select coalesce(max(id), 0) from tasks",
    **dict.fromkeys(("journal", "decisions", "spend"), "select coalesce(max(seq), 0) from journal"),
}


class Page(msgspec.Struct, frozen=True, kw_only=True):
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Exports:
    """Reads what is exported. It changes nothing."""

    def __init__(self, store: Store, policy: Policy) -> None:
        self._store = store
        self._policy = policy

    async def pages(self, actor: Actor, what: str, since: int = 0) -> AsyncIterator[Page]:
        """The rows of one of `EXPORTS` since an instant, up to what there is now; the first page
        comes also when it is empty, for its columns. Raises `NotAllowed`."""
        self._policy.authorize(actor, Action.EXPORT, Resource("export", what))
        end = await self._store.read(lambda rows: int(rows.execute(_ENDS[what]).fetchone()[0]))
        after, first = 0, True
        if what != "tasks":
            # What is in the archive is older than all that is in the table.
            async for last, page in self._archived(what, since):
                after = last
                if page.rows:
                    yield page
                    first = False
        while True:
            last, page = await self._store.read(partial(_page, what, after, since, end))
            if page.rows or first:
                yield page
            if len(page.rows) < PAGE:
                return
            after, first = last, False

    async def _archived(self, what: str, since: int) -> AsyncIterator[tuple[int, Page]]:
        """The pages of each file in the archive, with the last fact in it."""
        for part in await self._store.read(parts_of):
            if part.dropped is not None or part.newest < since:
                continue
            async with self._store.archiving:
                count = await asyncio.to_thread(blocks_of, self._store.folder, part)
            for number in range(count):
                read = partial(_pages, what, since, part.last)
                for page in await asyncio.to_thread(in_block, self._store.path, part, number, read):
                    yield part.last, page


def _page(what: str, after: int, since: int, end: int, rows: Rows) -> tuple[int, Page]:
    export = EXPORTS[what]
    found = rows.execute(export.sql, (after, since, end, PAGE)).fetchall()
    page = Page(
        columns=columns_of(what),
        rows=tuple(_row(rows, export.columns, row) for row in found),
    )
    return (found[-1][0] if found else after), page


def _pages(what: str, since: int, end: int, rows: Rows) -> Iterator[Page]:
    """All pages of a few rows."""
    after = 0
    while True:
        after, page = _page(what, after, since, end, rows)
        yield page
        if len(page.rows) < PAGE:
            return


def columns_of(what: str) -> tuple[str, ...]:
    """The names of the columns of an export, in their order."""
    names: list[str] = []
    for column in EXPORTS[what].columns:
        if column.endswith("_micro_usd"):
            names += [column, f"{column.removesuffix('_micro_usd')}_usd"]
        else:
            names.append("at" if column == "at_at" else column.removesuffix("_body"))
    return tuple(names)


def _row(rows: Rows, columns: tuple[str, ...], row: tuple[Any, ...]) -> tuple[Any, ...]:
    values: list[Any] = []
    for column, value in zip(columns, row, strict=True):
        if column.endswith("_body"):
            values.append(read_body(rows.execute, value))
        elif column.endswith("_at"):
            values.append(None if value is None else _instant(value))
        elif column.endswith("_micro_usd"):
            values += [value, None if value is None else format_usd(MicroUSD(value))]
        else:
            values.append(value)
    return tuple(values)


def _instant(micros: int) -> str:
    return from_micros(micros).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
