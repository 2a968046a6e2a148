"""What a task does to the database takes as long with a million tasks stored as with none: no
statement on its road walks through a table that grows with every task."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from swarm_core.dispatch.events import EVERYTHING
from swarm_core.kernel.actor import MEMBER, Actor
from swarm_core.testing import OWNER, ScriptedModel, finish, request, swarm

GROWING = {
    *("tasks", "journal", "bodies", "runs", "steps", "notices", "receipts", "talk", "labels"),
    *("approvals", "posts", "needs", "ends"),
}
GUEST = Actor(surface="discord", space="1", person="2", roles=frozenset({MEMBER}))


class Listening(sqlite3.Connection):
    """A connection whose statements are written down, with their values."""

    said: set[str]

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.set_trace_callback(self.said.add)


async def test_no_statement_of_a_task_walks_through_what_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, said = sqlite3.connect, set[str]()
    monkeypatch.setattr(Listening, "said", said, raising=False)
    monkeypatch.setattr(
        sqlite3, "connect", lambda *args, **given: connect(*args, **given, factory=Listening)
    )
    async with swarm(tmp_path, ScriptedModel(words=("pay",), calls=2)) as (opened, courier):
        await finish(opened, courier, "pay nothing first")
        said.clear()
        await finish(opened, courier, "pay for this")
        receipt = await opened.intake.submit(GUEST, request("pay for that", kind="ask"))
        await courier.ended(receipt.task)
        await opened.control.stop(OWNER, EVERYTHING)
        waiting = await opened.intake.submit(OWNER, request("pay for nothing"))
        await opened.control.cancel(OWNER, waiting.task)
        path = opened.store.path
    assert any("leases" in sql for sql in said)
    with closing(connect(path)) as db:
        walks = {sql: walk for sql in said for walk in _walks(db, sql)}
    assert not walks, walks


def _walks(db: sqlite3.Connection, sql: str) -> list[str]:
    if not re.match(r"\s*(select|update|delete|insert|with)\b", sql, re.IGNORECASE):
        return []
    plan = [row[3] for row in db.execute(f"explain query plan {sql}").fetchall()]
    # What is open is little, however much there is.
    walks = [step for step in plan if step.startswith("SCAN") and "tasks_open" not in step]
    return [step for step in walks if step.split()[1] in GROWING]
