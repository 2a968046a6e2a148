"""`decision_log`: every automatic decision in the columns an operator expects to query."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import NotAllowed
from swarm_core.people import TERMINAL
from swarm_core.store import Rows
from swarm_core.tasks.model import Request
from swarm_core.testing import OWNER, FakeClock, ScriptedModel, finish, request, swarm

COLUMNS = [
    "id",
    "timestamp",
    "worker_name",
    "action_type",
    "rule_name",
    "context",
    "outcome",
    "overridden",
    "override_action",
]


def decisions(rows: Rows) -> list[dict[str, Any]]:
    cursor = rows.execute("select * from decision_log order by id")
    names = [column[0] for column in cursor.description]
    assert names == COLUMNS
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


async def test_every_decision_has_its_row(tmp_path: Path) -> None:
    clock = FakeClock()
    clock.move(timedelta(microseconds=42))
    stranger = Actor(surface="discord", space="1", person="2")
    model = ScriptedModel("paid", words=("do", "poor"), hold=1000)  # type: ignore[arg-type]
    async with swarm(tmp_path, model, clock=clock) as (opened, courier):
        done = await finish(opened, courier, "do it")
        await finish(opened, courier, "nobody can do this one")
        poor = await opened.intake.submit(OWNER, request("poor me", cap=10))
        again = await opened.intake.submit(OWNER, request("POOR  me", cap=10))
        assert again.joined
        await courier.until(lambda all_: any(d.kind == "parked" for d in all_))
        with pytest.raises(NotAllowed):
            await opened.intake.submit(stranger, Request(text="let me", place=TERMINAL))
        await opened.store.write(lambda tx: None)

        found = await opened.store.read(decisions)
        assert {row["outcome"] for row in found} == {
            "task.routed",
            "task.joined",
            "task.parked",
            "policy.refused",
        }
        for row in found:
            context = json.loads(row["context"])
            assert set(context) == {"kind", "task", "run", "detail"}
            assert context["kind"] == row["outcome"]
            assert isinstance(context["detail"], dict)
            assert row["timestamp"] == "2026-01-01T12:00:00.000042Z"
            assert (row["overridden"], row["override_action"]) == (0, None)

        def of(kind: str, task: int | None) -> dict[str, Any]:
            rows = [row for row in found if row["outcome"] == kind]
            return next(row for row in rows if json.loads(row["context"])["task"] == task)

        routed = of("task.routed", done.task.id)
        assert (routed["worker_name"], routed["action_type"]) == ("paid", "approve")
        assert of("task.joined", poor.task)["rule_name"] == "identical_request"
        assert of("task.joined", poor.task)["action_type"] == "skip"
        assert of("task.parked", poor.task)["rule_name"] == "over_budget"
        assert of("task.parked", poor.task)["action_type"] == "escalate"
        refused = of("policy.refused", None)
        assert (refused["worker_name"], refused["action_type"]) == (stranger.key, "reject")
        assert refused["rule_name"] == "operators-make-tasks"


async def test_a_person_may_query_it_with_any_program_while_the_swarm_works(tmp_path: Path) -> None:
    async with swarm(tmp_path, ScriptedModel()) as (opened, courier):
        await finish(opened, courier, "do it")
        other = sqlite3.connect(f"{opened.store.path.as_uri()}?mode=ro", uri=True)
        (count,) = other.execute("select count(*) from decision_log").fetchone()
        other.close()
        assert count >= 1
        assert (await opened.store.verify()).ok
