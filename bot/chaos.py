"""`waggle chaos`: kill a swarm again and again and see that it keeps its promises.

The harness is part of the tests, so it is there in a checkout only.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
_WRONG_USAGE = 2


def main(argv: Sequence[str]) -> int:
    """Run chaos with these arguments; returns the exit code: 0 when nothing was found."""
    if not (CHECKOUT / "tests" / "e2e" / "main.py").is_file():
        sys.stderr.write("waggle chaos works from a checkout of the source only.\n")
        return _WRONG_USAGE
    if str(CHECKOUT) not in sys.path:
        sys.path.insert(0, str(CHECKOUT))
    code: int = importlib.import_module("tests.e2e.main").main(argv)
    return code
