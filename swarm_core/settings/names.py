"""What the file and the folder are called when nobody says otherwise."""

from __future__ import annotations

from pathlib import Path

from swarm_core.settings.surfaces import surface_names

FILE_NAME = "waggle.yaml"
ENV_NAME = "waggle.env"
STATE_FOLDER = Path("data/state")
FIXED = (
    *("state", "workspace", "egress", "tasks", "lease", "store"),
    *("attachments", "backup", "retention"),
)
"""Keys, and sections of keys, that hold from a start to the end of the process."""


def fixed() -> tuple[str, ...]:
    """`FIXED`, and the sections of surfaces."""
    return (*FIXED, *sorted(surface_names()))


def waits_for_start(key: str) -> bool:
    """Whether a change of `key` holds from the next start on, not from a reload."""
    return key.partition(".")[0] in fixed()
