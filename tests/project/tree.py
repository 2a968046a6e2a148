"""What the tests of the project look at: its files, where they are."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def modules() -> list[Path]:
    """Every Python file of the program, tests not among them."""
    return sorted(file for side in ("bot", "swarm_core") for file in (ROOT / side).rglob("*.py"))


def documents() -> list[Path]:
    """Every document people read: top level, docs, and one in each folder."""
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")])


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
