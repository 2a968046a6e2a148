"""The contracts of `[tool.importlinter]` hold, and each of them can break."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.tree import ROOT, pyproject

LINT = "from importlinter.cli import lint_imports_command as run; run()"


def lint_imports(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [argument for id_ in contracts for argument in ("--contract", id_)]
    return subprocess.run(
        [sys.executable, "-P", "-c", LINT, "--no-cache", "--no-logo", *chosen],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_import_contracts_hold() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


BREACHES = {
    "floors": [
        ("swarm_core/kernel/ids.py", "import swarm_core.steps.model"),
        ("swarm_core/tasks/queue.py", "import swarm_core.people.roster"),
        ("swarm_core/unheard_of/__init__.py", ""),
    ],
    "sides": [("swarm_core/dispatch/intake.py", "import bot.reply")],
    "face": [("bot/reply.py", "from swarm_core.steps.model import Call")],
    "inside": [("swarm_core/steps/model.py", "from swarm_core import Swarm")],
    "surfaces": [("bot/telegram/bot.py", "import bot.discord.bot")],
    "cycles": [
        ("swarm_core/tasks/queue.py", "import swarm_core.tasks.rules"),
        ("swarm_core/tasks/rules.py", "import swarm_core.tasks.queue"),
    ],
    "homes": [("swarm_core/tasks/queue.py", "import sqlite3")],
}
ALLOWED = [
    ("swarm_core/store/db.py", "import sqlite3"),
    ("swarm_core/tasks/queue.py", "import swarm_core.store.db"),
    ("bot/daemon.py", "from swarm_core import Swarm\nimport aiohttp\nimport bot.discord.bot"),
]


def build(folder: Path, files: list[tuple[str, str]]) -> None:
    """The smallest house with every module a contract test names, and `files` in it."""
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    names = [name for breaches in BREACHES.values() for name, _ in breaches]
    names += ["swarm_core/people/roster.py", "bot/discord/bot.py"]
    names += ["bot/chat/way.py", "bot/render/page.py"]
    present = [(name, "") for name in names if "unheard_of" not in name]
    for name, text in [*present, *ALLOWED, *files]:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        for package in file.parents[: len(Path(name).parents) - 1]:
            (package / "__init__.py").touch()


def test_each_contract_is_tried_below() -> None:
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    assert {contract["id"] for contract in contracts} == set(BREACHES)


def test_what_the_contracts_allow_passes(tmp_path: Path) -> None:
    build(tmp_path, [])
    done = lint_imports(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("contract", BREACHES)
def test_a_contract_breaks_when_its_rule_is_broken(contract: str, tmp_path: Path) -> None:
    build(tmp_path, BREACHES[contract])
    done = lint_imports(tmp_path, contract)
    assert done.returncode == 1
    assert "0 kept, 1 broken" in done.stdout
