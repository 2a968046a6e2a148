from __future__ import annotations

import json

import msgspec
import pytest

from bot.reply import (
    Button,
    Buttons,
    Card,
    File,
    KeyValues,
    Notice,
    Reply,
    Table,
    Text,
    decode,
    encode,
)

EVERYTHING = Reply(
    (
        Text("# Hi"),
        Card(title="#1", state="done", level="ok", fields=(("spent", "$0"),), lines=("x",)),
        Table(columns=("a", "b"), rows=(("1", "2"),), align=("left", "right"), empty="none"),
        KeyValues(pairs=(("cap", "$5"),), title="Budget"),
        Notice(level="warn", text="Slow.", hint="Wait."),
        Buttons((Button("Stop", "/stop 1"),)),
        File(name="a.bin", data=b"\x00\xff\n", media_type="application/octet-stream"),
    ),
    private=True,
)


def test_a_reply_crosses_the_socket_unchanged_on_one_line() -> None:
    data = encode(EVERYTHING)
    assert b"\n" not in data
    assert decode(data) == EVERYTHING


def test_every_part_says_its_kind() -> None:
    kinds = [part["type"] for part in json.loads(encode(EVERYTHING))["parts"]]
    assert kinds == ["text", "card", "table", "values", "notice", "buttons", "file"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"parts": [{"type": "sofa"}]}',
        b'{"parts": [{"type": "notice", "level": "fatal", "text": "x"}]}',
        b'{"parts": [{"type": "table", "columns": ["a"], "rows": [["1", "2"]]}]}',
    ],
)
def test_what_is_no_reply_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(data)


def test_a_table_with_a_ragged_row_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="2 columns"):
        Table(columns=("a", "b"), rows=(("1",),))
    with pytest.raises(ValueError, match="1 alignments"):
        Table(columns=("a", "b"), align=("right",))
    with pytest.raises(ValueError, match="one at least"):
        Table(columns=())


def test_only_a_text_file_has_text() -> None:
    assert File(name="a", data="né".encode()).text == "né"
    assert File(name="a", data=b"\xff").text == "\ufffd"
    assert File(name="a", data=b"x", media_type="image/png").text is None
