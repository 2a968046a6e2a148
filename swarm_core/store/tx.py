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
from swarm_core.kernel.redaction import redact, redact_data
from swarm_core.store import bodies
from swarm_core.store.chain import link
from swarm_core.store.model import Event, Fact
from swarm_core.store.tallies import Row, Tallies

_encode = msgspec.json.Encoder(order="sorted").encode

_INSERT_FACT = (
    "insert into journal(seq, at, kind, version, actor, task, run, cause, payload, prev, hash)"
    " values(?,?,?,?,?,?,?,?,?,?,?)"
)

Fold = Callable[[Any, Fact], None]
Mark = tuple[int, bytes, int, int, int, int, int]


class Subscribers(msgspec.Struct, frozen=True):
    """For each kind of event, the folds and reactors to run inside its transaction."""

    projectors: Mapping[type[Event], Sequence[Fold]]
    reactors: Mapping[type[Event], Sequence[Fold]]


class Tx:
    """One live transaction. Only the writer makes one; it must not outlive the function it was
    given to. `now` is fixed for the whole function, so every row of it carries one instant."""

    __slots__ = (
        "_bodies",
        "_clock",
        "_connection",
        "_entropy",
        "_ids",
        "_later",
        "_rows",
        "_subscribers",
        "at",
        "execute",
        "facts",
        "head",
        "now",
        "seq",
        "tallies",
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
        self._connection = connection
        self._subscribers = subscribers
        self._clock = clock
        self._entropy = entropy
        self._ids: dict[str, int] = {}
        self._rows: list[Row] = []
        self._bodies: dict[int, Row] = {}
        self._later: list[tuple[str, Row]] = []
        self.tallies = Tallies(connection)
        self.facts: list[Fact] = []
        row = self.execute("select seq, hash from journal order by seq desc limit 1").fetchone()
        self.seq, self.head = (int(row[0]), bytes(row[1])) if row else (0, bytes(32))

    def begin_batch(self) -> Mark:
        """A new transaction begins."""
        self.tallies.begin()
        return self.begin()

    def begin(self) -> Mark:
        """Take the instant for the next function; returns what `undo` needs."""
        self.now = self._clock.now()
        self.at = to_micros(self.now)
        return self._mark()

    def _mark(self) -> Mark:
        return (
            self.seq,
            self.head,
            len(self._rows),
            len(self.facts),
            len(self._bodies),
            len(self._later),
            self.tallies.mark(),
        )

    def undo(self, mark: Mark) -> None:
        """Put everything that is not on disk yet back to where `begin` found it."""
        self.seq, self.head, rows, facts, texts, later, tallies = mark
        del self._rows[rows:]
        del self.facts[facts:]
        while len(self._bodies) > texts:
            self._bodies.popitem()
        del self._later[later:]
        self.tallies.undo(tallies)

    def changed(self, mark: Mark) -> bool:
        """Whether anything was recorded or kept since `mark`."""
        return self._mark()[:-1] != mark[:-1]

    def flush(self) -> list[Fact]:
        """Write what the batch has kept for its end; returns its facts."""
        many = self._connection.executemany
        if self._rows:
            many(_INSERT_FACT, self._rows)
        if self._bodies:
            many(bodies.INSERT, self._bodies.values())
        by_statement: dict[str, list[Row]] = {}
        for statement, values in self._later:
            by_statement.setdefault(statement, []).append(values)
        for statement, rows in by_statement.items():
            many(statement, rows)
        self.tallies.write()
        return self.facts

    def end_batch(self) -> None:
        """The batch is on disk, or will never be."""
        self._rows, self._bodies, self._later, self.facts = [], {}, [], []

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

        Secrets are left out of it, for the folds as well: they see what a replay would see.
        Raising in a fold or reactor undoes the whole write.
        """
        payload = _encode(event)
        text = payload.decode()
        if redact(text) is not text:
            event = without_secrets(event, payload)
            payload = _encode(event)
            text = payload.decode()
        seq, at, prev = Seq(self.seq + 1), self.at, self.head
        kind, version = event.kind, event.version
        actor_key = actor.key
        head = link(prev, seq, at, kind, version, actor_key, task, run, cause, payload)
        self._rows.append((seq, at, kind, version, actor_key, task, run, cause, text, prev, head))
        fact = Fact(seq, at, event, actor_key, task, run, cause)
        self.facts.append(fact)
        self.seq, self.head = seq, head
        cls = type(event)
        for name in bodies.fields_of(cls):
            if ref := getattr(event, name):
                self._belongs(ref.id, task, actor_key)
        for project in self._subscribers.projectors[cls]:
            project(self, fact)
        for react in self._subscribers.reactors.get(cls, ()):
            react(self, fact)
        return seq

    def _belongs(self, body_id: int, task: TaskId | None, actor: str) -> None:
        """Note whose a text is, so that it is found however old the fact that says so."""
        row = self._bodies.get(body_id)
        if row is None:
            self.later(bodies.BELONGS, (task, actor, body_id))
        elif row[-1] is None:
            self._bodies[body_id] = (*row[:-2], task, actor)

    def put_body(self, text: str, *, personal: bool = True) -> bodies.BodyRef:
        """Keep `text` outside the journal, without secrets, and return the reference for an
        event."""
        text = redact(text)
        body_id = BodyId(self.next_id("bodies"))
        row, digest = bodies.pack(self.execute, body_id, self._entropy.bytes(16), text, personal)
        self._bodies[body_id] = row
        return bodies.BodyRef(body_id, digest)

    def body(self, body_id: int | None) -> str | None:
        """The text of a body, None when erased."""
        if row := self._bodies.get(body_id or 0):
            return bodies.unpack_row(self.execute, row)
        return bodies.read_body(self.execute, body_id)

    def erase(self, task: TaskId) -> None:
        """Erase every text that facts of `task` refer to. The facts stay, and so does what they
        say of the texts, which nobody can guess them from any more."""
        bodies.erase(self.execute, [r[0] for r in self.execute(bodies.OF_TASK, (task,)).fetchall()])
        for number, row in self._bodies.items():
            if row[-2] == task:
                self.later(bodies.ERASE, (number,))

    def erase_bodies(self, ids: Sequence[int]) -> None:
        """Erase texts that were stored by writes before this one."""
        bodies.erase(self.execute, ids)

    def body_digest(self, body_id: int) -> str | None:
        """The digest of a body as it stands now, as in its `BodyRef`; None when erased."""
        if row := self._bodies.get(body_id):
            text = bodies.unpack_row(self.execute, row) or ""
            return bodies.digest_of(row[1], text.encode("utf-8", "surrogatepass"))
        return bodies.stored_digest(self.execute, body_id)

    def acts(self, task: TaskId) -> list[tuple[str, Micros]]:
        """Who has done something about a task, and when last; of what is in the journal and not
        in the archive, without this batch."""
        return self.execute(
            "select actor, max(at) from journal where task = ? group by actor", (task,)
        ).fetchall()

    def later(self, statement: str, values: Row) -> None:
        """Execute `statement` at the end of the batch, with all others that say the same.

        For rows that nothing looks at before the commit, and statements that cannot fail: one
        that does fails the whole batch. Different statements must not depend on their order.
        """
        self._later.append((statement, values))

    def next_id(self, table: str) -> int:
        """The next unused id of `table`. A write that fails may leave a gap."""
        last = self._ids.get(table)
        if last is None:
            row = self.execute(f"select coalesce(max(id), 0) from {table}").fetchone()  # noqa: S608
            last = int(row[0])
        self._ids[table] = last + 1
        return last + 1


def without_secrets(event: Event, payload: bytes) -> Event:
    """`event` with its texts redacted. A word of our own vocabulary that happens to be somebody's
    password is no secret where it stands."""
    clean = redact_data(msgspec.json.decode(payload))
    try:
        return msgspec.convert(clean, type=type(event))
    except msgspec.ValidationError:
        return event
