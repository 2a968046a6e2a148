"""A surface brings its own section along, and everything about settings holds for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.sections.telegram import Telegram, secret_fits
from swarm_core.kernel.errors import BadSettings, BadValue, NotFound, UnknownKey
from swarm_core.settings import Settings, explain, load, preview_edit, sample_settings, write_edit
from swarm_core.settings.names import waits_for_start
from swarm_core.testing import settings as settings_in

HOOK = "https://bees.example.org:8443/hook"


def written(folder: Path, text: str) -> Settings:
    (folder / "waggle.yaml").write_text(text)
    return load(None, environ={}, cwd=folder)


def test_what_the_file_says_is_read_by_the_class_of_the_section(tmp_path: Path) -> None:
    settings = written(tmp_path, "telegram:\n  chats: [-1001234567890, 7]\n  context: 5\n")
    mine = settings.of(Telegram)
    assert (mine.chats, mine.context, mine.welcome) == (("-1001234567890", "7"), 5, True)
    assert mine.api == "https://api.telegram.org"
    rows = {row.key: row for row in explain(settings)}
    assert (rows["telegram.context"].value, rows["telegram.context"].line) == ("5", 3)
    assert rows["telegram.webhook_url"].origin == "default"
    assert settings_in(tmp_path, telegram={"context": 3}).of(Telegram).context == 3
    assert Settings().of(Telegram) == written(tmp_path, "telegram:\n").of(Telegram) == Telegram()
    assert "telegram.context" in {row.key for row in explain(Settings())}
    assert waits_for_start("telegram.context")


def test_every_problem_has_its_line_and_an_unknown_key_the_nearest(tmp_path: Path) -> None:
    text = "telegram:\n  chats: [general, 0, -]\n  welcom: true\n  context: many\n"
    with pytest.raises(BadSettings) as caught:
        written(tmp_path, text)
    problems = caught.value.problems
    assert [(p.data["line"], type(p)) for p in problems] == [
        *[(2, BadValue)] * 3,
        (3, UnknownKey),
        (4, BadValue),
    ]
    assert problems[3].data["near"] == ("telegram.welcome",)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (f"  webhook_url: {HOOK}\n", ""),
        ("  webhook_url: https://bees.example.org/hook\n", ""),
        ("  webhook_url: https://bees.example.org:9000/hook\n", "to no port 9000"),
        ("  webhook_url: http://localhost:8443/hook\n", "over https alone"),
        ("  webhook_url: http://localhost:1/h\n  base_url: http://localhost:8081\n", ""),
    ],
)
def test_a_webhook_at_which_telegram_does_not_call_is_refused(
    tmp_path: Path, lines: str, problem: str
) -> None:
    if not problem:
        written(tmp_path, f"telegram:\n{lines}")
        return
    with pytest.raises(BadSettings) as caught:
        written(tmp_path, f"telegram:\n{lines}")
    (found,) = caught.value.problems
    assert problem in found.data["problem"]
    assert (found.data["key"], found.data["line"]) == ("telegram.webhook_url", 2)


def test_it_is_changed_by_command_and_shown_in_the_sample(tmp_path: Path) -> None:
    changes = {"telegram.chats": "-1001234567890, 7", "telegram.context": "0"}
    edited = preview_edit(None, changes, environ={}, cwd=tmp_path, head=sample_settings())
    write_edit(edited, datetime(2027, 1, 31, 12, 0, tzinfo=UTC))
    text = (tmp_path / "waggle.yaml").read_text()
    assert "\ntelegram:\n  chats: [-1001234567890, 7]\n  context: 0\n" in text
    assert "# telegram:  # The chat on Telegram." in text
    assert load(None, environ={}, cwd=tmp_path).of(Telegram).chats == ("-1001234567890", "7")
    with pytest.raises(NotFound) as caught:
        preview_edit(None, {"telegram.chat": "7"}, environ={}, cwd=tmp_path)
    assert "telegram.chats" in caught.value.data["near"]


def test_a_secret_is_long_and_of_what_telegram_takes() -> None:
    assert [secret_fits(s) for s in ("a" * 32, "a-_Z9" * 50, "a" * 256)] == [True] * 3
    wrong = ("", "a" * 31, "a" * 257, "ä" * 32, "a b" * 20, "-_" * 20, "a\n" * 20)
    assert [secret_fits(s) for s in wrong] == [False] * len(wrong)
