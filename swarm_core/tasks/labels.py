"""What kind of work a request is: given by flags, else by keyword rules from a file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from swarm_core.tasks.model import Category, Complexity, Labels, Request

L = TypeVar("L")


class Labeller:
    """Labels a request: a flag wins, else the first rule whose words occur, else the default.

    Rules map a label to words; words match whole and case-folded.
    """

    def __init__(
        self,
        tags: Mapping[str, Sequence[str]],
        complexity: Mapping[Complexity, Sequence[str]],
        category: Mapping[Category, Sequence[str]],
    ) -> None:
        self._tags = {tag: _pattern(words) for tag, words in tags.items()}
        self._complexity = {level: _pattern(words) for level, words in complexity.items()}
        self._category = {name: _pattern(words) for name, words in category.items()}
        rules = (*tags.values(), *complexity.values(), *category.values())
        self._any = _pattern([word for words in rules for word in words])

    @classmethod
    def read(cls, file: Path) -> Labeller:
        """The rules of a TOML file with the tables `tags`, `complexity` and `category`."""
        rules = tomllib.loads(file.read_text("utf-8"))
        return cls(rules.get("tags", {}), rules.get("complexity", {}), rules.get("category", {}))

    def __call__(self, request: Request) -> Labels:
        defaults, text = Labels(), request.text[:2000]
        if not self._any.search(text):  # most requests hold no such word, and one look says so
            return Labels(
                tags=tuple(sorted(request.tags)),
                complexity=request.complexity or defaults.complexity,
                category=request.category or defaults.category,
            )
        found = request.tags or tuple(t for t, p in self._tags.items() if p.search(text))
        return Labels(
            tags=tuple(sorted(found)),
            complexity=request.complexity or _first(self._complexity, text) or defaults.complexity,
            category=request.category or _first(self._category, text) or defaults.category,
        )


def _first(rules: Mapping[L, re.Pattern[str]], text: str) -> L | None:
    return next((label for label, pattern in rules.items() if pattern.search(text)), None)


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    if not words:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)
