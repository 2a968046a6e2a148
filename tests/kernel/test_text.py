"""Text from people and the outside world."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.text import clip, fold, nearest, printable

anything = st.text(st.characters(codec=None, exclude_categories=()))
nasty = st.lists(
    st.sampled_from(["\x1b", "[", "]", "31m", "0;title", "\x07", "\\", "\r", "\n", "\t", "\u202e"])
    | st.sampled_from(["\x9b", "\u2066", "\u2069", "\u200e", "\u061c", "\x00", "a", " ", "\x7f"])
    | anything
).map("".join)
BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(nasty)
def test_what_is_printable_cannot_repaint_a_terminal(text: str) -> None:
    shown = printable(text)
    for char in shown:
        assert char in "\n\t" or unicodedata.category(char) != "Cc", repr(char)
        assert unicodedata.bidirectional(char) not in BIDI, repr(char)
        assert char not in "\u200e\u200f\u061c"
    assert printable(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\r\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b[2J\x1b[1;1Hcleared", "cleared"),
        ("over\rwritten", "overwritten"),
        ("abc\x08\x08\x08xyz", "abcxyz"),
        ("access\u202e txt.exe", "access txt.exe"),
        ("nul\x00l", "null"),
        ("שלום עולם", "שלום עולם"),
        ("👩‍🚀 é ñ", "👩‍🚀 é ñ"),
    ],
)
def test_what_people_wrote_is_kept_and_what_paints_is_not(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(anything, st.integers(0, 40))
def test_a_clip_is_one_line_of_at_most_its_length(text: str, most: int) -> None:
    clipped = clip(text, most)
    assert len(clipped) <= most
    assert len(clipped.splitlines()) <= 1
    line = " ".join(text.split())
    if len(line) <= most:
        assert clipped == line
    elif most:
        assert clipped.endswith("…")
        assert line.startswith(clipped[:-1])


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("taks", ("task", "stats", "status")),
        ("BUDGTE", ("budget",)),
        ("statu", ("status", "stats")),
        ("xyzzy", ()),
        ("", ()),
    ],
)
def test_the_nearest_words_are_found_best_first(word: str, found: tuple[str, ...]) -> None:
    assert nearest(word, ["task", "status", "stats", "budget", "why"]) == found


def test_no_more_near_words_than_asked_for() -> None:
    assert len(nearest("item", [f"item{n}" for n in range(9)])) == 3
    assert len(nearest("item", [f"item{n}" for n in range(9)], most=1)) == 1


def test_a_near_word_is_given_as_it_is_spelled() -> None:
    assert nearest("budgte", ["Budget"]) == ("Budget",)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Fix the  build", "fix the build"),
        ("fix\nthe\tbuild ", "fix the build"),
        ("ﬁx", "fix"),
        ("Straße", "STRASSE"),
        ("\uff46\uff49\uff58", "fix"),
        ("e\u0301", "é"),
    ],
)
def test_texts_that_count_as_the_same(one: str, two: str) -> None:
    assert fold(one) == fold(two)


@pytest.mark.parametrize(("one", "two"), [("fix it", "fixit"), ("a", "b"), ("no", "not")])
def test_texts_that_do_not(one: str, two: str) -> None:
    assert fold(one) != fold(two)


@given(anything)
def test_a_folded_text_has_single_spaces(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())
