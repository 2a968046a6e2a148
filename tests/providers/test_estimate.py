"""A rough count of tokens, for planning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.providers.estimate import estimate_tokens

# The opening of The Great Gatsby; all of its first 20 KB are 4,391 tokens of o200k.
GATSBY = (
    "In my younger and more vulnerable years my father gave me some advice that I've been "
    "turning over in my mind ever since. “Whenever you feel like criticizing anyone,” he told "
    "me, “just remember that all the people in this world haven't had the advantages that "
    "you've had.” "
)


def test_prose_is_four_to_five_letters_a_token() -> None:
    many = GATSBY * 100
    assert 4 < len(many) / estimate_tokens(many) < 5


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("a", 1, 1),
        ("猫が好きです。" * 10, 50, 75),
        ("고양이는 " * 10, 30, 50),
        ("Библиотека " * 10, 30, 50),
        ("if (a[0] != b) { return x->y; }\n" * 10, 90, 160),
        ("🐈" * 10, 15, 30),
    ],
)
def test_scripts_and_code_have_their_own_measure(text: str, least: int, most: int) -> None:
    assert least <= estimate_tokens(text) <= most


@given(st.text())
def test_it_never_exceeds_the_bytes(text: str) -> None:
    assert 0 <= estimate_tokens(text) <= len(text.encode("utf-8", "surrogatepass"))
