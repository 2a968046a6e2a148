"""The choice among candidates, as a pure function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from swarm_core.routing.model import BARRING, CERTAIN, Candidate, Route, Rules, Tier

MOST_LOAD = 5
"""Runs at once from which on a worker counts as fully loaded."""

Merit = tuple[tuple[str, Callable[[Candidate], Any]], ...]
"""What is compared, in this order, and the word for it; less is better."""


def choose(candidates: tuple[Candidate, ...], wish: str | None, rules: Rules = Rules()) -> Route:  # noqa: B008
    """The best candidate, and the first thing in which it is better than the next.

    A script that knows the task comes before any model. A wish for a worker narrows the field to
    it. Who meets an obstacle is chosen only when everybody does, and never when it is one that
    does not pass.
    """
    field = candidates if wish is None else tuple(c for c in candidates if c.worker == wish)
    if not field:
        reason = "nobody" if wish is None else "wish_cannot"
        return Route(chosen=None, reason=reason, candidates=candidates)
    field = tuple(c for c in field if c.obstacle not in BARRING)
    if not field:
        return Route(chosen=None, reason="nobody_sees", candidates=candidates)
    merit = _merit(rules)
    ranked = sorted(field, key=lambda c: tuple(measure(c) for _, measure in merit))
    others = tuple(c for c in candidates if c not in field)
    if wish is not None:
        reason = "wished"
    elif len(ranked) == 1:
        reason = "only_one"
    else:
        reason = next((w for w, m in merit if m(ranked[0]) != m(ranked[1])), "by_name")
    return Route(chosen=ranked[0], reason=reason, candidates=(*ranked, *others))


def _merit(rules: Rules) -> Merit:
    first: Merit = (
        ("no_obstacle", lambda c: c.obstacle is not None),
        ("free_script", lambda c: c.tier != Tier.PLAYBOOK),
    )
    last: Merit = (
        ("less_busy", lambda c: c.busy),
        ("by_name", lambda c: (c.worker, c.model)),
    )
    if rules.strategy == "least_loaded":
        return (*first, ("closer_match", lambda c: -c.specific), ("best_placed", _load), *last)
    return (
        *first,
        ("able_enough", lambda c: 0 if c.success >= rules.bar else 1 + CERTAIN - c.success),
        ("closer_match", lambda c: -c.specific),
        ("freer_tier", lambda c: c.tier),
        ("cheaper", lambda c: c.most),
        *last,
    )


def _load(c: Candidate) -> int:
    """1 - 0.4 * min(load/5, 1) + 0.5 * success, per mille and negated."""
    return -(1_000 - 400 * min(c.busy, MOST_LOAD) // MOST_LOAD + c.success // 2)
