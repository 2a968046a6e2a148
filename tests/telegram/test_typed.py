"""What people type on Telegram, as our own command line reads it."""

from __future__ import annotations

import pytest

from bot.commands.declared import COMMANDS
from bot.commands.line import parse_line
from bot.commands.slashed import named, slashed, slashed_line
from bot.telegram.typed import Typed, link, read

ME = "waggle_bot"


def line(text: str, *, alone: bool = True) -> str:
    found = read(text, ME, alone=alone)
    assert found is not None
    assert found.command, text
    return found.text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/tasks", "/tasks"),
        ("/Tasks --all", "/tasks --all"),
        ("/forget_me", "/forget-me"),
        ("/forget-me", "/forget-me"),
        ("/who_may task.create", "/who-may task.create"),
        ("/ls", "/ls"),
        ("/task@waggle_bot tidy up", "/task tidy up"),
        ("/task@Waggle_Bot\ntidy up\n- now", "/task\ntidy up\n- now"),
        ("  /show 142", "/show 142"),
        ("/\u2060show 142", "/show 142"),
        ("@waggle_bot /show 142", "/show 142"),
        ("/tasks \u2014all", "/tasks --all"),
        ("/task tidy up \u2014priority 7", "/task tidy up --priority 7"),
        ("/task tidy \u2014all of it", "/task tidy \u2014all of it"),
        ("/nonsense x", "/nonsense x"),
    ],
)
def test_a_command_is_read_as_on_our_own_command_line(typed: str, meant: str) -> None:
    assert line(typed) == meant


def test_a_text_keeps_its_lines_quotation_marks_and_options() -> None:
    parsed = parse_line(line('/task@waggle_bot fix "it\'s"\n  now --priority 7'))
    assert parsed.given == {"text": 'fix "it\'s"\n  now', "priority": "7"}


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("/ask", "/ask \u2026"),
        ("/ask@waggle_bot", "/ask \u2026"),
        ("/ask --model small", "/ask --model small \u2026"),
        ("/tell 142", "/tell 142 \u2026"),
        ("/tell", "/tell \u2026 \u2026"),
        ("/show", "/show \u2026"),
        ("/cancel", "/cancel \u2026"),
        ("/ask --help", "/ask --help"),
        ("/ask --nonsense", "/ask --nonsense"),
        ("/tasks", "/tasks"),
        ("/budget", "/budget"),
    ],
)
def test_what_a_tapped_command_lacks_is_asked_for(typed: str, asked: str) -> None:
    assert line(typed) == asked


@pytest.mark.parametrize("alone", [True, False])
def test_a_command_of_another_bot_is_not_for_us(alone: bool) -> None:
    assert read("/task@other_bot tidy up", ME, alone=alone) is None
    assert read("/task@waggle_bot2 tidy up", ME, alone=alone) is None


def test_an_unknown_command_is_ours_only_where_nobody_else_can_be_meant() -> None:
    assert read("/roll 2d6", ME, alone=False) is None
    assert line("/roll@waggle_bot 2d6", alone=False) == "/roll 2d6"
    assert line("@waggle_bot /roll 2d6", alone=False) == "/roll 2d6"
    assert read("/restart", ME, alone=False) is None, "a command of the command line alone"


@pytest.mark.parametrize(
    ("said", "without"),
    [
        ("@waggle_bot how are you?", "how are you?"),
        ("@Waggle_bot, how are you?", "how are you?"),
        ("how are you, @waggle_bot", "how are you,"),
        ("well @waggle_bot then", "well then"),
        ("@waggle_bot", ""),
        ("@waggle_bot\ndo this\n  and that", "do this\n  and that"),
    ],
)
def test_our_name_is_no_part_of_what_is_said(said: str, without: str) -> None:
    assert read(said, ME, alone=False) == Typed(without.lstrip("\n"), named=True)


@pytest.mark.parametrize(
    "said", ["hello", "@waggle_bot2 hi", "a@waggle_bot.example", "/etc/passwd is open", "1/2"]
)
def test_other_words_are_left_as_they_are(said: str) -> None:
    assert read(said, ME, alone=True) == Typed(said)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/start", "/help"),
        ("/start@waggle_bot", "/help"),
        ("/start 7K3M-9XQ2", "/pair 7K3M-9XQ2"),
        ("/start pair_7k3m9xq2", "/pair 7K3M9XQ2"),
        ("/start link_7K3M-9XQ2", "/link 7K3M-9XQ2"),
        ("/start 7K3M9XQ2", "/pair 7K3M9XQ2"),
        ("/start homepage", "/help"),
        ("/start pair_7K3M-9XQ2 /stop all", "/help"),
        ("/start stop_all", "/help"),
    ],
)
def test_a_link_to_us_carries_a_code_and_nothing_else(typed: str, meant: str) -> None:
    assert line(typed) == meant


def test_a_link_leads_to_what_it_was_made_for() -> None:
    made = link(ME, "pair", "7K3M-9XQ2")
    assert made == "https://t.me/waggle_bot?start=pair_7K3M-9XQ2"
    assert line(f"/start {made.partition('start=')[2]}") == "/pair 7K3M-9XQ2"


def test_every_command_can_be_named_without_a_hyphen() -> None:
    names = [each for c in COMMANDS if not c.program for each in (c.name, *c.aliases)]
    assert [named(slashed(name)) for name in names] == names
    assert len({slashed(name) for name in names}) == len(names)
    assert slashed_line("/forget-me --yes") == "/forget_me --yes"
    assert slashed_line("/not-ours") == "/not-ours"
    assert slashed_line("forget-me") == "forget-me"
