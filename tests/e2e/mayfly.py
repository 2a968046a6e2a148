"""The smallest program that can come from a womb: says who it is, and ends as it is told."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path


def warm() -> None:
    if os.environ.get("MAYFLY") == "restless":
        threading.Thread(target=threading.Event().wait, daemon=True).start()


def main(args: Sequence[str]) -> int:
    listed = Path("/dev/fd")
    files = [f.name for f in listed.iterdir()] if listed.exists() else []
    real = sorted(name for name in files if (listed / name).exists())
    print(f"{args[0]} {os.getpid()} {','.join(real)}", flush=True)
    line = sys.stdin.readline()
    if not line:
        return 0
    code = int(line.split()[1])
    sys.stderr.write(f"ends with {code}\n")
    return code
