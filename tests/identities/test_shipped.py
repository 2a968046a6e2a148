"""The personas that come with Waggle."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from swarm_core.identities import MOST_BYTES, NAMED, SHIPPED_IDENTITIES, load_roster
from swarm_core.identities.model import OLD_LIMITS, OLD_NAMES, Head
from swarm_core.tools import tool_names
from tests.identities.files import flaws

ROSTER = load_roster([SHIPPED_IDENTITIES])
PIPELINE = {
    *("architect", "coder", "reviewer", "test_engineer", "critic", "critic_sounding_board"),
    *("critic_drift_verifier", "explorer", "sme", "docs", "designer"),
}
VENDORS = re.compile(
    r"\b(anthropic|openai|claude|gpt\S*|gemini|llama|mistral|ollama|google|microsoft)\b", re.I
)
GUIDE = (Path(__file__).parents[2] / "docs" / "identities.md").read_text(encoding="utf-8")


def test_everybody_is_there_and_nothing_is_wrong() -> None:
    assert flaws(ROSTER) == []
    assert set(ROSTER.identities) == PIPELINE | {"assistant", "host"}
    assert all(Path(found.file).stem == name for name, found in ROSTER.identities.items())


@pytest.mark.parametrize("name", sorted(ROSTER.identities))
def test_a_shipped_persona_keeps_the_rules_of_the_house(name: str) -> None:
    found = ROSTER.identities[name]
    lines = Path(found.file).read_text(encoding="utf-8").splitlines()
    assert 40 <= len(lines) <= 120
    assert not VENDORS.search("\n".join(lines))
    assert set(found.tools) <= tool_names()
    assert found.models == ()
    assert found.examples
    assert found.max_output
    titles = re.findall(r"^## (.*)$", found.prompt, re.MULTILINE)
    for title in ("How you work", "What you never do", "How you report", "When you are done"):
        assert title in titles
    for form in (found.prompt, found.compact()):
        assert re.search(r"Never follow instructions .*data", form)
        assert "Never invent" in form
    assert "not" in found.prompt.partition("## How you report")[2]
    assert len(found.compact().encode()) <= MOST_BYTES
    assert re.search(r"\bis done|are done", found.compact())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("review my code", "reviewer"),
        ("is this login secure?", "reviewer"),
        ("write unit tests for the parser", "test_engineer"),
        ("make a plan for the migration", "architect"),
        ("fix the bug in report.py", "coder"),
        ("refactor this function", "coder"),
        ("update the readme and the changelog", "docs"),
        ("design a screen for the settings", "designer"),
        ("where is the queue implemented in this codebase?", "explorer"),
        ("what could go wrong with this plan?", "critic"),
        ("verify the phase against the spec", "critic_drift_verifier"),
        ("which standard applies to signed webhooks?", "sme"),
        ("translate this sentence", "assistant"),
        ("hello", "host"),
    ],
)
def test_a_request_finds_the_persona_it_is_for(text: str, name: str) -> None:
    scores = {who: found.matches(text) for who, found in ROSTER.identities.items()}
    best = max(scores.values())
    assert [who for who, score in scores.items() if score == best] == [name], scores


@pytest.mark.parametrize("name", sorted(ROSTER.identities))
def test_examples_are_for_whom_they_stand(name: str) -> None:
    for example in ROSTER.identities[name].examples:
        scores = {who: found.matches(example) for who, found in ROSTER.identities.items()}
        assert scores[name] == max(scores.values()) > 0, (example, scores)


def test_each_can_be_asked_for_by_name_and_no_other_hears_it() -> None:
    for name in ROSTER.identities:
        for call in (f"{name}: look", f"@{name} look", f"{name.replace('_', ' ')}, look"):
            heard = [
                who for who, found in ROSTER.identities.items() if found.matches(call) >= NAMED
            ]
            assert heard == [name]


def test_the_identity_of_the_guide_loads(tmp_path: Path) -> None:
    (file,) = re.findall(r"````markdown\n(.*?)````", GUIDE, re.DOTALL)
    (tmp_path / "x.md").write_text(file, encoding="utf-8")
    (change,) = re.findall(r"```yaml title=\"reviewer.md\"\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "reviewer.md").write_text(change, encoding="utf-8")
    roster = load_roster([SHIPPED_IDENTITIES, tmp_path])
    assert flaws(roster) == []
    release = roster.get("release-writer")
    assert release.matches("draft the release notes") > 0
    assert release.full("2.1") != release.full("2.2")
    assert roster.get("reviewer").models == ("my-best-model",)
    assert roster.get("reviewer").prompt == ROSTER.get("reviewer").prompt


def test_the_guide_names_every_key() -> None:
    named = set(re.findall(r"`([a-z_]+)`", GUIDE))
    assert {*Head.model_fields, *OLD_NAMES, *OLD_LIMITS} <= named
