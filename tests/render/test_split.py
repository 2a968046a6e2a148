from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.render import markdown
from bot.render.split import DISCORD, LEAST, TELEGRAM, Chunk, join, size, split

QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)

plain_words = ["waggle", "a dance.", "Where?", "- item", "**b**", "> q", "1. one", "# |", "`x`"]
odd_words = ["漢字漢字。", "👩‍👩‍👧‍👦", "🇫🇷🇩🇪", "e\u0301\u0302", "\x00", "\t", "\ufeff", "\u2028"]
words = st.sampled_from([*plain_words, *odd_words, "```", "~~~", "x" * 90, "`" * 40])
ends = st.sampled_from(["\n", "\n", "\n\n", "\r\n", "\r", "\n \n"])
prose = st.lists(words, min_size=1, max_size=30).map(" ".join)
code = st.lists(
    st.one_of(
        prose,
        st.sampled_from(["", "  x = 1", "\tx", "```", "~~~~", "    ```", "y" * 200, "🐝" * 50]),
    ),
    max_size=15,
)


@st.composite
def fenced(draw: st.DrawFn) -> str:
    end = draw(st.sampled_from(["\n", "\r\n"]))
    margin = draw(
        st.sampled_from(["", " ", "   ", "    ", "> ", "> > ", "- ", "  ", "1. ", "> - "])
    )
    marker = draw(st.sampled_from("`~")) * draw(st.integers(3, 9))
    info = draw(st.sampled_from(["", "py", " python title=x", "i" * 60, "a b"]))
    inner = re.sub(r"[^>\s]", " ", margin) if draw(st.booleans()) else margin
    rows = [margin + marker + info, *(inner + row for row in draw(code))]
    if draw(st.integers(0, 4)):
        rows.append(inner + marker + draw(st.sampled_from(["", " ", "`"])))
    return end.join(rows)


documents = st.lists(
    st.tuples(st.one_of(prose, fenced(), st.text(max_size=80), st.just("")), ends), max_size=12
).map(lambda parts: "".join(text + end for text, end in parts))
limits = st.one_of(st.integers(LEAST, 120), st.sampled_from([DISCORD, 400]))


@QUICK
@given(source=documents, limit=limits, utf16=st.booleans())
@example(source="`" * 500, limit=32, utf16=False)
@example(source="```" + "i" * 500 + "\ncode\n```\n", limit=32, utf16=False)
@example(source=" " * 500 + "x" + "\n" * 500, limit=32, utf16=False)
@example(source="```\n" + "\n" * 200 + "```", limit=32, utf16=False)
@example(source="`" * 60 + "\n" + "code " * 50 + "\n" + "`" * 60, limit=32, utf16=False)
@example(source="\ud83d" * 100, limit=33, utf16=True)
def test_any_markdown_is_cut_within_the_limit_and_joins_to_its_source(
    source: str, limit: int, utf16: bool
) -> None:
    chunks = split(source, limit, utf16=utf16)
    assert join(chunks) == (source if source.strip() else "")
    for chunk in chunks:
        assert chunk.text.strip()
        assert size(chunk.text, utf16) <= limit
        assert not (chunk.before + chunk.after).strip()


rows = ["x = 1", "", "  indented", "~~~", "``", "# not a title", "- no item", "wide 漢字"]
lines_of_code = st.lists(st.sampled_from(rows), min_size=1, max_size=40)


@st.composite
def well_formed(draw: st.DrawFn) -> str:
    blocks = []
    for _ in range(draw(st.integers(1, 5))):
        margin = draw(st.sampled_from(["", " ", "   ", "> ", "> > "]))
        marker = draw(st.sampled_from(["```", "````", "~~~~~"]))
        rows = [marker + draw(st.sampled_from(["", "py", "sh -x"])), *draw(lines_of_code), marker]
        blocks.append("\n".join(margin + row for row in rows))
        blocks.append(draw(st.sampled_from(["Some prose here. And more of it.", "", "- a\n- b"])))
    return "\n\n".join(blocks)


@QUICK
@given(source=well_formed(), limit=st.integers(48, 200))
def test_what_was_code_is_code_in_its_chunk_and_nothing_else_is(source: str, limit: int) -> None:
    found = [row for chunk in split(source, limit) for row in code_rows(chunk.text)]
    assert found == code_rows(source)


def code_rows(source: str) -> list[str]:
    rows: list[str] = []
    for node in markdown.tree(source).walk():
        if node.type == "fence":
            rows += node.content.removesuffix("\n").split("\n") if node.content else []
    return rows


def texts(chunks: list[Chunk]) -> list[str]:
    return [chunk.text for chunk in chunks]


def test_what_fits_is_one_chunk_as_it_stands() -> None:
    assert texts(split("# Hi\n\n```py\nx\n```", 2000)) == ["# Hi\n\n```py\nx\n```"]


def test_white_space_alone_gives_no_chunk() -> None:
    assert split("", 32) == []
    assert split(" \n\t\n" * 100, 32) == []


