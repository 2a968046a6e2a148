"""What a live view shows, as a value."""

from __future__ import annotations

import msgspec

from swarm_core import Board


class Top(msgspec.Struct, frozen=True, kw_only=True):
    """The swarm at one look, for `person`."""

    board: Board
    person: str
    version: str
    pid: int
