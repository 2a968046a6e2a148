"""What the swarm itself says to models; the words are data in `data/prompts`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from swarm_core.workers.script import Languages


class Prompts(msgspec.Struct, frozen=True, kw_only=True):
    """The house rules, which every worker is given, and short notes in the course of a run."""

    house: str
    empty: str
    all_thought: str
    repeats: str
    moved: str
    clipped: str
    said_meanwhile: str
    earlier_unanswered: str
    cut: str
    attached_picture: str
    attached_gone: str
    room: str
    room_own: str
    room_asker: str
    other_script: str
    languages: Languages


def read_prompts(folder: Path) -> Prompts:
    """Raises OSError, or `msgspec.ValidationError` when one is missing."""
    turns = tomllib.loads((folder / "turns.toml").read_text(encoding="utf-8"))
    languages = tomllib.loads((folder / "languages.toml").read_text(encoding="utf-8"))
    house = (folder / "house.md").read_text(encoding="utf-8").strip()
    return msgspec.convert({"house": house, "languages": languages, **turns}, Prompts)
