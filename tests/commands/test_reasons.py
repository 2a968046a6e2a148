"""Whatever the swarm decides, `why` has a sentence for it; and no sentence is left over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import swarm_core.build as core
from bot.answers.why import SILENT, said
from bot.answers.words import Words
from bot.commands.views import Entry
from bot.messages import Messages
from swarm_core.routing.model import Tier
from swarm_core.store import Event
from tests.messages.test_messages import CATALOGUE, SENTENCES
from tests.project.tree import ROOT, modules

RULES = ROOT / "swarm_core" / "routing" / "rules.py"


def constants(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def routing_reasons() -> set[str]:
    """Every reason the choice among workers can give."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(RULES.read_text())):
        if isinstance(node, ast.keyword) and node.arg == "reason":
            found |= set(constants(node.value))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason":
            found |= set(constants(node.value))
        if isinstance(node, ast.Tuple) and len(node.elts) == 2:
            word, measure = node.elts  # a row of what is compared
            if isinstance(measure, ast.Lambda | ast.Name):
                found |= set(constants(word))
    return found


def wake_reasons() -> set[str]:
    """Every reason for which a waiting task goes on."""
    texts = [file.read_text() for file in modules()]
    return {
        str(node.args[2].value)
        for text in texts
        if ".wake(" in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "wake"
        and len(node.args) > 2
        and isinstance(node.args[2], ast.Constant)
    }


def test_every_reason_for_a_choice_has_a_sentence() -> None:
    assert len(routing_reasons()) >= 9
    assert routing_reasons() == set(CATALOGUE["why"]["routed"])


def test_every_reason_for_going_on_has_a_sentence() -> None:
    assert len(wake_reasons()) >= 3
    assert wake_reasons() == set(CATALOGUE["why"]["woken"])


def test_every_kind_of_worker_has_a_word() -> None:
    assert {str(int(tier)) for tier in Tier} == set(CATALOGUE["tier"])


def kinds_of_facts() -> set[str]:
    """Every kind of fact a room can record about a task."""
    of_tasks = ("task.", "step.", "budget.held", "budget.settled", "notice.queued")
    events: set[type[Event]] = set()
    for room in core.ROOMS:
        events |= {*room.events, *room.projectors}
    return {event.kind for event in events if event.kind.startswith(of_tasks)}


DETAILS = {
    "task.accepted": {
        "priority": 5,
        "labels": {"complexity": "low", "category": "work"},
        "needs": [1],
        "cap": None,
        "deadline": 1_000_000,
    },
    "task.routed": {"worker": "a", "reason": "cheaper", "wish": None, "candidates": []},
    "task.linked": {"other": 3, "percent": 95},
    "task.moved": {"worker": "a"},
    "task.started": {"worker": "a", "attempt": 1, "resumed": False},
    "task.parked": {"reason": "stopped", "data": {"scope": "all"}, "until": 1_000_000},
    "task.woken": {"reason": "due"},
    "task.ended": {"outcome": "done", "failure": None, "failure_data": {}, "steps": 1, "cost": 4},
    "task.retried": {"worker": None},
    "budget.held": {"most": 4},
    "budget.settled": {"cost": 4, "overrun": 1},
}


@pytest.mark.parametrize("kind", sorted(kinds_of_facts() - SILENT))
def test_every_fact_of_a_task_is_told(kind: str) -> None:
    if kind.startswith("step."):
        return  # a step's two facts are told as one line
    words = Words(Messages.load(strict=True), now=2_000_000, person="terminal/local/1")
    entry = Entry(at=0, kind=kind, actor="swarm/core/0", run=None, detail=DETAILS.get(kind, {}))
    assert said(words, entry).endswith(".")


def patterns(source: str) -> Iterator[str]:
    """What keys the texts of a module may be: each literal, and each with holes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.escape(node.value)
        if isinstance(node, ast.JoinedStr):
            parts = (
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[a-z0-9_.-]+"
                for part in node.values
            )
            yield "".join(parts)


def test_no_sentence_is_left_over() -> None:
    files = [file for file in modules() if file.relative_to(ROOT).parts[0] == "bot"]
    found = {p for file in files for p in patterns(Path(file).read_text()) if "." in p}
    known = re.compile("|".join(sorted(found)))
    unused = {key for key in SENTENCES if not known.fullmatch(key)}
    assert {key for key in unused if not key.startswith(("scope.", "words."))} == set()
