"""The lock files fit `pyproject.toml` and each other, and say nothing of where they were made."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.project.tree import ROOT, pyproject

ORDINARY, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)")


def pins(lock: str) -> dict[str, list[tuple[str, str]]]:
    """Name → (version, the text of its entry); more than one where markers tell them apart."""
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in re.split(r"\n(?=\S)", (ROOT / lock).read_text(encoding="utf-8")):
        pin = PIN.match(entry)
        assert pin, f"{lock}: not a pin: {entry[:80]}"
        found.setdefault(canonicalize_name(pin[1]), []).append((pin[2], entry))
    return found


def asked_for(lock: str, source: str) -> set[str]:
    """The packages that `lock` says are there because `source` names them."""
    line = re.compile(rf"^ +# +(?:via )? *{re.escape(source)}$", re.MULTILINE)
    return {name for name, entries in pins(lock).items() if any(line.search(e) for _, e in entries)}


@pytest.mark.parametrize(
    ("lock", "group", "source"),
    [
        (ORDINARY, None, "waggle (pyproject.toml)"),
        (DEVELOPMENT, None, "waggle (pyproject.toml)"),
        (DEVELOPMENT, "dev", "waggle (pyproject.toml:dev)"),
    ],
)
def test_a_lock_pins_what_pyproject_asks_for(lock: str, group: str | None, source: str) -> None:
    project = pyproject()
    lines = project["dependency-groups"][group] if group else project["project"]["dependencies"]
    wanted = {canonicalize_name(r.name): r for r in map(Requirement, lines)}
    assert asked_for(lock, source) == wanted.keys(), "run ./waggle lock"
    pinned = pins(lock)
    outside = [
        f"{name} {version}"
        for name, requirement in wanted.items()
        for version, _ in pinned[name]
        if version not in requirement.specifier
    ]
    assert outside == [], "run ./waggle lock"


def test_the_development_lock_holds_the_ordinary_one() -> None:
    ordinary, development = pins(ORDINARY), pins(DEVELOPMENT)
    versions = {name: {v for v, _ in entries} for name, entries in ordinary.items()}
    same = {name: {v for v, _ in development.get(name, [])} for name in ordinary}
    assert same == versions, "run ./waggle lock"


@pytest.mark.parametrize("lock", [ORDINARY, DEVELOPMENT])
def test_every_pin_has_a_hash(lock: str) -> None:
    bare = [
        n for n, entries in pins(lock).items() if any("--hash=sha256:" not in e for _, e in entries)
    ]
    assert bare == []


@pytest.mark.parametrize("lock", [ORDINARY, DEVELOPMENT])
def test_a_lock_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^--(?!hash)|index-url|find-links|trusted-host", text, re.MULTILINE)
