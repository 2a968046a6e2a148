"""Files a person names: what is taken, and that nothing odd is opened, waited for or swallowed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from swarm_core.kernel.errors import NotAFile, TooLarge, TooManyAttached, UnfitFile, WaggleError
from swarm_core.tasks.files import FileRules
from swarm_core.tools.attaching import read_attached
from tests.pictures import jpeg, png

RULES = FileRules(most=2, picture=2_000, text=500)


def put(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


def refused(path: str) -> WaggleError:
    with pytest.raises((NotAFile, TooLarge, UnfitFile)) as caught:
        read_attached([path], RULES)
    return caught.value


def test_what_a_file_is_its_bytes_say(tmp_path: Path) -> None:
    paths = [put(tmp_path, "photo.txt", jpeg()), put(tmp_path, "table.csv", b"\xef\xbb\xbfa,b\n")]
    picture, text = read_attached(paths, RULES)
    assert (picture.name, picture.media_type, picture.width) == ("photo.txt", "image/jpeg", 40)
    assert (text.media_type, text.content) == ("text/plain", "a,b\n")


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("fake.png", b"only words", "called a picture"),
        ("cut.png", png()[:60], "cut off"),
        ("a.zip", b"PK\x03\x04\xff\xfe", "neither a picture nor text"),
        ("nul.txt", b"a\0b", "neither a picture nor plain text"),
        ("empty.txt", b" \n", "nothing in it"),
    ],
)
def test_what_no_model_could_be_shown_is_refused(
    tmp_path: Path, name: str, data: bytes, problem: str
) -> None:
    assert problem in str(refused(put(tmp_path, name, data)).data["problem"])


def test_links_pipes_folders_and_devices_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(put(tmp_path, "real.txt", b"words"))
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder.png").mkdir()
    for name, kind in (("link", "link"), ("pipe", "pipe"), ("folder.png", "folder")):
        error = refused(str(tmp_path / name))
        assert isinstance(error, NotAFile)
        assert error.data["kind"] == kind
    assert refused("/dev/zero").data["kind"] == "device"


def test_two_gigabytes_are_refused_by_their_size_alone(tmp_path: Path) -> None:
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(2 << 30)
    assert isinstance(refused(str(tmp_path / "big.txt")), TooLarge)


def test_each_kind_has_its_own_limit(tmp_path: Path) -> None:
    assert isinstance(refused(put(tmp_path, "long.txt", b"x" * 501)), TooLarge)
    assert isinstance(refused(put(tmp_path, "big.jpg", jpeg() + bytes(2_000))), TooLarge)


def test_a_file_that_is_not_there_and_a_nul_in_a_name_are_told(tmp_path: Path) -> None:
    assert refused(str(tmp_path / "none")).data["problem"] == "no such file or directory"
    assert "null" in str(refused("a\0b").data["problem"])
    with pytest.raises(TooManyAttached):
        read_attached(["a", "b", "c"], RULES)


def test_a_name_cannot_close_the_mark_it_is_shown_in(tmp_path: Path) -> None:
    (file,) = read_attached([put(tmp_path, 'a"><x\x1b[31m\n.txt', b"words")], RULES)
    assert not set('"<>\n\x1b') & set(file.name)
