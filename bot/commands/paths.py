"""Paths as they are meant where they are typed. A client loads this and nothing behind it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def from_here(given: Mapping[str, Any], cwd: Path) -> dict[str, Any]:
    """`given` with the paths of files as whoever is called from `cwd` means them: the swarm that
    opens them may have been started elsewhere."""
    paths = given.get("file")
    if not paths:
        return dict(given)
    return {**given, "file": [str(cwd / Path(path).expanduser()) for path in paths]}
