"""`docs/configuration.md`: `python -m bot.reference` prints it."""

from __future__ import annotations

import sys

from swarm_core import reference_page

if __name__ == "__main__":
    sys.stdout.write(reference_page())
