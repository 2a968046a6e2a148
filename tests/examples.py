"""How many generated cases a test tries: few in the suite, many with `--long`."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

LONGER = 20


def many() -> bool:
    """Whether this run tries many cases."""
    return bool(settings().max_examples > 100)


def few(number: int, **more: Any) -> settings:
    """For cases that are dear, as each opens a store: `number` of them, many more in a long run."""
    return settings(max_examples=number * (LONGER if many() else 1), deadline=None, **more)
