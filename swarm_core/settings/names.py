"""What the file and the folder are called when nobody says otherwise."""

from __future__ import annotations

from pathlib import Path

FILE_NAME = "waggle.yaml"
ENV_NAME = "waggle.env"
STATE_FOLDER = Path("data/state")
