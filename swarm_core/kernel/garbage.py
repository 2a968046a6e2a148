"""The cycle collector, set for a process that lives long and makes mostly values.

What a task leaves behind is freed by reference counting; cycles are rare. At its default the
collector looks after every 700 objects and walks everything that was imported again and again:
about a tenth of the time a task takes (measured by `waggle bench throughput`).
"""

from __future__ import annotations

import gc

YOUNG = 20_000
"""Objects made and not yet freed after which the collector looks at the young ones."""


def settle_in() -> None:
    """Take what exists by now out of the collector's sight and let it look more rarely.

    For a process that is a swarm, once it is open; it holds for the whole process.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
