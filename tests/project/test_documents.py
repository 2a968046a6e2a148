"""What the documents say is so."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from packaging.requirements import Requirement

from tests.project.tree import ROOT, documents, name_of, pyproject

FOLDERS = ("bot", "swarm_core", "identities", "data", "tests")


def launcher_commands() -> set[str]:
    """What `./waggle` does itself: the named branches of its last `case`."""
    _, _, branches = (ROOT / "waggle").read_text(encoding="utf-8").rpartition("case ${1-} in")
    return set(re.findall(r"^  ([a-z]+)\)$", branches, re.MULTILINE))


def program_words() -> set[str]:
    """Every word of the program's own help."""
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(re.findall(r"[a-z-]+", done.stdout))


def test_every_command_a_document_shows_exists() -> None:
    shown = {
        word
        for file in documents()
        for word in re.findall(r"\./waggle ([a-z][a-z-]*)", file.read_text(encoding="utf-8"))
    }
    left = shown - launcher_commands()
    assert launcher_commands() == {"test", "lint", "lock"}
    assert left == set() or left - program_words() == set()


def test_every_dependency_has_its_line() -> None:
    project = pyproject()
    lines = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    written = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    assert sorted(written) == sorted(Requirement(line).name for line in lines)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_top_level_folder_says_what_lives_there(folder: str) -> None:
    assert (ROOT / folder / "README.md").read_text(encoding="utf-8").startswith(f"# {folder}")


def test_every_link_to_a_file_leads_to_one() -> None:
    broken = [
        f"{name_of(file)} → {target}"
        for file in documents()
        for target in re.findall(r"\]\(([^)#\s]+)", file.read_text(encoding="utf-8"))
        if "://" not in target and not (file.parent / target).exists()
    ]
    assert broken == []
