"""Rows of steps: one for each attempt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import HoldId, RunId
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps import events as ev
from swarm_core.steps.model import Effect, StepState
from swarm_core.store import Database, Event, Fact, Migrations, RoomTables, Rows, Tx

migrations = Migrations("steps")


@migrations(name="0001_steps")
def _steps(db: Database) -> None:
    db.execute(
        """create table steps(
            run integer not null, n integer not null, attempt integer not null, task integer,
            kind text not null, name text not null, effect text not null, state text not null,
            request_body integer not null, answer_body integer, data_body integer,
            hold integer, failure text, failure_data text,
            cost integer not null default 0, started integer not null,
            ended integer, primary key(run, n, attempt)) without rowid"""
    )


def _intended(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.StepIntended)
    tx.execute(
        "insert into steps(run, n, attempt, task, kind, name, effect, state, request_body, hold,"
        " started) values(?,?,?,?,?,?,?,'intended',?,?,?)",
        (
            fact.run,
            e.n,
            e.attempt,
            fact.task,
            e.step_kind,
            e.name,
            e.effect,
            e.request.id,
            e.hold,
            fact.at,
        ),
    )


def _ended(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.StepEnded)
    tx.execute(
        "update steps set state = ?, answer_body = ?, data_body = ?, failure = ?,"
        " failure_data = ?, cost = ?, ended = ? where run = ? and n = ? and attempt = ?",
        (
            e.state,
            e.answer.id if e.answer else None,
            e.data.id if e.data else None,
            e.failure,
            msgspec.json.encode(e.failure_data, order="sorted").decode() if e.failure else None,
            e.cost,
            fact.at,
            fact.run,
            e.n,
            e.attempt,
        ),
    )


def _decided(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.StepDecided)
    if e.decision == "repeat":
        tx.execute(
            "update steps set state = 'repeated' where run = ? and n = ? and attempt = ?",
            (fact.run, e.n, e.attempt),
        )


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {
    ev.StepIntended: _intended,
    ev.StepEnded: _ended,
    ev.StepDecided: _decided,
}

TABLES = RoomTables(
    name="steps",
    migrations=migrations,
    tables={"steps": "projection"},
    projectors=PROJECTORS,
)


class StepRow(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt as recorded. `ended` None: its outcome is not known."""

    n: int
    attempt: int
    kind: str
    name: str
    effect: Effect
    state: StepState
    request_body: int
    answer_body: int | None
    data_body: int | None
    hold: HoldId | None
    failure: str | None
    failure_data: dict[str, Any]
    cost: MicroUSD
    started: Micros
    ended: Micros | None


def of_run(rows: Rows | Tx, run: RunId) -> list[StepRow]:
    """All attempts of a run, in order."""
    found = rows.execute(
        "select n, attempt, kind, name, effect, state, request_body, answer_body, data_body, hold,"
        " failure, failure_data, cost, started, ended from steps where run = ? order by n, attempt",
        (run,),
    ).fetchall()
    return [
        StepRow(
            n=r[0],
            attempt=r[1],
            kind=r[2],
            name=r[3],
            effect=r[4],
            state=r[5],
            request_body=r[6],
            answer_body=r[7],
            data_body=r[8],
            hold=r[9],
            failure=r[10],
            failure_data=msgspec.json.decode(r[11]) if r[11] else {},
            cost=r[12],
            started=r[13],
            ended=r[14],
        )
        for r in found
    ]


def spent_by(rows: Rows | Tx, run: RunId) -> tuple[MicroUSD, int]:
    """What a run has cost, and how many steps it has made."""
    cost, count = rows.execute(
        "select coalesce(sum(cost), 0), count(distinct n) from steps where run = ?", (run,)
    ).fetchone()
    return MicroUSD(cost), count
