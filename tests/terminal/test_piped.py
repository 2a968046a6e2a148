"""Reading lines and printing replies without a terminal."""

from __future__ import annotations

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reply import Reply, Text
from bot.terminal.piped import Page, lines
from tests.terminal.doors import said

anything = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=30)


async def read(source: int) -> list[str]:
    return [line async for line in lines(source)]


async def test_lines_come_as_they_are_written() -> None:
    source, sink = os.pipe()
    os.write(sink, "first\nsecönd".encode()[:10])
    got = []
    async for line in lines(source):
        got.append(line)
        if len(got) == 1:
            os.write(sink, "secönd".encode()[4:] + b"\n\nlast")
            os.close(sink)
    os.close(source)
    assert got == ["first", "secönd", "", "last"]


@given(whole=st.lists(anything.filter(bool), max_size=10))
async def test_every_line_of_a_file_is_read(
    whole: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("lines") / "lines"
    file.write_text("".join(f"{line}\n" for line in whole), encoding="utf-8", newline="")
    with file.open("rb") as opened:
        assert await read(opened.fileno()) == whole


async def test_nothing_at_all_has_no_lines() -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    assert await read(nothing) == []
    os.close(nothing)


async def test_replies_are_set_apart_by_an_empty_line() -> None:
    stream = io.StringIO()
    page = Page(stream, styled=False)
    for reply in (said("one"), Reply(()), Reply((Text("*two*"),))):
        await page.show(reply)
    assert stream.getvalue() == "one\n\ntwo\n"


async def test_what_the_stream_cannot_write_is_replaced() -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, "ascii")
    await Page(stream, styled=False).show(said("naïve 蜂"))
    assert written.getvalue() == b"na?ve ?\n"


async def test_a_stream_that_nobody_reads_is_an_os_error() -> None:
    source, sink = os.pipe()
    os.close(source)
    stream = os.fdopen(sink, "w")
    with pytest.raises(OSError, match="Broken pipe"):
        await Page(stream, styled=False).show(said("hello"))
    with pytest.raises(OSError, match="Broken pipe"):
        stream.close()
