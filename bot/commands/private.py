"""Commands whose answers are for the eyes of whoever gives them, wherever that is."""

from __future__ import annotations

PRIVATE = frozenset(
    {
        *("help", "budget", "memory", "me", "pair", "link", "notify", "notifications"),
        "digest",
        *("config", "doctor", "discord", "telegram"),
    }
)


def private(name: str) -> bool:
    """Whether what it answers is for the asker's eyes; known before it is carried out."""
    return name in PRIVATE
