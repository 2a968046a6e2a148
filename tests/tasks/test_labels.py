"""Labels: a flag wins, else the first rule whose words occur, else the default."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarm_core.build import DATA
from swarm_core.tasks.labels import Labeller
from swarm_core.tasks.model import Labels
from swarm_core.testing import request

RULES = Labeller(
    tags={"code": ["code", "C++", ".net"], "tests": ["test", "unit tests"], "none": []},
    complexity={"high": ["design"], "low": ["find", "design later"]},
    category={"personal": ["remind me"]},
)


def label(text: str, **flags: object) -> Labels:
    return RULES(request(text, **flags))


def test_without_a_rule_that_fits_the_defaults_stand() -> None:
    assert label("make tea") == Labels(tags=(), complexity="medium", category="work")


def test_every_tag_that_fits_is_given_in_order() -> None:
    assert label("a test of the code").tags == ("code", "tests")
    assert label("run the unit  tests").tags == ()
    assert label("run the unit tests").tags == ("tests",)


@pytest.mark.parametrize("text", ["TEST it", "Test.", "(test)", "test", "a,test,b", "test\n"])
def test_a_word_fits_whatever_its_case_and_its_neighbours(text: str) -> None:
    assert label(text).tags == ("tests",)


@pytest.mark.parametrize("text", ["latest", "testing", "contest", "test_it", "tests2"])
def test_a_part_of_a_word_does_not_fit(text: str) -> None:
    assert label(text).tags == ()


@pytest.mark.parametrize("text", ["learn C++", "c++ now", "C++, please", "the .NET way"])
def test_a_word_with_signs_is_found(text: str) -> None:
    assert label(text).tags == ("code",)


def test_of_complexities_the_first_that_fits_wins() -> None:
    assert label("find a design").complexity == "high"
    assert label("find it").complexity == "low"
    assert label("design later").complexity == "high"


def test_a_flag_wins_over_every_rule() -> None:
    found = label(
        "remind me to test the design", tags=("mine",), complexity="low", category="identity"
    )
    assert found == Labels(tags=("mine",), complexity="low", category="identity")


def test_a_category_is_known_by_its_words() -> None:
    assert label("Remind me tomorrow").category == "personal"


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    assert label("x " * 2000 + "test").tags == ()


def test_rules_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "labels.toml"
    file.write_text('[tags]\n"café" = ["crème"]\n[complexity]\nhigh = ["all"]\n', encoding="utf-8")
    assert Labeller.read(file)(request("all the CRÈME")) == Labels(
        tags=("café",), complexity="high", category="work"
    )


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("fix the bug in the parser", Labels(tags=("code",))),
        ("refactor this function", Labels(tags=("code",), complexity="high")),
        ("summarise the release notes", Labels(tags=("docs", "writing"), complexity="low")),
        ("remind me of the list", Labels(complexity="low", category="personal")),
    ],
)
def test_the_rules_that_are_shipped_label_plain_requests(text: str, labels: Labels) -> None:
    assert Labeller.read(DATA / "labels.toml")(request(text)) == labels
