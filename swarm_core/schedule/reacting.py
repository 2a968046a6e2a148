"""What becomes of an instant when its task does something: in the transaction of the task.

So a task and the row that says it is that instant's are one commit: however the process is killed,
there are both or neither, and one task an instant.
"""

from __future__ import annotations

import hashlib

from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.schedule import events as ev
from swarm_core.schedule import planning, rows
from swarm_core.schedule.model import Skipped
from swarm_core.schedule.rules import paused_by
from swarm_core.store import Fact, Tx
from swarm_core.tasks import queries
from swarm_core.tasks.events import TaskAccepted, TaskEnded
from swarm_core.tasks.model import TaskState

_PREFIX = "standing"
_GATE = "gate"


class InstantTaken(Exception):
    """Somebody else has seen to the instant meanwhile: nothing is to be done."""


def key_of(name: str, at: Micros, *, gate: bool = False) -> str:
    """The key of the request that an instant, or its gate, is."""
    return "/".join((_PREFIX, name, str(at), *((_GATE,) if gate else ())))


class Reacting:
    """Follows the tasks of instants. `key` hides the digests of what came of them."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.some = False
        """Whether there was ever a priority: else nothing has to be looked up for any task."""

    def on_set(self, _tx: Tx, _fact: Fact) -> None:
        self.some = True

    def on_accepted(self, tx: Tx, fact: Fact) -> None:
        """The work of an instant, or its gate, is a task now. Raises `InstantTaken`, which undoes
        that, when it is not to be run any more."""
        e = fact.event
        assert isinstance(e, TaskAccepted)
        if not e.standing or not e.key or not e.key.startswith(f"{_PREFIX}/"):
            return
        _, name, number, *gate = e.key.split("/")
        at = Micros(int(number))
        row = rows.row_of(tx, name, at)
        if rows.get(tx, name) is None:
            raise InstantTaken
        if gate:
            if row is None or row.instant.state != "planned" or row.gate is not None:
                raise InstantTaken
            gated = ev.InstantGated(name=name, at=at)
            tx.append(gated, SWARM, task=fact.task, cause=fact.seq)
        else:
            if row and row.instant.state not in ("planned", "missed"):
                raise InstantTaken
            ran = ev.InstantRan(
                name=name,
                at=at,
                late=row is not None and row.instant.state == "missed",
                asked=row is None or row.instant.state == "missed",
            )
            tx.append(ran, SWARM, task=fact.task, cause=fact.seq)
        if row and row.instant.state == "planned":
            planning.plan_next(tx, name, at)

    def on_ended(self, tx: Tx, fact: Fact) -> None:
        """The end of a task is that of an instant, or of its gate."""
        e = fact.event
        assert isinstance(e, TaskEnded)
        found = rows.of_task(tx, fact.task) if self.some and fact.task else None
        if found is None or fact.task is None:
            return
        name, at, gate = found
        kept, digest = rows.get(tx, name), self._digest(tx, e)
        if gate:
            row = rows.row_of(tx, name, at)
            if kept and row and row.instant.state == "planned" and not row.opened:
                self._judge(tx, kept, at, fact.task, e, digest)
            return
        task = queries.get(tx, fact.task)
        done = e.outcome is TaskState.DONE
        ended = ev.InstantEnded(
            name=name,
            at=at,
            outcome=e.outcome.value,
            cost=MicroUSD(task.cost) if task else ZERO,
            changed=bool(done and kept and digest != kept.digest),
            digest=digest if done else "",
            what=e.failure or "",
        )
        tx.append(ended, SWARM, task=fact.task, cause=fact.seq)
        now = rows.get(tx, name)
        if now and not now.paused and not done and paused_by(now.paid, now.free):
            planning.pause(tx, name, "failures", e.failure or "")

    def tells(self, tx: Tx, fact: Fact) -> bool:
        """Whether the end of a task is told at once where its priority reports. What a person had
        run now is, and what the priority says; a gate's is not."""
        found = rows.of_task(tx, fact.task) if fact.task else None
        if found is None:
            return True
        name, at, gate = found
        kept, row = rows.get(tx, name), rows.row_of(tx, name, at)
        if gate or row is None:
            return False
        if kept is None or row.asked or kept.priority.report == "always":
            return True
        return kept.priority.report == "change" and row.instant.changed

    def _judge(
        self, tx: Tx, kept: rows.Kept, at: Micros, task: TaskId, e: TaskEnded, digest: str
    ) -> None:
        """Whether the gate lets the instant run."""
        priority, outcome = kept.priority, e.outcome
        gate, changed = priority.gate, digest != kept.gate_digest
        if outcome is TaskState.CANCELLED:
            reason: Skipped = "replaced" if priority.overlap == "replace" else "gate"
            planning.skip(tx, priority.name, [at], reason)
        elif gate is None or outcome.value != ("failed" if gate.when == "failed" else "done"):
            planning.skip(tx, priority.name, [at], "gate", e.failure or "")
        elif (gate.when == "changed" or priority.only_if_changed) and not changed:
            planning.skip(tx, priority.name, [at], "unchanged")
        else:
            tx.append(ev.InstantOpened(name=priority.name, at=at, gate=task, digest=digest), SWARM)

    def _digest(self, tx: Tx, e: TaskEnded) -> str:
        """What a task said, so that nobody can guess it from that; '' for nothing. Of a failure
        its code."""
        said = tx.body(e.result.id) if e.result else e.failure
        if said is None:
            return ""
        data = said.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, key=self._key, digest_size=16).hexdigest()
