"""The message catalogue: what sentences can hold, and that every error has a good one."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.declared import COMMANDS
from bot.messages import FOLDER, MessageError, Messages, parse, placeholders
from swarm_core.kernel.errors import (
    BadSettings,
    BadValue,
    NotFound,
    OverBudget,
    PathMissing,
    Stopped,
    TooLarge,
    ToolTimeout,
    UnknownCommand,
    UnknownKey,
    type_names,
)
from swarm_core.settings import load

CATALOGUE = tomllib.loads((FOLDER / "en.toml").read_text(encoding="utf-8"))


def every_sentence(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from every_sentence(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


SENTENCES = dict(every_sentence(CATALOGUE))


def say(template: str, **values: Any) -> str:
    return Messages({"k": template, "words.and": "and", "words.or": "or"}, strict=True)(
        "k", **values
    )


@pytest.fixture
def messages() -> Messages:
    return Messages.load(strict=True)


# ── the catalogue ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", sorted(type_names))
def test_every_error_has_a_sentence_that_uses_only_its_data(code: str) -> None:
    assert code in CATALOGUE["error"], f"[error] {code} is missing in data/messages/en.toml"
    used = placeholders(parse(CATALOGUE["error"][code]))
    assert used <= set(type_names[code].fields)


def test_no_sentence_stands_for_an_error_that_is_gone() -> None:
    assert set(CATALOGUE["error"]) <= set(type_names)


@pytest.mark.parametrize("key", sorted(SENTENCES))
def test_every_sentence_can_be_read_and_keeps_the_tone(key: str) -> None:
    parse(SENTENCES[key])
    assert "!" not in SENTENCES[key]
    assert "oops" not in SENTENCES[key].lower()
    assert SENTENCES[key] == SENTENCES[key].strip()


def test_every_command_and_each_of_its_arguments_has_a_line_in_help() -> None:
    for command in COMMANDS:
        assert set(CATALOGUE["help"][command.name]) == {"summary"}
        arguments = CATALOGUE["help"]["argument"].get(command.name, {})
        assert set(arguments) == {param.name for param in command.params}


# ── errors in words ──────────────────────────────────────────────────────────


def test_an_error_is_said_with_its_data_and_the_mend(messages: Messages) -> None:
    said = messages.error(UnknownCommand(name="taks", near=("task", "tasks")))
    assert said == (
        "There is no command `taks`. Perhaps you mean task or tasks. "
        "`/help` lists them all. Nothing was done."
    )
    assert messages.error(NotFound(kind="task", name="9", near=())) == (
        "There is no task called `9`."
    )


def test_amounts_sizes_and_seconds_are_said_for_people(messages: Messages) -> None:
    over = OverBudget(
        scope="day/2027-01-31", cap=5_000_000, held=100_000, spent=4_950_000, most=250_000
    )
    assert "up to $0.25 is needed, and of $5.00 there is $4.95 spent" in messages.error(over)
    assert messages.error(over).startswith("The budget of the day 2027-01-31 does")
    assert "stopped for everything." in messages.error(Stopped(scope="all"))
    assert "stopped for one person." in messages.error(Stopped(scope="terminal/local/1000"))
    large = TooLarge(what="The page", size=3 * 1024 * 1024, limit=1_000)
    assert "3 MiB, and the limit is 1000 bytes" in messages.error(large)
    assert "after one second" in messages.error(ToolTimeout(tool="fetch", seconds=1))
    assert "after 30 seconds" in messages.error(ToolTimeout(tool="fetch", seconds=30))


def test_all_problems_of_a_file_are_said_line_by_line(messages: Messages, tmp_path: Path) -> None:
    (tmp_path / "waggle.yaml").write_text("limits:\n  task_time: 10\nbuget: {}\n")
    with pytest.raises(BadSettings) as caught:
        load(None, environ={}, cwd=tmp_path)

    assert messages.error(caught.value) == (
        "Nothing was started: 2 things in `waggle.yaml` need mending.\n"
        '- `waggle.yaml`, line 2, `limits.task_time`: "10" has no unit; add s, m, h or d. '
        "Give a length of time from 1s to 30d, like 30s, 10m or 1h30m.\n"
        "- `waggle.yaml`, line 3: there is no setting `buget`. Perhaps you mean budget."
    )


def test_one_problem_is_said_in_the_singular(messages: Messages) -> None:
    problem = UnknownKey(file="w.yaml", line=1, key="x", near=())
    said = messages.error(BadSettings("w.yaml", [problem]))
    assert said.startswith("Nothing was started: one thing in `w.yaml` needs mending.\n- ")


def test_text_from_outside_cannot_repaint_the_sentence(messages: Messages) -> None:
    hostile = "a`\x1b[2J\u202eb\n**c**`" + "x" * 1_000
    said = messages.error(PathMissing(path=hostile, near=()))
    assert said.startswith("`a'b **c**'xxx")
    assert said.count("`") == 2
    assert len(said) < 400
    assert not {"\x1b", "\u202e", "\n"} & set(said)


def test_a_recorded_failure_nobody_has_words_for_is_still_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    messages = Messages.load()
    with caplog.at_level(logging.WARNING):
        said = messages.failure("from_the_future", {"x": 1})
        lacking = messages.failure("no_such_host", {})
    assert "`from_the_future`" in said
    assert "`no_such_host`" in lacking
    assert "there is no sentence error.from_the_future" in caplog.text


# ── what a sentence can hold ─────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("template", "values", "said"),
    [
        ("#{id} by {who}", {"id": 1420, "who": "Ana"}, "#1420 by Ana"),
        ("{n|one task|{n} tasks}", {"n": 1}, "one task"),
        ("{n|one task|{n} tasks}", {"n": 0}, "0 tasks"),
        ("{x|it|them}", {"x": ["a"]}, "it"),
        ("{x}", {"x": ["a", "b", "c"]}, "a, b or c"),
        ("{x:and}", {"x": ("a", "b")}, "a and b"),
        ("{x}", {"x": []}, ""),
        ("{n:count}", {"n": 1234567}, "1,234,567"),
        ("{n:usd}", {"n": 420}, "$0.00042"),
        ("{x?yes|no}", {"x": None}, "no"),
        ("a{x? {x}}", {"x": ""}, "a"),
        ("{a?{n|one|{n}{b? of {b}}}|none}", {"a": True, "n": 2, "b": 3}, "2 of 3"),
        (r"\{x\} a|b \| \\", {}, "{x} a|b | \\"),
        ("{x}", {"x": "{y} {0} %s"}, "{y} {0} %s"),
    ],
)
def test_a_sentence_is_filled_in(template: str, values: dict[str, Any], said: str) -> None:
    assert say(template, **values) == said


@pytest.mark.parametrize(
    "template",
    ["{", "}", "{x", "{x.y}", "{x[0]}", "{0}", "{}", "{X}", "{x!r}", "{x|a}", "{x|a|b|c}",
     "{x?a|b|c}", "{x?a", "{x:usd?a}", "{x|{y|b}"],
)  # fmt: skip
def test_a_broken_sentence_is_refused(template: str) -> None:
    with pytest.raises(MessageError):
        parse(template)


@given(st.text(alphabet="{}|?:\\abx `", max_size=30))
def test_any_text_is_a_sentence_or_is_refused(text: str) -> None:
    try:
        template = parse(text)
    except MessageError:
        return
    values = dict.fromkeys(placeholders(template), "v")
    assert isinstance(say(text, **values), str)


@given(st.text(alphabet="ab{}|\\?: ", max_size=30))
def test_escaped_text_comes_out_as_it_was(text: str) -> None:
    escaped = "".join(f"\\{c}" if c in "{}|\\" else c for c in text)
    assert say(escaped) == text


def test_what_does_not_fit_raises_in_tests(messages: Messages) -> None:
    for key, values in [
        ("no.such.key", {}),
        ("receipt.joined", {}),
        ("receipt.joined", {"id": 1, "worker": "search"}),
    ]:
        with pytest.raises(MessageError):
            messages(key, **values)


def test_what_does_not_fit_is_logged_for_people(caplog: pytest.LogCaptureFixture) -> None:
    messages = Messages.load()
    assert messages("no.such.key") == "no.such.key"
    assert messages("receipt.joined") == "receipt.joined"
    assert "#1" in messages("receipt.joined", id=1, worker="search")
    assert len(caplog.records) == 3


# ── other languages ──────────────────────────────────────────────────────────


def test_a_translation_says_what_it_has_and_the_rest_is_english(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text('[a]\nx = "yes"\ny = "{n} or no"\n[words]\nor = "or"\n')
    (tmp_path / "de.toml").write_text('[a]\nx = "ja"\n[words]\nor = "oder"\n')
    (tmp_path / "de-AT.toml").write_text('[a]\nx = "jo"\n')

    german = Messages.load("de", folder=tmp_path, strict=True)
    assert (german("a.x"), german("a.y", n=["1", "2"])) == ("ja", "1 oder 2 or no")
    assert Messages.load("de-AT", folder=tmp_path)("a.x") == "jo"
    assert Messages.load("de-CH", folder=tmp_path)("a.x") == "ja"
    for other in ("fr", "../de", ""):
        assert Messages.load(other, folder=tmp_path)("a.x") == "yes"


def test_a_bad_value_reads_as_one_sentence(messages: Messages) -> None:
    said = messages.error(
        BadValue(file="w.yaml", line=3, key="a.b", problem='"x" is not one', expected="one of y")
    )
    assert said == '`w.yaml`, line 3, `a.b`: "x" is not one. Give one of y.'


def test_a_sentence_that_begins_with_you_has_a_capital_and_a_name_stays_as_it_is() -> None:
    ours = {"k": "{who:first} said no.", "people.you": "you", "people.swarm": "the swarm itself"}
    say = Messages(ours, strict=True)
    told = [say("k", who=who) for who in ("you", "the swarm itself", "ana")]
    assert told == ["You said no.", "The swarm itself said no.", "ana said no."]


def test_nobody_is_you_in_small_letters_where_a_sentence_begins() -> None:
    people = ("who", "actor", "person")
    wrong = [
        key
        for key, text in SENTENCES.items()
        for name in people
        if text.startswith((f"{{{name}}} ", f"{{{name}?{{{name}}}"))
    ]
    assert wrong == []
