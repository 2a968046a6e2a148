"""How long a recording is, as far as its own bytes tell.

What a platform says of a recording comes from whoever sent it, and the bill goes by what is really
in it. So where the container tells, the longer of both counts.
"""

from __future__ import annotations

import math

FEWEST = 1_000
"""Bytes of a second of speech at the lowest rate that recorders of voice notes use, 8 kbit/s: what
nobody knows the length of is taken to be so long."""
_OPUS_RATE = 48_000
"""Granule positions of Opus, whatever was recorded (RFC 7845, section 4)."""
_PAGE = 27


def longest(data: bytes, form: str, told: float | None) -> int:
    """The seconds that may be charged for a recording; `told` is what its platform says."""
    measured = _measured(data, form)
    known = [length for length in (measured, told) if length is not None]
    return max(1, math.ceil(max(known) if known else len(data) / FEWEST))


def at_most(size: int, told: float | None) -> int:
    """As `longest`, before it was fetched."""
    return max(1, math.ceil(size / FEWEST if told is None else told))


def _measured(data: bytes, form: str) -> float | None:
    if form == "ogg":
        return _ogg(data)
    return _wav(data) if form == "wav" else None


def _ogg(data: bytes) -> float | None:
    """By the position that the last page of Opus tells, without what is skipped at its begin."""
    head = data.find(b"OpusHead")
    last = data.rfind(b"OggS")
    if head < 0 or last < 0 or len(data) < max(head + 12, last + _PAGE):
        return None
    skipped = int.from_bytes(data[head + 10 : head + 12], "little")
    position = int.from_bytes(data[last + 6 : last + 14], "little", signed=True)
    return max(0.0, (position - skipped) / _OPUS_RATE) if position >= 0 else None


def _wav(data: bytes) -> float | None:
    if data[:4] != b"RIFF" or data[8:16] != b"WAVEfmt " or len(data) < 32:
        return None
    each_second = int.from_bytes(data[28:32], "little")
    return len(data) / each_second if each_second else None
