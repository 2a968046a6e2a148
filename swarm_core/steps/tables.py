"""Rows of steps: one for each attempt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from swarm_core.kernel.clock import Micros, from_micros
from swarm_core.kernel.ids import HoldId, RunId
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps import events as ev
from swarm_core.steps.model import Effect, StepState, Tokens
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
            ended integer, model text, tokens text,
            primary key(run, n, attempt)) without rowid"""
    )
    db.execute(
        """create table model_use(
            day text not null, model text not null, worker text not null, person text not null,
            calls integer not null, cost integer not null, input integer not null,
            output integer not null, cached integer not null,
            primary key(day, model, worker, person)) without rowid"""
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
        " failure_data = ?, cost = ?, ended = ?, model = ?, tokens = ?"
        " where run = ? and n = ? and attempt = ?",
        (
            e.state,
            e.answer.id if e.answer else None,
            e.data.id if e.data else None,
            e.failure,
            msgspec.json.encode(e.failure_data, order="sorted").decode() if e.failure else None,
            e.cost,
            fact.at,
            e.use.model if e.use else None,
            msgspec.json.encode(e.use.tokens).decode() if e.use else None,
            fact.run,
            e.n,
            e.attempt,
        ),
    )
    if e.use:
        _used(tx, fact, e.use, e.cost)


def _used(tx: Tx, fact: Fact, use: ev.Use, cost: MicroUSD) -> None:
    day = from_micros(fact.at).date().isoformat()
    tokens = use.tokens
    tx.execute(
        "insert into model_use(day, model, worker, person, calls, cost, input, output, cached)"
        " values(?,?,?,?,1,?,?,?,?) on conflict do update set calls = calls + 1,"
        " cost = cost + excluded.cost, input = input + excluded.input,"
        " output = output + excluded.output, cached = cached + excluded.cached",
        (
            day,
            use.model,
            use.worker,
            use.person,
            cost,
            tokens.input,
            tokens.output,
            tokens.cached,
        ),
    )


def _used_alone(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.ModelUsed)
    _used(tx, fact, e.use, e.cost)


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
    ev.ModelUsed: _used_alone,
}

TABLES = RoomTables(
    name="steps",
    migrations=migrations,
    tables={"steps": "projection", "model_use": "projection"},
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
    model: str | None
    tokens: Tokens | None


def of_run(rows: Rows | Tx, run: RunId) -> list[StepRow]:
    """All attempts of a run, in order."""
    found = rows.execute(
        "select n, attempt, kind, name, effect, state, request_body, answer_body, data_body, hold,"
        " failure, failure_data, cost, started, ended, model, tokens from steps where run = ?"
        " order by n, attempt",
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
            model=r[15],
            tokens=msgspec.json.decode(r[16], type=Tokens) if r[16] else None,
        )
        for r in found
    ]


def spent_by(rows: Rows | Tx, run: RunId) -> tuple[MicroUSD, int]:
    """What a run has cost, and how many steps it has made."""
    cost, count = rows.execute(
        "select coalesce(sum(cost), 0), count(distinct n) from steps where run = ?", (run,)
    ).fetchone()
    return MicroUSD(cost), count


class UseRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one worker used of one model for one person in a time. Tokens as in `Tokens`."""

    model: str
    worker: str
    person: str
    calls: int
    cost: MicroUSD
    input: int
    output: int
    cached: int


def use_since(rows: Rows | Tx, day: str) -> list[UseRow]:
    """Model calls that were answered from a day (UTC, `2026-01-31`) on."""
    found = rows.execute(
        "select model, worker, person, sum(calls), sum(cost), sum(input), sum(output),"
        " sum(cached) from model_use where day >= ? group by model, worker, person"
        " order by sum(cost) desc, sum(calls) desc, model, worker, person",
        (day,),
    ).fetchall()
    return [
        UseRow(
            model=r[0],
            worker=r[1],
            person=r[2],
            calls=r[3],
            cost=MicroUSD(r[4]),
            input=r[5],
            output=r[6],
            cached=r[7],
        )
        for r in found
    ]
