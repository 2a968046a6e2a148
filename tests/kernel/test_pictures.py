"""What a picture is, from its bytes."""

from __future__ import annotations

import pytest

from swarm_core.kernel.pictures import BrokenPicture, Picture, picture_of
from tests.pictures import gif, jpeg, png, webp

KINDS = {"image/png": png, "image/jpeg": jpeg, "image/gif": gif, "image/webp": webp}


@pytest.mark.parametrize("kind", KINDS)
def test_kind_and_size_are_read_from_the_bytes(kind: str) -> None:
    found = picture_of(KINDS[kind](640, 48))
    assert found == Picture(media_type=kind, width=640, height=48)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_cut_anywhere_is_never_taken(kind: str) -> None:
    whole = KINDS[kind]()
    for end in range(len(whole)):
        try:
            found = picture_of(whole[:end])
        except BrokenPicture:
            continue
        assert found is None, end


@pytest.mark.parametrize("kind", KINDS)
def test_no_damaged_byte_raises_anything_else(kind: str) -> None:
    whole = KINDS[kind]()
    for at in range(len(whole)):
        for value in (0, 0x7F, 0xFF):
            try:
                picture_of(whole[:at] + bytes([value]) + whole[at + 1 :])
            except BrokenPicture:
                continue


def test_what_is_no_picture_is_none() -> None:
    assert picture_of(b"") is None
    assert picture_of(b"%PDF-1.7") is None


def test_one_without_a_size_or_too_large_is_refused() -> None:
    with pytest.raises(BrokenPicture, match="no size"):
        picture_of(gif(0, 5))
    with pytest.raises(BrokenPicture, match="8,000"):
        picture_of(png(8_001, 5))
