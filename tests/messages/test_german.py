"""The German catalogue: whole, with the same places, and each sentence sayable."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from bot.messages import FOLDER, Choose, Field, Messages, Template, parse
from swarm_core.kernel.errors import NotFound, OverBudget
from swarm_core.policy.engine import Rules
from tests.messages.test_messages import SENTENCES, every_sentence

GERMAN = dict(every_sentence(tomllib.loads((FOLDER / "de.toml").read_text(encoding="utf-8"))))


def places(template: Template) -> set[tuple[str, str | None]]:
    """Each name with how it is said; by number and by presence apart."""
    found: set[tuple[str, str | None]] = set()
    for part in template:
        match part:
            case Field(name=name, form=form):
                found.add((name, form))
            case Choose(name=name, by_number=by_number, forms=forms):
                found |= {(name, "number" if by_number else "presence")}
                found |= {place for form in forms for place in places(form)}
    return found


def names(template: Template) -> set[tuple[str, str | None]]:
    """Names with the forms that change what is said of them. Grammar may ask for a number where
    English does not, and the other way round; and who begins a sentence in one of them need not
    in the other."""
    said = {(name, None if form == "first" else form) for name, form in places(template)}
    return {(name, form) for name, form in said if form not in ("number", "presence")}


def test_it_has_every_key_and_no_other() -> None:
    assert set(GERMAN) == set(SENTENCES)


@pytest.mark.parametrize("section", sorted({key.partition(".")[0] for key in SENTENCES}))
def test_every_sentence_has_the_same_places(section: str) -> None:
    for key in (key for key in SENTENCES if key.partition(".")[0] == section):
        assert names(parse(GERMAN[key])) == names(parse(SENTENCES[key])), key
        by_presence = {p for p in places(parse(SENTENCES[key])) if p[1] == "presence"}
        assert by_presence <= places(parse(GERMAN[key])), key
        assert "!" not in GERMAN[key]
        assert GERMAN[key] == GERMAN[key].strip()


def values(template: Template, *, many: bool) -> dict[str, Any]:
    """A value for each name, of the sort its form takes."""
    made: dict[str, Any] = {}
    for name, form in sorted(places(template), key=lambda place: place[1] or ""):
        match form:
            case "and" | "or":
                made[name] = ["#1", "#2"] if many else ["#1"]
            case "usd" | "bytes" | "count" | "number":
                made.setdefault(name, 2_000_000 if many else 1)
            case "scope":
                made[name] = "day/2027-01-31"
            case _:
                made.setdefault(name, "x")
    return made


@pytest.mark.parametrize("many", [False, True])
def test_every_sentence_can_be_said_of_one_and_of_many(many: bool) -> None:
    say = Messages.load("de", strict=True)
    for key, text in GERMAN.items():
        told = say(key, **values(parse(text), many=many))
        assert told, key


def test_it_is_german_also_for_austria_and_english_for_the_unknown() -> None:
    lost = NotFound(kind="task", name="9", near=())
    over = OverBudget(
        scope="day/2027-01-31", cap=5_000_000, held=100_000, spent=4_950_000, most=250_000
    )
    german = Messages.load("de-AT", strict=True)
    assert german.error(over).startswith(
        "Das Budget für den Tag 2027-01-31 erlaubt das jetzt nicht"
    )
    assert german("cancel.done", tasks=["#1", "#2"]) == "#1 und #2 sind abgebrochen."
    assert german("cancel.done", tasks=["#1"]) == "#1 ist abgebrochen."
    assert Messages.load("xx").error(lost) == Messages.load().error(lost)


def test_every_rule_that_is_shipped_says_what_its_policy_says() -> None:
    shipped = Rules([FOLDER.parent / "policies"])
    told = {rule.id: rule.says for rule in shipped.rules}
    assert told == {
        key.removeprefix("rule."): text
        for key, text in SENTENCES.items()
        if key.startswith("rule.")
    }


def test_a_refusal_says_its_rule_in_the_readers_language_and_an_owners_own_as_it_is() -> None:
    say = Messages.load("de", strict=True)
    refused = {"actor": "x", "action": "swarm.stop", "resource": "work"}
    shipped = SENTENCES["rule.members-talk"]
    ours = say.failure("not_allowed", {**refused, "rule": "members-talk", "instead": shipped})
    theirs = say.failure("not_allowed", {**refused, "rule": "members-talk", "instead": "Ask Ana."})
    assert GERMAN["rule.members-talk"] in ours
    assert "Ask Ana." in theirs
