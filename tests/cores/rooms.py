"""The core rooms and the tests that stand for them: their own, and those of the floor above that
go through doors only it has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

ROOMS: Mapping[str, tuple[str, ...]] = {
    "policy": ("tests/policy",),
    "notices": (
        "tests/notices",
        "tests/dispatch/test_raises.py",
        "tests/commands/test_budget.py",
        "tests/approvals/test_prices.py::test_people_are_reminded_once_before_it_is_too_late",
    ),
    "steps": ("tests/steps", "tests/dispatch/test_deciding.py", "tests/dispatch/test_recovery.py"),
    "approvals": (
        "tests/approvals",
        "tests/dispatch/test_raises.py",
        "tests/commands/test_approving.py",
    ),
    "budget": (
        "tests/budget",
        "tests/dispatch/test_caps.py",
        "tests/dispatch/test_money.py",
        "tests/dispatch/test_raises.py",
        "tests/commands/test_budget.py",
        "tests/commands/test_thawing.py",
    ),
    "store": ("tests/store", "tests/keeping", "tests/kernel/test_redaction.py"),
}
"""The journal is in `store`, the outbox in `notices`, `authorize` in `policy`."""

UNTRACED: Mapping[str, str] = {
    "tests/store/test_faults.py::test_a_writer_that_dies_tells_everybody_who_waits": (
        "swarm_core/store/writer.py"
    ),
}
"""Tests that hang while somebody measures, with the module they are about: this one throws an
exception into a thread, where it meets the measuring instead of the program. They try mutants."""


def sources(tree: Path, room: str) -> list[Path]:
    """The modules of a room, by their place in `tree`."""
    return sorted(file.relative_to(tree) for file in (tree / "swarm_core" / room).rglob("*.py"))


def files(tree: Path) -> Iterator[Path]:
    """What a scratch copy needs, by its place in `tree`."""
    for top in ("bot", "data", "docs", "identities", "swarm_core", "tests"):
        for file in sorted((tree / top).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file.relative_to(tree)
    for file in sorted(tree.glob("*")):
        if file.is_file() and file.name != ".git":
            yield file.relative_to(tree)


def digest(tree: Path) -> str:
    """Tells one state of program and tests from another; what was judged of it is not in it."""
    found = hashlib.sha256()
    for file in files(tree):
        if file.suffix in (".py", ".toml", ".yaml") and file.name != "judged.toml":
            found.update(file.as_posix().encode() + b"\0" + (tree / file).read_bytes())
    return found.hexdigest()[:12]
