"""How many generated cases a test tries whose cases are dear: each opens a store."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

LONGER = 20


def few(number: int, **more: Any) -> settings:
    """`number` in the suite and under mutants, many more where others try many more as well."""
    many = settings.default.max_examples > 100  # type: ignore[union-attr]
    return settings(max_examples=number * (LONGER if many else 1), deadline=None, **more)
