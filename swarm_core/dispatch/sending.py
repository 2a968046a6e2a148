"""A person's yes to an address that a run wants to open after it has read words of others.

What can go wrong: a yes is used for another address, or for another try of the task; a worker that
obeys others asks until somebody says yes by mistake. So a yes is for that address in that run, a
no is for every other address in it, and after a few questions nobody is asked any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from swarm_core.approvals import Approval, Approvals, Asking, digest_of
from swarm_core.dispatch import bound
from swarm_core.kernel.errors import AddressAsked
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.kernel.money import ZERO
from swarm_core.steps import tables as steps
from swarm_core.store import Rows, Tx, read_body
from swarm_core.tasks import files, queries, queue, room
from swarm_core.tasks.model import Task, Turn

MOST_ASKED = 3
"""Addresses that one run asks about."""


class _Data(msgspec.Struct):
    tainted: bool = False


_decode = msgspec.json.Decoder(_Data).decode


def ask(
    tx: Tx, approvals: Approvals, task: TaskId, run: RunId, error: AddressAsked
) -> dict[str, Any]:
    """Ask whether a run may open an address; returns what the task waits with."""
    found = queue.startable(tx, task)
    action = bound.address(tx, found, run, error.data)
    asking = Asking(kind="address", action=action, cost=ZERO)
    approval = approvals.ask(tx, found.person, asking, task, run)
    return {**error.data, "approval": approval.id}


def agreed(asked: Sequence[Approval], run: RunId | None) -> frozenset[str]:
    """The addresses that `run` may open, of all that was ever `asked` for its task."""
    return frozenset(
        str(each.action["address"])
        for each in _of(asked, run)
        if each.live and each.state == "approved" and digest_of(each.action) == each.granted
    )


def unasked(asked: Sequence[Approval], run: RunId | None) -> bool:
    """Whether nobody is asked about another address of `run`."""
    found = _of(asked, run)
    return len(found) >= MOST_ASKED or any(each.state == "denied" for each in found)


def _of(asked: Sequence[Approval], run: RunId | None) -> list[Approval]:
    return [each for each in asked if each.kind == "address" and each.run == run]


def inherited(tx: Tx, person: str, turns: Sequence[Turn]) -> bool:
    """Whether words of others went into any of these turns of a conversation of `person`."""
    return any(
        room.others(tx, turn.task, person)
        or files.any_of(tx, turn.task)
        or _brought(tx, turn.task, tx.body)
        for turn in turns
    )


def outside(rows: Rows, task: Task) -> tuple[str, ...]:
    """Where words of others came from that a task has read: the room, a file, tools by name."""
    given = {
        "room": room.others(rows, task.id, task.person),
        "file": files.any_of(rows, task.id),
    }
    tools = _brought(rows, task.id, lambda body: read_body(rows.execute, body))
    return (*(name for name, there in given.items() if there), *tools)


def _brought(
    rows: Rows | Tx, task: TaskId, text_of: Callable[[int], str | None]
) -> tuple[str, ...]:
    """The tools that have brought a task words of others."""
    made = [row for run in queries.runs_of(rows, task) for row in steps.of_run(rows, run)]
    tools = [row for row in made if row.kind == "tool"]
    told = [(row.name, text_of(row.data_body)) for row in tools if row.data_body]
    return tuple(dict.fromkeys(name for name, data in told if data and _decode(data).tainted))
