"""What commands about the state answer."""

from __future__ import annotations

import msgspec

from swarm_core import Archiving, Erasure, Kept, PutBack


class BackedUp(msgspec.Struct, frozen=True, kw_only=True):
    backup: Kept


class MovedAway(msgspec.Struct, frozen=True, kw_only=True):
    archiving: Archiving


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a person, or what was erased when it is `done`."""

    who: str
    erasure: Erasure


class Restoration(msgspec.Struct, frozen=True, kw_only=True):
    put_back: PutBack


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    folder: str
    facts: int
    rows: int
    begin: int = 0


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    file: str
    size: int
