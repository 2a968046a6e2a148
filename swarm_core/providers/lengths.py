"""How long a recording is, as far as its own bytes tell.

What a platform says of a recording comes from whoever sent it, and the bill goes by what is really
in it; a bill above its hold would stop all spending. So where the container tells, the longer of
both counts; where it does not, what is held goes by the size as well.
"""

from __future__ import annotations

import math
import re

import msgspec

FEWEST = 1_000
"""Bytes of a second of speech at the lowest rate that recorders of voice notes use, 8 kbit/s: what
nobody knows the length of is taken to be so long."""
_OPUS_RATE = 48_000
"""Granule positions of Opus, whatever was recorded (RFC 7845, section 4)."""


class Length(msgspec.Struct, frozen=True):
    """In `seconds`, as far as anybody knows, and at `most`, which is what may be charged."""

    seconds: int
    most: int


def length_of(data: bytes, form: str, told: float | None) -> Length:
    """`told` is what the platform of a recording says."""
    measured = _measured(data, form)
    known = [length for length in (measured, told) if length is not None]
    by_size = len(data) / FEWEST
    seconds = max(known) if known else by_size
    most = seconds if measured is not None else max(seconds, by_size)
    return Length(max(1, math.ceil(seconds)), max(1, math.ceil(most)))


def at_most(size: int, told: float | None) -> int:
    """The seconds, as far as anybody knows, before it was fetched."""
    return max(1, math.ceil(size / FEWEST if told is None else told))


def _measured(data: bytes, form: str) -> float | None:
    if form == "ogg":
        return _ogg(data)
    return _wav(data) if form == "wav" else None


def _ogg(data: bytes) -> float | None:
    """By the furthest position that a page of Opus tells, without what is skipped at its begin."""
    head = data.find(b"OpusHead")
    pages = [found.start() for found in re.finditer(b"OggS", data)]
    if head < 0 or len(data) < head + 12:
        return None
    skipped = int.from_bytes(data[head + 10 : head + 12], "little")
    # A page on which no packet ends tells -1.
    ends = (int.from_bytes(data[at + 6 : at + 14], "little", signed=True) for at in pages)
    return max(0.0, (max(ends, default=0) - skipped) / _OPUS_RATE)


def _wav(data: bytes) -> float | None:
    if data[:4] != b"RIFF" or data[8:16] != b"WAVEfmt " or len(data) < 32:
        return None
    each_second = int.from_bytes(data[28:32], "little")
    return len(data) / each_second if each_second else None
