"""Typed lines and command lines become commands, or errors that say what would do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.declared import BY_NAME, find
from bot.commands.declaring import bind
from bot.commands.line import parse_line
from bot.commands.parsing import parse
from swarm_core import WaggleError, errors

LINES: list[tuple[str, str, dict[str, Any]]] = [
    ("/show 142", "show", {"number": 142}),
    ("  /SHOW  #142 ", "show", {"number": 142}),
    ("/cancel 12 #13,14 13", "cancel", {"numbers": (12, 13, 14)}),
    ('/task "fix this" --priority 7', "task", {"text": "fix this", "priority": 7}),
    ("/task --priority=7 fix  this", "task", {"text": "fix  this", "priority": 7}),
    ("/do fix --needs 1,2 --needs #3", "task", {"text": "fix", "needs": (1, 2, 3)}),
    ('/ask what\'s 15% of "x"?', "ask", {"text": 'what\'s 15% of "x"?'}),
    ("/task one\n  two --tag a,b", "task", {"text": "one\n  two", "tag": ("a", "b")}),
    ("/task fix the --verbose flag", "task", {"text": "fix the --verbose flag"}),
    ("/task -x is -1", "task", {"text": "-x is -1"}),
    ("/task -- say --priority 7", "task", {"text": "say --priority 7"}),
    ("/task x --cap $0.25", "task", {"text": "x", "cap": 250_000}),
    ("/task x --deadline 1d2h", "task", {"text": "x", "deadline": timedelta(hours=26)}),
    ("/task x --complexity HIGH", "task", {"text": "x", "complexity": "high"}),
    ("/stop all", "stop", {"what": "all"}),
    ("/stop #3", "stop", {"what": 3}),
    ("/resume", "resume", {}),
    ("/tasks --all --most 50", "tasks", {"all": True, "most": 50}),
    ('/task x --key "k"', "task", {"text": "x", "key": "k"}),
]


@pytest.mark.parametrize(("line", "name", "arguments"), LINES)
def test_a_line_is_understood(line: str, name: str, arguments: dict[str, Any]) -> None:
    parsed = parse_line(line)
    assert (parsed.command.name, bind(parsed.command, parsed.given)) == (name, arguments)


WRONG: list[tuple[str, type[WaggleError], str]] = [
    ("/shwo 1", errors.UnknownCommand, "show"),
    ("/", errors.UnknownCommand, ""),
    ("/task x --priorty 7", errors.UnknownOption, "--priority"),
    ("/tasks --al", errors.UnknownOption, "--all"),
    ("/task x --wait", errors.UnknownOption, ""),
    ("/show", errors.MissingArgument, "/show 142"),
    ("/stop", errors.MissingArgument, "/stop all"),
    ("/task", errors.MissingArgument, "/task"),
    ("/task   --priority 3", errors.MissingArgument, "/task"),
    ("/task x --priority", errors.MissingArgument, "--priority"),
    ("/show -5", errors.BadArgument, "142"),
    ("/show 0", errors.BadArgument, "142"),
    ("/show 1 2", errors.BadArgument, "142"),
    (f"/show {'9' * 1001}", errors.BadArgument, "142"),
    ("/task x --priority 11", errors.BadArgument, "0 to 10"),
    ("/task x --cap 1e5", errors.BadArgument, "0.25"),
    ("/task x --needs ,", errors.BadArgument, "12,13"),
    ("/task x --deadline soon", errors.BadArgument, "2h"),
    ("/tasks --state open", errors.BadArgument, "queued"),
    ("/tasks --all=yes", errors.BadArgument, "without a value"),
    ("/status now", errors.BadArgument, "/status"),
]


@pytest.mark.parametrize(("line", "kind", "says"), WRONG)
def test_a_wrong_line_is_refused_with_what_would_do(
    line: str, kind: type[WaggleError], says: str
) -> None:
    def understood() -> None:
        parsed = parse_line(line)
        bind(parsed.command, parsed.given)

    with pytest.raises(kind) as caught:
        understood()
    assert says in str(caught.value)


def test_on_the_command_line_words_keep_their_order() -> None:
    words = ["fix", "-x", "--priority", "7", "and", "-1", "--json", "--wait"]
    parsed = parse("task", words, program=True)
    assert parsed.given == {"text": "fix -x and -1", "priority": "7", "wait": True}
    assert parsed.json
    assert parse("task", ["--", "--wait"], program=True).given == {"text": "--wait"}
    assert parse("show", ["-h"], program=True).help


@pytest.mark.parametrize(
    "wrong",
    [{"number": True}, {"number": 1.5}, {"number": [1]}, {"number": {}}, {"number": 10**1000 + 1}],
)
def test_json_of_another_kind_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(errors.BadArgument):
        bind(find("show"), wrong)


def test_json_may_say_numbers_and_lists_as_they_are() -> None:
    bound = bind(find("task"), {"text": "x", "needs": [1, "#2"], "priority": 3, "tag": ["a"]})
    assert bound == {"text": "x", "needs": (1, 2), "priority": 3, "tag": ("a",)}


def test_fields_nobody_knows_are_refused() -> None:
    with pytest.raises(errors.UnknownOption):
        bind(find("show"), {"number": 1, "nubmer": 2})


PIECES = st.sampled_from(
    [*BY_NAME, *(f"--{p.name}" for c in BY_NAME.values() for p in c.params), "--", "--x=", "-h"]
)
WORDS = st.one_of(PIECES, st.text(max_size=12), st.from_regex(r"--?[a-z]{1,6}=?[0-9]{0,3}"))


@given(st.text(alphabet=st.characters(exclude_characters="\0"), max_size=60), st.booleans())
def test_any_typed_line_is_a_command_or_an_error_of_ours(tail: str, known: bool) -> None:
    line = f"/task {tail}" if known else f"/{tail}"
    try:
        parsed = parse_line(line)
        bind(parsed.command, parsed.given)
    except WaggleError:
        return


@given(st.lists(WORDS, max_size=8), st.booleans())
def test_any_command_line_is_a_command_or_an_error_of_ours(words: list[str], program: bool) -> None:
    try:
        if program:
            parsed = parse(words[0] if words else "", words[1:], program=True)
        else:
            parsed = parse_line("/" + " ".join(words))
        bind(parsed.command, parsed.given)
    except WaggleError:
        return


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters='\0"'), min_size=1)
)
def test_quoted_text_arrives_as_it_was_typed(text: str) -> None:
    if not text.strip():
        return
    assert parse_line(f'/task "{text}" --priority 3').given == {"text": text, "priority": "3"}
