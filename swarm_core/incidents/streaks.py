"""What is counted and not recorded: failures in a row, the tasks of an incident, since when an
alert is bad or well. These rows are durable and stand in no fact."""

from __future__ import annotations

import msgspec

from swarm_core.incidents.model import Mark
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId
from swarm_core.store import Rows, Tx

MOST_TASKS = 100
"""Tasks that are kept of one incident."""
_encode = msgspec.json.Encoder(order="deterministic").encode


def tasks_of(rows: Rows | Tx, incident: int) -> list[tuple[TaskId, Micros]]:
    """Tasks that belong to it, newest first."""
    return rows.execute(
        "select task, at from incident_tasks where incident = ? order by task desc", (incident,)
    ).fetchall()


def keep_task(tx: Tx, incident: int, task: TaskId | None) -> None:
    if task is None:
        return
    tx.execute("insert or ignore into incident_tasks values(?,?,?)", (incident, task, tx.at))
    tx.execute(
        "delete from incident_tasks where incident = ?1 and task <= (select task from"
        " incident_tasks where incident = ?1 order by task desc limit 1 offset ?2)",
        (incident, MOST_TASKS),
    )


class Row(msgspec.Struct, frozen=True):
    """Failures in a row of one subject, the last ones of the `same` cause, with their tasks."""

    cause: str
    same: int
    failures: int
    since: Micros
    tasks: tuple[TaskId, ...]


def row_of(rows: Rows | Tx, subject: str) -> Row | None:
    found = rows.execute(
        "select cause, same, failures, since, tasks from failing where subject = ?", (subject,)
    ).fetchone()
    if found is None:
        return None
    tasks = tuple(TaskId(task) for task in msgspec.json.decode(found[4]))
    return Row(found[0], found[1], found[2], Micros(found[3]), tasks)


def failures_of(rows: Rows | Tx, subject: str) -> int:
    row = row_of(rows, subject)
    return row.failures if row else 0


def keep_row(tx: Tx, subject: str, row: Row) -> None:
    tx.execute(
        "insert or replace into failing(subject, cause, same, failures, since, tasks)"
        " values(?,?,?,?,?,?)",
        (subject, row.cause, row.same, row.failures, row.since, _encode(row.tasks).decode()),
    )


def end_row(tx: Tx, subject: str) -> None:
    tx.execute("delete from failing where subject = ?", (subject,))


def marks(rows: Rows | Tx) -> dict[str, Mark]:
    """The marks of alerts, by subject."""
    found = rows.execute("select subject, bad, well from alert_marks").fetchall()
    return {row[0]: Mark(row[1], row[2]) for row in found}


def keep_mark(tx: Tx, subject: str, mark: Mark | None) -> None:
    if mark is None:
        tx.execute("delete from alert_marks where subject = ?", (subject,))
    else:
        tx.execute(
            "insert or replace into alert_marks values(?,?,?)", (subject, mark.bad, mark.well)
        )
