"""What starts a priority besides the clock: idleness, and facts in the journal.

What can go wrong: a fact comes while nobody looks, twice, or ten thousand times a minute; what a
priority does starts it again. So facts are read from the journal behind a cursor that lies on
disk, only those of the kinds that are wanted, a second's worth at a time; within its cooldown a
priority has one instant, whatever happens; and what its own tasks do does not count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import Seq, TaskId
from swarm_core.schedule import events as ev
from swarm_core.schedule import rows
from swarm_core.schedule.model import Happens, Idle
from swarm_core.schedule.rows import Kept
from swarm_core.schedule.rules import jitter_of
from swarm_core.store import Fact, Store, Tx
from swarm_core.tasks import queue

PAUSE = 1.0
"""Seconds from a fact to the look at it, and at those that come meanwhile."""
AT_ONCE = 1_000
"""Facts that one look reads."""


class Triggers:
    """Plans instants for what happens. `wake` has somebody look."""

    def __init__(self, store: Store, wake: Callable[[], None]) -> None:
        self._store = store
        self._wake = wake
        self._kinds = frozenset[str]()
        self._stop: Callable[[], None] = lambda: None
        self._timer: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Listen to nothing any more."""
        self._stop()
        if self._timer:
            self._timer.cancel()

    async def look(self) -> dict[str, Micros]:
        """Plan what is to run because of what happened; returns when to look again."""
        every = await self._store.read(rows.every)
        self._listen(frozenset(_fact_of(k) for k in every) - {""})
        later = dict[str, Micros]()
        for kept in every:
            if isinstance(kept.priority.trigger, Idle) and kept.paused in ("", "money"):
                name, after = kept.priority.name, kept.priority.trigger.after
                at = await self._store.write(lambda tx, n=name, a=after: _idle(tx, n, a))  # type: ignore[misc]
                later |= {name: at} if at is not None else {}
            elif _fact_of(kept):
                await self._happened(kept)
        return later

    def _listen(self, kinds: frozenset[str]) -> None:
        if kinds == self._kinds:
            return
        self._stop()
        self._kinds = kinds
        self._stop = self._store.listen(self._store.events_of(kinds), self._on_fact)

    def _on_fact(self, _: Fact) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PAUSE, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._wake()

    async def _happened(self, kept: Kept) -> None:
        name, kind = kept.priority.name, _fact_of(kept)
        while True:
            cursor = await self._store.read(lambda r: rows.cursor(r, name))
            facts, head = await self._store.since(cursor, kind, AT_ONCE)
            if not facts and head - cursor < AT_ONCE:
                return
            await self._store.write(lambda tx: _facts(tx, name, facts, head))  # noqa: B023
            if len(facts) < AT_ONCE:
                return


def _fact_of(kept: Kept) -> str:
    trigger = kept.priority.trigger
    return trigger.fact if isinstance(trigger, Happens) else ""


def _idle(tx: Tx, name: str, after: int) -> Micros | None:
    """Plan an instant when nothing has been at work for so long; else when to look again."""
    kept = rows.get(tx, name)
    if kept is None or rows.planned(tx, name, Micros(-1)) or rows.busy(tx, name, Micros(-1)):
        return None
    since = queue.idle_since(tx)
    if since is None:
        return Micros(tx.at + after)
    last = rows.latest(tx, name)
    ready = since + after if last is None else max(since + after, last + kept.priority.cooldown)
    if ready > tx.at:
        return Micros(ready)
    tx.append(ev.InstantPlanned(name=name, at=tx.at, due=tx.at), SWARM)
    return None


def _facts(tx: Tx, name: str, facts: list[Fact], head: Seq) -> None:
    """One instant for the first of `facts` that counts, and one for each that comes its cooldown
    after another. While it is paused they pass."""
    kept = rows.get(tx, name)
    if kept is None:
        return
    trigger = kept.priority.trigger
    for fact in facts:
        if kept.paused not in ("", "money") or not isinstance(trigger, Happens):
            break
        last = rows.latest(tx, name)
        if last is not None and fact.at - last < kept.priority.cooldown:
            continue
        if fact.event.kind != trigger.fact or not matches(fact, trigger.where):
            continue
        if fact.task is not None and queue.standing_of(tx, fact.task) == name:
            continue
        due = Micros(fact.at + jitter_of(kept.priority, fact.at, None))
        tx.append(ev.InstantPlanned(name=name, at=fact.at, due=due), SWARM, cause=fact.seq)
    seq = facts[-1].seq if len(facts) == AT_ONCE else max(head, facts[-1].seq if facts else 0)
    rows.move_cursor(tx, name, Seq(seq))


def matches(fact: Fact, where: Mapping[str, str]) -> bool:
    """Whether the fields of a fact have these values, as text."""
    fields: dict[str, Any] = msgspec.to_builtins(fact.event)
    fields["task"] = fact.task if fact.task is not None else TaskId(0)
    return all(_text(fields.get(name)) == value for name, value in where.items())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
