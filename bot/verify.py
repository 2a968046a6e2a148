"""`waggle verify`: do to a swarm what machines do, and see that it keeps its promises.

The trials are part of the tests, so they are there in a checkout only.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from bot.chaos import CHECKOUT
from swarm_core import errors


def main(argv: Sequence[str]) -> int:
    """Run the trials that `argv` names, all when it names none; returns the exit code: 0 when
    nothing was found. Raises `NeedsCheckout`."""
    if not (CHECKOUT / "tests" / "e2e" / "verify" / "main.py").is_file():
        raise errors.NeedsCheckout(command="verify")
    if str(CHECKOUT) not in sys.path:
        sys.path.insert(0, str(CHECKOUT))
    code: int = importlib.import_module("tests.e2e.verify.main").main(argv)
    return code
