from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swarm_core.playbooks.model import Param
from swarm_core.playbooks.phrase import LONGEST, compile_phrase, tidy

PARAMS = {
    "text": Param(type="str", description="x"),
    "other": Param(type="str", description="x"),
    "third": Param(type="str", description="x"),
    "path": Param(type="path", description="x"),
    "url": Param(type="url", description="x"),
}
words = st.text(alphabet="abcxyz", min_size=1, max_size=8).filter(lambda w: w not in {"in", "for"})


def values(phrase: str, line: str) -> dict[str, str] | None:
    fit = compile_phrase(phrase, PARAMS, {}).fit(line)
    return None if fit is None else fit.values


def test_a_part_in_brackets_may_be_missing_with_its_space() -> None:
    assert values("search [for] {text} [in {path}]", "search for a b") == {"text": "a b"}
    assert values("search [for] {text} [in {path}]", "SEARCH a In c") == {"text": "a", "path": "c"}
    assert values("search [for] {text}", "searchfor a") is None


def test_a_phrase_fits_the_whole_line_or_not_at_all() -> None:
    assert values("check {path}", "check a b") is None
    assert values("check {path}", "do check a") is None
    assert values("check {path}", "please check a, please") == {"path": "a"}


def test_quoted_text_is_taken_whole() -> None:
    assert values("search {text} in {path}", 'search "a in b" in c')["text"] == '"a in b"'  # type: ignore[index]


def test_literal_characters_are_what_parameters_did_not_take() -> None:
    fit = compile_phrase("find {text}", PARAMS, {}).fit("find abc")
    assert fit is not None
    assert fit.literal == len("find ")


@pytest.mark.parametrize(
    ("phrase", "problem"),
    [
        ("search [for {text}", "`[` is never closed"),
        ("search for] {text}", "`]` closes nothing"),
        ("search {nobody}", "no parameter `nobody`"),
        ("search {text} {text}", "twice"),
        ("search {text", "is written {name}"),
        ("(a|) b", "empty choice"),
        ("a {text}{other}", "a space stands before"),
        ("{text}", "word of its own"),
        ("{text} a {other} b {third} c {path}", "more than 3 parameters"),
        ("[a] [b] [c] [d] [e] [f] [g] [h] [i] x", "more than 8"),
    ],
)
def test_a_phrase_that_is_wrong_says_what_and_where(phrase: str, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        compile_phrase(phrase, PARAMS, {})


def test_text_is_never_part_of_the_pattern() -> None:
    assert values("find .* {path}", "find xx a") is None
    assert values("find .* {path}", "find .* a") == {"path": "a"}


def test_a_line_that_is_too_long_is_not_held_against_phrases() -> None:
    assert tidy("a " * LONGEST) is None
    assert tidy("  a \n b ") == "a b"


def test_the_hardest_line_for_the_hardest_phrase_ends() -> None:
    phrase = "find {text} [a] [b] [c] [d] [e] [f] {other} x {third} y"
    line = ("find " + "a b x " * LONGEST)[:LONGEST].strip()
    assert values(phrase, line) is None


@given(st.lists(words, min_size=1, max_size=5), words)
def test_what_was_put_in_comes_out(text: list[str], path: str) -> None:
    line = f"search for {' '.join(text)} in {path}"
    assert values("search for {text} in {path}", line) == {"text": " ".join(text), "path": path}


@settings(max_examples=50)
@given(st.text(max_size=120))
def test_any_text_either_fits_or_does_not(text: str) -> None:
    line = tidy(text)
    if line is not None:
        compile_phrase("search [for] {text} [in {path}]", PARAMS, {}).fit(line)
