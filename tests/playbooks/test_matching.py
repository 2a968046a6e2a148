"""What people say, and the playbook it means."""

from __future__ import annotations

from typing import Any

import pytest

from swarm_core.kernel.errors import BadArgument, MissingArgument
from tests.playbooks.twins import shipped


@pytest.mark.parametrize(
    ("said", "playbook", "params"),
    [
        ("search for parse_usd in src", "search", {"text": "parse_usd", "path": "src"}),
        ("Please search for a b c in src/", "search", {"text": "a b c", "path": "src"}),
        ('search for "x in y" in src', "search", {"text": "x in y", "path": "src"}),
        ("find TODO", "search", {"text": "TODO", "path": ".", "regex": False}),
        ("where is OverBudget?", "search", {"text": "OverBudget"}),
        ("where is OverBudget used in swarm_core?", "search", {"path": "swarm_core"}),
        (r"grep \bdef\b in src", "search", {"text": r"\bdef\b", "regex": True}),
        ("search text='a  b' regex=yes", "search", {"text": "a  b", "regex": True}),
        ("run search TODO src", "search", {"text": "TODO", "path": "src"}),
        ("repo report", "repo-report", {"path": "."}),
        ("what is in this repo?", "repo-report", {"path": "."}),
        ("repo-report path=src", "repo-report", {"path": "src"}),
        ("summarise README.md", "summarise", {"path": "README.md", "sentences": 5}),
        ("Summarize README.md in 3 sentences.", "summarise", {"sentences": 3}),
        ("check https://example.com", "check-url", {"url": "https://example.com"}),
        ("is https://example.com up?", "check-url", {"url": "https://example.com"}),
        ("is example.com down", "check-url", {"url": "https://example.com"}),
        ("check <https://example.com/a?b=c>", "check-url", {"url": "https://example.com/a?b=c"}),
        ("standup", "standup", {"since": "24h"}),
        ("What did you do today?", "standup", {"since": "24h"}),
        ("what did you do this week", "standup", {"since": "7d"}),
        ("standup since 3 days", "standup", {"since": "3d"}),
    ],
)
def test_what_people_say_means_a_playbook(said: str, playbook: str, params: dict[str, Any]) -> None:
    match = shipped().find(said)
    assert match is not None
    assert match.playbook.name == playbook
    assert {name: match.params[name] for name in params} == params


@pytest.mark.parametrize(
    "said",
    [
        "",
        "find a good restaurant near the station",
        "check my homework",
        "is it going to rain?",
        "summarise the discussion we had yesterday about caching",
        "write a standup comedy sketch",
        "run the tests",
        "search party planning is hard",
    ],
)
def test_other_wishes_are_left_to_other_workers(said: str) -> None:
    assert shipped().find(said) is None


def test_every_example_means_its_own_playbook() -> None:
    book = shipped()
    for name, playbook in book.playbooks.items():
        for example in playbook.examples:
            match = book.find(example)
            assert match is not None
            assert match.playbook.name == name


def test_a_wrong_parameter_is_an_error_with_an_example_and_not_a_model_call() -> None:
    with pytest.raises(BadArgument) as wrong:
        shipped().find("summarise README.md in many sentences")
    assert wrong.value.data["name"] == "sentences"
    assert wrong.value.data["expected"] == "a whole number at least 1 and at most 20"
    with pytest.raises(BadArgument):
        shipped().find("check ftp://example.com")
    with pytest.raises(MissingArgument):
        shipped().find("search")


def test_what_nothing_serves_gets_the_closest_examples() -> None:
    near = shipped().near("reprot for the repo")
    assert near[0].playbook == "repo-report"
    assert shipped().near("compose a sonnet on rain") == ()


def test_a_name_with_keys_wins_over_every_phrase() -> None:
    match = shipped().find("search text=where")
    assert match is not None
    assert (match.params["text"], match.why) == ("where", "named: search")


def test_an_unknown_key_after_run_is_an_error_that_names_the_close_one() -> None:
    with pytest.raises(BadArgument) as wrong:
        shipped().find("run search text=a pth=src")
    assert wrong.value.data["expected"] == "path"


def test_a_very_long_line_means_nothing() -> None:
    assert shipped().find("search for " + "a " * 5_000) is None
    assert shipped().find("run search " + "a" * 5_000) is None
