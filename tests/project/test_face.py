"""The core's public face: what is loaded when used is what type checkers are told."""

from __future__ import annotations

import ast

import swarm_core
from tests.project.tree import ROOT


def test_the_face_and_its_stub_name_the_same_things_from_the_same_places() -> None:
    stub = ast.parse((ROOT / "swarm_core" / "__init__.pyi").read_text(encoding="utf-8"))
    told = {
        name.asname or name.name: f"{found.module}.{name.name}"
        for found in stub.body
        if isinstance(found, ast.ImportFrom)
        for name in found.names
    }

    assert sorted(told) == sorted(swarm_core.__all__)
    for name, home in told.items():
        module, _, last = home.rpartition(".")
        value = getattr(__import__(module, fromlist=[last]), last)
        assert getattr(swarm_core, name) is value, name
