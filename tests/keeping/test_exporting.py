"""Exports are complete, the same in every form, and safe to open."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from bot.commands.desk import Desk
from bot.exporting import Wanted, exported
from bot.messages import Messages
from swarm_core.keeping import EXPORTS, exporting
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import NotAllowed
from swarm_core.people import TERMINAL
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, FakeClock
from tests.keeping.states import a_model, work
from tests.worlds import ask, awake, over


async def written(swarm: Swarm, what: str, form: str, since: int = 0, who: Actor = OWNER) -> str:
    desk = Desk(swarm=swarm, actor=who, place=TERMINAL, messages=Messages.load(strict=True))
    pieces = exported(desk, Wanted(what=what, format=form, since=since))
    return b"".join([piece async for piece in pieces]).decode()


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("what", EXPORTS)
async def test_every_form_holds_the_same_rows_in_the_columns_that_are_documented(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 3)
    async with awake(tmp_path, a_model(), tasks={"link_similar": False}) as swarm:
        await work(swarm, 4)
        rows = lines(await written(swarm, what, "jsonl"))
        assert len(rows) >= 4
        assert tuple(rows[0]) == exporting.columns_of(what)
        assert json.loads(await written(swarm, what, "json")) == rows
        table = list(csv.DictReader(io.StringIO(await written(swarm, what, "csv"))))
        assert [row[next(iter(row))] for row in table] == [
            str(next(iter(r.values()))) for r in rows
        ]
    page = (Path(__file__).parents[2] / "docs" / "backup.md").read_text("utf-8")
    for column in exporting.columns_of(what):
        assert f"`{column}`" in page, column


async def test_amounts_are_whole_and_instants_are_utc(tmp_path: Path) -> None:
    async with awake(tmp_path, a_model(), clock=FakeClock()) as swarm:
        await work(swarm, 1)
        (first, second) = lines(await written(swarm, "spend", "jsonl"))
        assert (first["cost_micro_usd"], first["cost_usd"]) == (40, "$0.00004")
        assert first["at"] == "2026-01-01T12:00:00.000000Z"
        assert (second["step"], second["model"]) == (2, "scripted-1")
        (task,) = lines(await written(swarm, "tasks", "jsonl"))
        assert task["cost_micro_usd"] == 80


async def test_only_what_is_newer(tmp_path: Path) -> None:
    clock = FakeClock()
    async with awake(tmp_path, a_model(), clock=clock, serve=False) as swarm:
        await ask(swarm, "the first")
        since = int(clock.now().timestamp() * 1_000_000) + 1
        assert lines(await written(swarm, "tasks", "jsonl", since)) == []
        assert json.loads(await written(swarm, "tasks", "json", since)) == []
        assert (await written(swarm, "tasks", "csv", since)).startswith("id,kind,")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
async def test_a_cell_that_would_be_a_formula_is_text(tmp_path: Path, text: str) -> None:
    async with awake(tmp_path, a_model()) as swarm:
        await over(swarm, (await ask(swarm, text)).task)
        rows = list(csv.DictReader(io.StringIO(await written(swarm, "tasks", "csv"), newline="")))
        assert rows[0]["text"] == f"'{text}"
        assert lines(await written(swarm, "tasks", "jsonl"))[0]["text"] == text


async def test_nobody_else_may(tmp_path: Path) -> None:
    stranger = Actor(surface="discord", space="10", person="7")
    async with awake(tmp_path, serve=False) as swarm:
        with pytest.raises(NotAllowed):
            await written(swarm, "tasks", "csv", who=stranger)
