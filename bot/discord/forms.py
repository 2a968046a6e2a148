"""What a person filled in, as Discord sends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def typed_in(components: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What was filled in, by the name of the blank."""
    return {
        str(each["custom_id"]): str(each["value"])
        for each in _inputs(components)
        if each.get("value") is not None
    }


def _inputs(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for each in components:
        if "custom_id" in each:
            yield each
        yield from _inputs(each.get("components") or ())
        if inner := each.get("component"):
            yield from _inputs((inner,))
