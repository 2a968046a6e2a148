"""Identity files for tests."""

from __future__ import annotations

from pathlib import Path

from swarm_core.identities import Identity, Roster, load_roster

HEAD = """\
name: baker
role: bakes bread
summary: Bakes bread by hand.
"""
BODY = "You are the baker.\n\n## Never\n- Never burn the bread."


def write(folder: Path, name: str, head: str = HEAD, body: str = BODY) -> Path:
    file = folder / f"{name}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"---\n{head}---\n{body}\n", encoding="utf-8")
    return file


def load_one(folder: Path, head: str = HEAD, body: str = BODY) -> Identity:
    write(folder, "x", head, body)
    roster = load_roster([folder])
    assert roster.problems == ()
    (identity,) = roster.identities.values()
    return identity


def flaws(roster: Roster) -> list[tuple[str, str]]:
    return [(str(p.data["where"]), str(p.data["problem"])) for p in roster.problems]
