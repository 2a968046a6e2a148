"""A step whose outcome nobody knows, and what a person decides about it.

What can go wrong: a decision is pressed twice, or late, when the step it meant was decided and
has become uncertain again. So a decision names the try it is about, is good for one further try
alone, and is recorded before anything happens.
"""

from __future__ import annotations

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps import events as ev
from swarm_core.steps import tables
from swarm_core.steps.model import UNKNOWN, Decision, Doubt
from swarm_core.store import Rows, Tx, read_body


def in_doubt(rows: Rows | Tx, run: RunId, n: int) -> Doubt | None:
    """Step `n` of a run, if its last try is of unknown outcome and nobody has decided on it."""
    tries = [row for row in tables.of_run(rows, run) if row.n == n and row.state in UNKNOWN]
    if not tries or tries[-1].state != "ambiguous":
        return None
    last = tries[-1]
    return Doubt(
        n=n,
        attempt=last.attempt,
        name=last.name,
        effect=last.effect,
        request=read_body(rows.execute, last.request_body),
        sent=last.started,
        tries=len(tries),
        cost=MicroUSD(sum(row.cost for row in tries)),
    )


def decide(
    tx: Tx, actor: Actor, task: TaskId, run: RunId, doubt: Doubt, decision: Decision
) -> None:
    """Record what `actor` decided; `repeat` allows exactly one further try."""
    fact = ev.StepDecided(n=doubt.n, attempt=doubt.attempt, name=doubt.name, decision=decision)
    tx.append(fact, actor, task=task, run=run)