def test_a_limit_below_the_least_is_refused() -> None:
    with pytest.raises(ValueError, match="below 32"):
        split("x", LEAST - 1)


def test_a_fence_is_closed_and_reopened_with_its_info_string() -> None:
    source = "```python\n" + "".join(f"row_{n} = {n}\n" for n in range(6)) + "```\n"
    assert texts(split(source, 48)) == [
        "```python\nrow_0 = 0\nrow_1 = 1\nrow_2 = 2\n```",
        "```python\nrow_3 = 3\nrow_4 = 4\nrow_5 = 5\n```",
    ]


def test_a_longer_tilde_fence_in_a_quote_keeps_its_marker_and_margin() -> None:
    source = "> ~~~~sh\n> echo one\n> ~~~\n> echo two\n> echo three\n> ~~~~"
    assert texts(split(source, 40)) == [
        "> ~~~~sh\n> echo one\n> ~~~\n> ~~~~",
        "> ~~~~sh\n> echo two\n> echo three\n> ~~~~",
    ]


def test_a_fence_in_a_list_item_is_reopened_at_its_indent() -> None:
    source = "- ```sh\n  first line\n  second line\n  third line\n  ```"
    assert texts(split(source, 36)) == [
        "- ```sh\n  first line\n  ```",
        "  ```sh\n  second line\n  ```",
        "  ```sh\n  third line\n  ```",
    ]


def test_a_line_of_code_longer_than_the_limit_is_cut_inside_its_fence() -> None:
    chunks = split("```\n" + "x" * 60 + "\n```", 40)
    assert texts(chunks) == ["```\n" + "x" * 31 + "\n```", "```\n" + "x" * 29 + "\n```"]


def test_a_blank_line_is_preferred_to_a_line_end_and_a_sentence_to_a_space() -> None:
    assert texts(split("one two three\n\nfour five\nsix seven eight", 32)) == [
        "one two three",
        "four five\nsix seven eight",
    ]
    assert texts(split("One two three. Four five six seven eight", 32)) == [
        "One two three.",
        "Four five six seven eight",
    ]


def test_a_fence_that_fits_is_not_torn_when_prose_stands_before_it() -> None:
    source = "Twenty characters...\n\n```\none\ntwo\nthree\n```"
    assert texts(split(source, 40)) == ["Twenty characters...", "```\none\ntwo\nthree\n```"]


def test_a_quote_goes_on_in_the_next_chunk() -> None:
    chunks = split("> the quick brown fox jumps over the lazy dog", 32)
    assert texts(chunks) == ["> the quick brown fox jumps", "> over the lazy dog"]


def test_a_seam_does_not_make_a_list_of_prose() -> None:
    assert texts(split("a long sum of nine and ten is - nineteen", 32))[0].endswith("is -")
    assert texts(split("the long sum of nine and ten is - nineteen", 32))[1] == "is - nineteen"


def test_backticks_in_prose_do_not_begin_a_chunk() -> None:
    for chunk in split("x" * 31 + "```" + "y" * 40, 32)[1:]:
        assert not chunk.text.startswith("```")


def test_graphemes_stay_whole() -> None:
    family = "👩‍👩‍👧‍👦"
    for chunk in split(family * 20, 32, utf16=True):
        assert chunk.text.replace(family, "") == ""
    assert texts(split("x" * 31 + "e\u0301" + "y" * 9, 32)) == ["x" * 31, "e\u0301" + "y" * 9]


def test_telegram_counts_utf16_units() -> None:
    chunks = split("🐝" * 5000, TELEGRAM, utf16=True)
    assert [len(chunk.text) for chunk in chunks] == [2048, 2048, 904]


def test_a_fence_ended_by_its_list_item_does_not_swallow_what_follows() -> None:
    source = "- a\n\n  ```sh\n  one one one one\n  two two two\n\nAfter it, prose.\n\n```\nx\n```"
    chunks = split(source, 40)
    assert join(chunks) == source
    assert "After it, prose." in [chunk.text.split("\n\n")[0] for chunk in chunks]
    assert code_rows(chunks[-1].text) == ["x"]


def test_a_closing_line_set_too_deep_still_ends_its_fence_in_a_later_chunk() -> None:
    source = "- ```sh\n  first line\n  second line\n     ```\n\nProse after it.\n\n```\nx\n```"
    chunks = split(source, 40)
    assert join(chunks) == source
    assert code_rows(chunks[-1].text) == ["x"]
    assert "Prose after it." in chunks[-1].text


def test_an_info_string_too_long_to_repeat_is_shortened() -> None:
    source = '```py title="a very long title"\n' + "x = 1\n" * 30 + "```"
    chunks = split(source, 60)
    assert all(chunk.text.startswith("```py\n") for chunk in chunks[1:])


@pytest.mark.parametrize("fill", ["a", "`", "🐝", "word ", "line\n", "> q\n", "```\n", "\u0301"])
def test_enormous_text_is_cut_in_time_that_grows_with_it(fill: str) -> None:
    source = fill * (60_000 // len(fill))
    assert join(split(source, 2000)) == source
