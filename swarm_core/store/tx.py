"""What a write function holds in its hands: rows, facts, bodies, ids, one instant."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.clock import Clock, Micros, to_micros
from swarm_core.kernel.ids import BodyId, Entropy, RunId, Seq, TaskId
from swarm_core.store import bodies
from swarm_core.store.chain import link
from swarm_core.store.model import Event, Fact

_encode = msgspec.json.Encoder(order="sorted").encode

Fold = Callable[[Any, Fact], None]
Mark = tuple[int, bytes, int, int]


class Subscribers(msgspec.Struct, frozen=True):
    """For each kind of event, the folds and reactors to run inside its transaction."""

    projectors: Mapping[type[Event], Sequence[Fold]]
    reactors: Mapping[type[Event], Sequence[Fold]]


class Tx:
    """One live transaction. Only the writer makes one; it must not outlive the function it was
    given to. `now` is fixed for the whole function, so every row of it carries one instant."""

    __slots__ = (
        "_clock",
        "_entropy",
        "_ids",
        "_rows",
        "_subscribers",
        "at",
        "execute",
        "facts",
        "head",
        "now",
        "seq",
    )

    now: datetime
    at: Micros

    def __init__(
        self,
        connection: sqlite3.Connection,
        subscribers: Subscribers,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self.execute = connection.execute
        self._subscribers = subscribers
        self._clock = clock
        self._entropy = entropy
        self._ids: dict[str, int] = {}
        self._rows: list[tuple[Any, ...]] = []
        self.facts: list[Fact] = []
        row = self.execute("select seq, hash from journal order by seq desc limit 1").fetchone()
        self.seq, self.head = (int(row[0]), bytes(row[1])) if row else (0, bytes(32))

    def begin(self) -> Mark:
        """Take the instant for the next function; returns what `undo` needs."""
        self.now = self._clock.now()
        self.at = to_micros(self.now)
        return self.seq, self.head, len(self._rows), len(self.facts)

    def undo(self, mark: Mark) -> None:
        """Put the chain back to where `begin` found it."""
        self.seq, self.head, rows, facts = mark
        del self._rows[rows:]
        del self.facts[facts:]

    def flush(self, connection: sqlite3.Connection) -> list[Fact]:
        """Write the journal rows of the batch; returns its facts."""
        if self._rows:
            connection.executemany(
                "insert into journal(seq, at, kind, version, actor, task, run, cause, payload,"
                " prev, hash) values(?,?,?,?,?,?,?,?,?,?,?)",
                self._rows,
            )
        facts, self.facts, self._rows = self.facts, [], []
        return facts

    def append(
        self,
        event: Event,
        actor: Actor,
        *,
        task: TaskId | None = None,
        run: RunId | None = None,
        cause: Seq | None = None,
    ) -> Seq:
        """Record that `event` happened: fold it into its room's rows, then let reactors act.

        Raising in a fold or reactor undoes the whole write.
        """
        payload = _encode(event)
        seq, at, prev = Seq(self.seq + 1), self.at, self.head
        kind, version = event.kind, event.version
        actor_key = actor.key
        head = link(prev, seq, at, kind, version, actor_key, task, run, cause, payload)
        self._rows.append(
            (seq, at, kind, version, actor_key, task, run, cause, payload.decode(), prev, head)
        )
        fact = Fact(seq, at, event, actor_key, task, run, cause)
        self.facts.append(fact)
        self.seq, self.head = seq, head
        cls = type(event)
        for project in self._subscribers.projectors[cls]:
            project(self, fact)
        for react in self._subscribers.reactors.get(cls, ()):
            react(self, fact)
        return seq

    def put_body(self, text: str, *, personal: bool = True) -> bodies.BodyRef:
        """Keep `text` outside the journal and return the reference for an event."""
        body_id = BodyId(self.next_id("bodies"))
        return bodies.put(self.execute, body_id, self._entropy.bytes(16), text, personal)

    def body(self, body_id: int | None) -> str | None:
        """The text of a body, None when erased."""
        return bodies.read_body(self.execute, body_id)

    def next_id(self, table: str) -> int:
        """The next unused id of `table`. A write that fails may leave a gap."""
        last = self._ids.get(table)
        if last is None:
            row = self.execute(f"select coalesce(max(id), 0) from {table}").fetchone()  # noqa: S608
            last = int(row[0])
        self._ids[table] = last + 1
        return last + 1
