"""What a picture is, from its bytes alone: kind and size, and whether it is all there.

Only headers and marks are read, nothing is decoded: a picture that was made to fill a memory does
nothing here.
"""

from __future__ import annotations

from typing import Literal

import msgspec

PictureType = Literal["image/png", "image/jpeg", "image/gif", "image/webp"]
LARGEST_SIDE = 8_000
"""Pixels; no vendor takes a larger one."""

_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Marks of a JPEG after which its size stands."""
_BARE = frozenset((0x01, *range(0xD0, 0xD8)))
"""Marks without a length."""


class Picture(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Its kind, and its size in pixels."""

    media_type: PictureType
    width: int
    height: int


class BrokenPicture(ValueError):
    """The bytes begin as a picture and are none that could be shown; says why."""


def picture_of(data: bytes) -> Picture | None:
    """What picture `data` is; None when it does not begin as one. Raises `BrokenPicture`."""
    if data.startswith(_PNG):
        found = Picture(media_type="image/png", **_size(_png(data)))
    elif data.startswith(b"\xff\xd8\xff"):
        found = Picture(media_type="image/jpeg", **_size(_jpeg(data)))
    elif data[:6] in (b"GIF87a", b"GIF89a"):
        found = Picture(media_type="image/gif", **_size(_gif(data)))
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found = Picture(media_type="image/webp", **_size(_webp(data)))
    else:
        return None
    if not (found.width and found.height):
        raise BrokenPicture("it has no size")
    if max(found.width, found.height) > LARGEST_SIDE:
        size = f"{found.width:,} by {found.height:,} pixels"
        raise BrokenPicture(f"it is {size}, and {LARGEST_SIDE:,} is the longest side")
    return found


def _size(size: tuple[int, int]) -> dict[str, int]:
    return {"width": size[0], "height": size[1]}


def _number(data: bytes, at: int, length: int, order: Literal["big", "little"] = "big") -> int:
    piece = data[at : at + length]
    if len(piece) < length:
        raise BrokenPicture("it is cut off")
    return int.from_bytes(piece, order)


def _png(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR":
        raise BrokenPicture("it has no header")
    size = _number(data, 16, 4), _number(data, 20, 4)
    at = len(_PNG)
    while True:
        length, name = _number(data, at, 4), data[at + 4 : at + 8]
        at += 12 + length
        if at > len(data):
            raise BrokenPicture("it is cut off")
        if name == b"IEND":
            return size


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while True:
        if _number(data, at, 1) != 0xFF:
            raise BrokenPicture("its marks are damaged")
        mark = _number(data, at + 1, 1)
        if mark == 0xFF:  # filling
            at += 1
        elif mark in _BARE:
            at += 2
        elif mark in (0xD9, 0xDA):
            raise BrokenPicture("it has no size")
        elif mark in _FRAMES:
            size = _number(data, at + 7, 2), _number(data, at + 5, 2)
            # Cameras write things of their own behind the end.
            if data.rfind(b"\xff\xd9", at) < 0:
                raise BrokenPicture("it is cut off")
            return size
        else:
            at += 2 + max(2, _number(data, at + 2, 2))


def _gif(data: bytes) -> tuple[int, int]:
    size = _number(data, 6, 2, "little"), _number(data, 8, 2, "little")
    if not data.rstrip(b"\0").endswith(b";"):
        raise BrokenPicture("it is cut off")
    return size


def _webp(data: bytes) -> tuple[int, int]:
    if _number(data, 4, 4, "little") + 8 > len(data):
        raise BrokenPicture("it is cut off")
    match data[12:16]:
        case b"VP8X":
            return 1 + _number(data, 24, 3, "little"), 1 + _number(data, 27, 3, "little")
        case b"VP8L":
            bits = _number(data, 21, 4, "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            return _number(data, 26, 2, "little") & 0x3FFF, _number(data, 28, 2, "little") & 0x3FFF
    raise BrokenPicture("it has no header")
