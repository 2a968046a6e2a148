"""What the architecture page says about the code is what the code says."""

from __future__ import annotations

import re

from swarm_core.build import ROOMS
from swarm_core.kernel.crash import POINTS
from swarm_core.store.replay import Decoder
from swarm_core.store.schema import STORE_TABLES
from swarm_core.tasks.rules import state_diagram
from tests.project.tree import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_the_state_diagram_is_the_table() -> None:
    drawn = re.search(r"```mermaid\n(stateDiagram.*?)```", PAGE, re.DOTALL)
    assert drawn is not None
    assert drawn.group(1) == state_diagram()


def test_every_kind_of_fact_is_listed() -> None:
    listed = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", PAGE, re.MULTILINE))
    assert listed == set(Decoder((STORE_TABLES, *ROOMS)).kinds)


def test_every_room_is_listed() -> None:
    rooms = {p.parent.name for p in (ROOT / "swarm_core").glob("*/__init__.py")}
    listed = set(re.findall(r"^\| `([a-z]+)/` \|", PAGE, re.MULTILINE))
    assert listed == rooms


def test_every_crash_point_is_listed() -> None:
    assert {point for point in POINTS if f"`{point}`" not in PAGE} == set()
