"""What is found again, as values."""

from __future__ import annotations

import msgspec

from swarm_core import Found, History


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Tasks that have the words of `line`; `typed` is the whole command, to go on from."""

    line: str
    found: Found
    typed: str
    most: int


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What ended."""

    history: History
    typed: str
    most: int
