from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.errors import BinaryFile, TooLarge
from swarm_core.tools.content import decoded, lines_of


async def test_a_whole_file_is_read_with_its_count_of_lines(call, grow) -> None:
    grow({"a.txt": "one\ntwo\r\nthree\n"})
    output = await call("read", path="a.txt")
    assert output.text == "one\ntwo\nthree"
    assert output.data == {
        "path": "a.txt",
        "first": 1,
        "last": 3,
        "total": 3,
        "size": 15,
        "replaced": 0,
        "text": "one\ntwo\nthree",
    }
    assert output.truncated == ""


async def test_a_range_of_lines_says_which_of_how_many(call, grow) -> None:
    grow({"a.txt": "\n".join(f"line {n}" for n in range(1, 101))})
    output = await call("read", path="a.txt", first=10, lines=3)
    assert output.text == "line 10\nline 11\nline 12\n[lines 10 to 12 of 100]"
    assert (output.data["first"], output.data["last"], output.data["total"]) == (10, 12, 100)
    assert output.truncated == "lines 10 to 12 of 100"


async def test_a_range_behind_the_end_says_how_many_there_are(call, grow) -> None:
    grow({"a.txt": "one\n"})
    output = await call("read", path="a.txt", first=5)
    assert output.text == "[no line 5: there are 1]"


async def test_an_empty_file_is_empty(call, grow) -> None:
    grow({"a.txt": ""})
    output = await call("read", path="a.txt")
    assert (output.text, output.data["total"], output.truncated) == ("", 0, "")


async def test_bytes_that_are_not_utf8_are_replaced_and_counted(call, grow) -> None:
    grow({"a.txt": b"caf\xe9 \xef\xbf\xbd na\xefve"})
    output = await call("read", path="a.txt")
    assert output.data["text"] == "caf\ufffd \ufffd na\ufffdve"
    assert output.data["replaced"] == 2
    assert output.truncated == "2 bytes were not UTF-8 and are replaced"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
async def test_a_byte_order_mark_decides_the_encoding(call, grow, encoding: str) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    grow({"a.txt": f"{mark}größe".encode(encoding)})
    assert (await call("read", path="a.txt")).text == "größe"


async def test_binary_content_is_refused(call, grow) -> None:
    grow({"a.bin": b"text\x00more"})
    with pytest.raises(BinaryFile):
        await call("read", path="a.bin")


async def test_a_file_above_the_limit_is_refused_with_its_size(call, grow) -> None:
    grow({"big.txt": b"x" * (8 * 1024 * 1024 + 1)})
    with pytest.raises(TooLarge) as refused:
        await call("read", path="big.txt")
    assert refused.value.data["size"] == 8 * 1024 * 1024 + 1


async def test_what_would_be_too_long_to_show_ends_at_a_line_and_goes_on_from_there(
    call, grow
) -> None:
    grow({"a.txt": "x" * 999 + "\n" + "\n".join(["y" * 999] * 199)})
    first = await call("read", path="a.txt")
    assert first.data["last"] == 98
    assert first.truncated == "lines 1 to 98 of 200"
    rest = await call("read", path="a.txt", first=99)
    assert rest.data["last"] == 196


async def test_one_endless_line_is_cut_and_it_is_said(call, grow) -> None:
    grow({"a.min.js": "ü" * 200_000})
    output = await call("read", path="a.min.js")
    assert output.truncated == "line 1 cut, it is too long"
    assert len(output.data["text"]) == 48 * 1024


@given(st.binary(max_size=200))
def test_any_bytes_become_text(raw: bytes) -> None:
    text, replaced = decoded(raw)
    assert replaced >= 0
    assert "".join(lines_of(text)) == text.replace("\r\n", "\n").replace("\n", "")


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"])).filter(lambda t: t[:1] != "\ufeff")
)
def test_valid_text_is_kept_as_it_is(text: str) -> None:
    assert decoded(text.encode()) == (text, 0)
