"""The choice among candidates, as a pure function."""

from __future__ import annotations

from swarm_core.routing.model import Candidate, Route


def choose(candidates: tuple[Candidate, ...], wish: str | None) -> Route:
    """Free before paid, cheap before dear, the closest match, the least busy, then by name.

    A wish for a worker narrows the field to it.
    """
    if wish is not None:
        field = tuple(c for c in candidates if c.worker == wish)
        return Route(
            chosen=field[0] if field else None,
            reason="wished" if field else "wish_cannot",
            candidates=candidates,
        )
    if not candidates:
        return Route(chosen=None, reason="nobody", candidates=())
    ranked = tuple(sorted(candidates, key=_merit))
    best = ranked[0]
    if len(ranked) == 1:
        return Route(chosen=best, reason="only_one", candidates=ranked)
    return Route(chosen=best, reason=_difference(best, ranked[1]), candidates=ranked)


def _merit(c: Candidate) -> tuple[int, int, int, int, str]:
    return c.tier, c.most, -c.specific, c.busy, c.worker


def _difference(best: Candidate, next_best: Candidate) -> str:
    """The first thing in which the best differs from the next."""
    if best.tier != next_best.tier:
        return "freer_tier"
    if best.most != next_best.most:
        return "cheaper"
    if best.specific != next_best.specific:
        return "closer_match"
    if best.busy != next_best.busy:
        return "less_busy"
    return "by_name"
