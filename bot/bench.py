"""`waggle bench`: hands over to the benches, which live with the tests and are not installed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from swarm_core import errors

ROOT = Path(__file__).resolve().parent.parent


def main(argv: Sequence[str], root: Path = ROOT) -> int:
    """Run the benches that `argv` names, all when it names none; returns the exit code.

    Raises `NeedsCheckout` where there is no source tree.
    """
    if not (root / "tests" / "bench" / "__main__.py").is_file():
        raise errors.NeedsCheckout(command="bench")
    return subprocess.run(  # noqa: S603  our own interpreter and module; only the options are given
        [sys.executable, "-m", "tests.bench", *argv], cwd=root, check=False
    ).returncode
