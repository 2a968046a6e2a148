"""What voice notes answer, as values."""

from __future__ import annotations

from typing import Any

import msgspec

from swarm_core import MicroUSD


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What was heard in voice note `voice`, and what hearing it cost. `asked`: it was carried out
    at once, and this is the view of that; None: it waits for a decision."""

    voice: int
    text: str
    cost: MicroUSD
    asked: Any = None


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is done with voice note `voice`."""

    voice: int


VoiceView = Heard | Dropped
