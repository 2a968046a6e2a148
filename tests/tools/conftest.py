from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from swarm_core.kernel.actor import Actor
from swarm_core.tools import Egress, EgressRules, Toolbox, ToolContext, ToolOutput, read_only_tools

ANA = Actor(surface="terminal", space="here", person="1")
Call = Callable[..., Awaitable[ToolOutput]]


def descriptors() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "work"
    root.mkdir()
    return root


@pytest.fixture
def call(workspace: Path) -> Call:
    """Calls a built-in tool in `workspace` as somebody who may do everything."""
    box = Toolbox(read_only_tools(Egress(EgressRules())), lambda *_: None)

    async def make(name: str, **arguments: Any) -> ToolOutput:
        return await box.call(name, arguments, ToolContext(actor=ANA, workspace=workspace))

    return make


@pytest.fixture
def grow(workspace: Path) -> Callable[..., None]:
    """Writes files: `grow({"a/b.txt": "text"})`."""

    def write(files: dict[str, str | bytes]) -> None:
        for name, content in files.items():
            path = workspace / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    return write
