"""What import contracts cannot say: who reads the environment, and which modules only decide."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.tree import modules, name_of

PURE = ("model.py", "rules.py")
LIBRARIES = {"msgspec", "pydantic"}
WORLD = {
    *("asyncio", "concurrent", "fcntl", "getpass", "http", "io", "locale", "logging"),
    *("multiprocessing", "os", "platform", "random", "secrets", "select", "selectors", "shutil"),
    *("signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading"),
    *("time", "urllib.request"),
}
"""Modules of the standard library through which the world, the time or chance comes in."""
CALLS = {"open", "print", "input", "exec", "eval", "__import__"}
METHODS = {
    *("now", "utcnow", "today"),
    *("read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink", "iterdir"),
    *("cwd", "home", "expanduser", "is_file", "is_dir"),
}


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def within(module: str, packages: set[str]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def may_decide_with(module: str) -> bool:
    """Whether a module of values and decisions may import `module`."""
    if module.startswith("swarm_core."):
        return module.startswith("swarm_core.kernel.") or module.endswith((".model", ".rules"))
    if within(module, LIBRARIES):
        return True
    return module.split(".")[0] in sys.stdlib_module_names and not within(module, WORLD)


def impurities(source: str) -> list[str]:
    tree = ast.parse(source)
    found = [f"imports {module}" for module in imports(tree) if not may_decide_with(module)]
    for node in ast.walk(tree):
        match node:
            case ast.Await():
                found.append("awaits")
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                found.append(f"calls {name}")
            case ast.Call(func=ast.Attribute(attr=name)) if name in METHODS:
                found.append(f"calls .{name}")
    return found


def environment_reads(source: str) -> list[int]:
    """The lines on which the environment is reached for."""
    names = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    lines = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr=name) if name in names:
                lines.append(node.lineno)
            case ast.ImportFrom(module="os", names=imported):
                if names & {alias.name for alias in imported}:
                    lines.append(node.lineno)
    return lines


def text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def test_modules_of_values_and_decisions_do_no_io() -> None:
    found = {name_of(file): impurities(text(file)) for file in modules() if file.name in PURE}
    assert {name: what for name, what in found.items() if what} == {}


def test_only_settings_reads_the_environment() -> None:
    found = {
        name_of(file): environment_reads(text(file))
        for file in modules()
        if not name_of(file).startswith("swarm_core/settings/")
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio",
        "import os.path",
        "from subprocess import run",
        "import urllib.request",
        "import httpx2",
        "import swarm_core.store.db",
        "from swarm_core import Swarm",
        "from .store import rows",
        "from datetime import datetime\nthen = datetime.now()",
        "from pathlib import Path\nPath('a').read_text()",
        "open('a')",
        "async def decide(x): await x",
    ],
)
def test_reaching_into_the_world_is_noticed(source: str) -> None:
    assert impurities(source)


@pytest.mark.parametrize(
    "source",
    [
        "import msgspec\nfrom datetime import datetime\nfrom pathlib import Path",
        "from urllib.parse import urlsplit\nfrom swarm_core.kernel.ids import TaskId",
        "from swarm_core.steps.model import Call",
        "class Port:\n    async def run(self) -> None: ...",
    ],
)
def test_values_and_ports_are_left_alone(source: str) -> None:
    assert impurities(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "import os\nkey = os.environ['KEY']",
        "import os\nkey = os.getenv('KEY')",
        "from os import environ",
        "from os import getenv as g",
    ],
)
def test_reading_the_environment_is_noticed(source: str) -> None:
    assert environment_reads(source)
