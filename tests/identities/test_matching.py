from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.identities import NAMED, Identity, load_roster
from swarm_core.identities.matching import LONGEST, stem, stems
from tests.identities.files import HEAD, write

REVIEWER = Identity(
    name="test_reviewer",
    role="r",
    summary="s",
    prompt="p",
    file="f",
    skills=("review", "pull request"),
    tags=("security", "review"),
    triggers=("look over this",),
    addresses=("2.1.lattice",),
)


@pytest.mark.parametrize(
    "text",
    [
        "test_reviewer: look",
        "Test-Reviewer, look",
        " test reviewer: look",
        "@test_reviewer look",
        "please ask @test_reviewer about it",
        "(@test_reviewer)",
        "2.1.lattice: look",
        "hello @2.1.lattice.",
        "TEST-REVIEWER, LOOK",
        "Schau es dir an, @Test_Reviewer, größer wird es nicht",
        "te\u017ft_reviewer: look",
    ],
)
def test_who_is_asked_for_by_name_fits_above_all(text: str) -> None:
    assert REVIEWER.matches(text) >= NAMED
    found = REVIEWER.fit(text)
    assert found is not None
    assert found.words[0] in ("test_reviewer", "2.1.lattice")


@pytest.mark.parametrize(
    "text",
    [
        "test_reviewer",
        "the test_reviewer: look",
        "mail me@test_reviewer.org",
        "@test_reviewer_two look",
        "@test_reviewer-two look",
        "test_reviewer:8080",
        "https://x.org/@test_reviewer",
        "@2.1.lattice.3 look",
    ],
)
def test_a_name_within_something_else_is_no_call(text: str) -> None:
    assert REVIEWER.matches(text) < NAMED


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("what is the weather", 0),
        ("", 0),
        ("review this", 3),
        ("Reviewing, reviews and reviewed", 3),
        ("a pull request", 6),
        ("pull the next request", 0),
        ("is it secure", 2),
        ("review the security of this pull request", 11),
        ("look over this", 15),
        ("preview", 0),
    ],
)
def test_the_more_of_its_words_there_are_the_closer_it_fits(text: str, score: int) -> None:
    assert REVIEWER.matches(text) == score


def test_it_says_which_of_its_words_were_met() -> None:
    found = REVIEWER.fit("review the security of this pull request")
    assert found is not None
    assert found.words == ("pull request", "review", "security")


@pytest.mark.parametrize(
    "family",
    [
        ("review", "reviews", "reviewer", "reviewing", "reviewed"),
        ("plan", "plans", "planning", "planner", "planned"),
        ("migrate", "migration", "migrations", "migrating", "migrated"),
        ("document", "documents", "documentation", "documenting"),
        ("code", "codes", "coding", "coder"),
        ("dependency", "dependencies"),
        ("secure", "security"),
        ("test", "tests", "testing", "tester"),
        ("bug", "bugs"),
        ("design", "designer"),
        ("class", "classes"),
    ],
)
def test_the_forms_of_a_word_have_one_stem(family: tuple[str, ...]) -> None:
    assert len({stem(word) for word in family}) == 1, {word: stem(word) for word in family}


def test_different_words_keep_different_stems() -> None:
    words = ["plan", "plain", "test", "text", "review", "preview", "design", "sign", "docs", "dock"]
    assert all(stem(one) != stem(other) for one, other in pairwise(words))


@given(st.text(alphabet=st.characters(categories=["Ll"]), min_size=1))
def test_a_stem_is_never_empty_nor_longer(word: str) -> None:
    assert 0 < len(stem(word)) <= len(word)


@given(st.text())
def test_any_text_can_be_matched_and_gives_the_same_each_time(text: str) -> None:
    first = REVIEWER.matches(text)
    stems.cache_clear()
    assert REVIEWER.matches(text) == first >= 0


def test_a_very_long_text_is_looked_at_up_to_a_limit() -> None:
    assert REVIEWER.matches("x " * LONGEST + "review") == 0
    assert REVIEWER.matches("review " + "x " * 1_000_000) == 3


def test_words_alone_never_outdo_a_name(tmp_path: Path) -> None:
    words = [f"word{n} and more of it still" for n in range(100)]
    write(tmp_path, "x", HEAD + f"skills: [{', '.join(words)}]\n")
    baker = load_roster([tmp_path]).get("baker")
    assert baker.matches(" ".join(words)) == NAMED - 1
