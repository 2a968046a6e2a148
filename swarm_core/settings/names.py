"""What the file and the folder are called when nobody says otherwise."""

from __future__ import annotations

from pathlib import Path

FILE_NAME = "waggle.yaml"
ENV_NAME = "waggle.env"
STATE_FOLDER = Path("data/state")
FIXED = (
    *("state", "workspace", "egress", "tasks", "lease", "store"),
    *("attachments", "backup", "retention", "discord"),
)
"""Keys, and sections of keys, that hold from a start to the end of the process."""


def waits_for_start(key: str) -> bool:
    """Whether a change of `key` holds from the next start on, not from a reload."""
    return key.partition(".")[0] in FIXED
