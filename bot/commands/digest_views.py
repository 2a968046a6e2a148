"""What `/digest` answers, as a value."""

from __future__ import annotations

import msgspec

from swarm_core import Digested


class DigestView(msgspec.Struct, frozen=True, kw_only=True):
    """A digest; `hour` at which the next comes, '' for none, where it was asked for. `picture` of
    what the last days cost, PNG, kept as `file`; empty where there is none. `repeat`: it may have
    been told."""

    found: Digested
    hour: str | None = None
    picture: bytes = b""
    file: str = ""
    repeat: bool = False


class DigestHour(msgspec.Struct, frozen=True, kw_only=True):
    """The hour of their digest, which somebody has just set; '' for none."""

    hour: str
