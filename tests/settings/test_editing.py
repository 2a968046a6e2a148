"""Changing `waggle.yaml` by key: what stays, what is refused, what is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.errors import BadEdit, BadSettings, NotFound
from swarm_core.settings import load, preview_edit, sample_settings, write_edit

NOW = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)
MINE = """\
# What we may spend.
budget:
  day: $2  # a coffee
  # month: 20

providers:
  home: {kind: openai-compatible, base_url: 'http://localhost:1', free: true}
"""


def change(folder: Path, **changes: str | None) -> Path | None:
    keys = {name.replace("__", "."): value for name, value in changes.items()}
    return write_edit(preview_edit(None, keys, environ={}, cwd=folder), NOW)


def test_a_change_keeps_comments_order_and_a_copy_of_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "waggle.yaml"
    file.write_text(MINE)
    file.chmod(0o640)

    backup = change(
        tmp_path, budget__day="3", owner__name="Ana: first", egress__allow="::1,10.1.1.1"
    )

    assert backup
    assert backup.read_text() == MINE
    assert file.read_text() == MINE.replace("day: $2 ", "day: 3  ") + (
        "owner:\n  name: 'Ana: first'\negress:\n  allow: [::1, 10.1.1.1]\n"
    )
    assert file.stat().st_mode & 0o777 == 0o640
    settings = load(None, environ={}, cwd=tmp_path)
    assert (settings.budget.day, settings.owner.name) == (3_000_000, "Ana: first")
    assert settings.egress.allow == ("[::1]", "10.1.1.1")


def test_what_is_taken_out_takes_its_empty_section_along(tmp_path: Path) -> None:
    file = tmp_path / "waggle.yaml"
    file.write_text("owner:\n  name: Ana\nbudget:\n  day: 2\n")
    change(tmp_path, owner__name=None)
    assert file.read_text() == "budget:\n  day: 2\n"
    assert change(tmp_path, owner__name=None) is None


def test_a_change_that_would_not_hold_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "waggle.yaml"
    file.write_text(MINE)
    for key, value in (("budget.day", "lots"), ("providers.x.base_url", "http://localhost:1")):
        with pytest.raises(BadEdit):
            preview_edit(None, {key: value}, environ={}, cwd=tmp_path)
    for key in ("budget.dya", "budget", "providers.home", "models..input", ""):
        with pytest.raises(NotFound):
            preview_edit(None, {key: "1"}, environ={}, cwd=tmp_path)
    with pytest.raises(BadEdit, match="bad_edit"):
        preview_edit(None, {"providers.openai.key": "sk-abc"}, environ={}, cwd=tmp_path)
    assert file.read_text() == MINE
    assert [path.name for path in tmp_path.iterdir()] == ["waggle.yaml"]


def test_a_broken_file_says_where_and_can_be_mended_by_a_change(tmp_path: Path) -> None:
    file = tmp_path / "waggle.yaml"
    file.write_text("budget: {day: 1\n")
    with pytest.raises(BadSettings):
        change(tmp_path, budget__day="1")
    file.write_text("budget: {day: lots}\n")
    change(tmp_path, budget__day="1")
    assert load(None, environ={}, cwd=tmp_path).budget.day == 1_000_000


def test_the_sample_is_comments_that_hold_whole_and_stay_when_settings_are_added(
    tmp_path: Path,
) -> None:
    text = sample_settings()
    assert all(line.startswith("#") for line in text.splitlines())
    made = preview_edit(None, {"budget.day": "3"}, environ={}, cwd=tmp_path, head=text)
    write_edit(made, NOW)
    change(tmp_path, budget__month="30")
    assert (tmp_path / "waggle.yaml").read_text() == f"{text}\nbudget:\n  day: 3\n  month: 30\n"


def test_names_of_entries_may_hold_dots(tmp_path: Path) -> None:
    change(tmp_path, **{"models.gpt-5.2.window": "1000"})
    assert load(None, environ={}, cwd=tmp_path).models["gpt-5.2"].window == 1_000


@given(value=st.text(max_size=30))
def test_whatever_is_given_as_a_name_is_the_name_or_refused(
    tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    folder = tmp_path_factory.mktemp("edit")
    try:
        made = preview_edit(None, {"owner.name": value}, environ={}, cwd=folder)
    except BadSettings:
        return
    assert made.settings.owner.name in (value, value.strip() or None)
