"""What may be called cheaper."""

from __future__ import annotations

from collections.abc import Sequence

from swarm_core.routing.model import Candidate

CLEARLY = 2
"""What is called cheaper costs at most one part in so many. Prices are upper bounds: two that lie
nearer to each other differ by the length of a prompt, and the lower one may well be the dearer
bill."""


def cheaper_than(most: int, worker: str, candidates: Sequence[Candidate]) -> Candidate | None:
    """The next clearly cheaper one that can begin now; of the same worker, if there is one."""
    able = [c for c in candidates if c.obstacle is None and c.success]
    less = [c for c in able if c.most < most and c.most * CLEARLY <= most]
    return max(less, key=lambda c: (c.worker == worker, c.most), default=None)
