"""Modules stay small."""

from __future__ import annotations

from tests.project.tree import modules, name_of

MOST = 300
LARGE = {
    "swarm_core/kernel/errors.py": "one tree, drawn in one file: an error is a name and its data",
}
"""Larger ones, with the reason. Nothing is added here."""


def test_no_module_is_longer_than_300_lines_but_those_named() -> None:
    lengths = {
        name_of(file): len(file.read_text(encoding="utf-8").splitlines()) for file in modules()
    }
    large = {name for name, lines in lengths.items() if lines > MOST}
    assert large - LARGE.keys() == set(), "split it: it holds two ideas"
    assert LARGE.keys() - large == set(), "it is small now: take it off the list"
