"""Modules stay small."""

from __future__ import annotations

from tests.project.tree import modules, name_of

MOST = 300
INDEXES = {"swarm_core/kernel/errors/__init__.py"}
"""Nothing but names and where they are: one idea at any length."""


def test_no_module_is_longer_than_300_lines() -> None:
    lengths = {
        name_of(file): len(file.read_text(encoding="utf-8").splitlines()) for file in modules()
    }
    large = {name for name, lines in lengths.items() if lines > MOST}
    assert large - INDEXES == set(), "split it: it holds two ideas"
