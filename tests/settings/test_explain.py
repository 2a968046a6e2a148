"""What people are told about the settings: `/config` rows and the reference."""

from __future__ import annotations

import textwrap
from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.sections.telegram import Telegram
from swarm_core.settings import Row, explain, load
from swarm_core.settings.reference import reference_page

ROOT = Path(__file__).parents[2]


def rows_of(folder: Path, text: str, **variables: str) -> dict[str, Row]:
    (folder / "waggle.yaml").write_text(text, encoding="utf-8")
    return {row.key: row for row in explain(load(None, environ=variables, cwd=folder))}


def test_each_row_tells_the_value_and_where_it_comes_from(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "limits:\n  task_time: 90m\negress:\n  allow:\n    - Example.org\n",
        WAGGLE_STATE="/srv/kept",
    )

    task_time, allow, day = rows["limits.task_time"], rows["egress.allow"], rows["budget.day"]
    assert (task_time.value, task_time.default) == ("1h30m", "30m")
    assert (task_time.origin, task_time.line) == ("file", 2)
    assert (allow.value, allow.line) == ("[example.org]", 4)
    assert (day.value, day.origin, day.line) == ("$5.00", "default", None)
    assert (rows["state"].value, rows["state"].origin) == ("/srv/kept", "environment")
    assert rows["state"].variable == "WAGGLE_STATE"


def test_a_value_out_of_a_variable_is_shown_as_its_reference(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "owner: {name: $KEY}\nplaybooks: {disabled: [a, $KEY]}\n",
        KEY="sk-canary",
    )

    assert rows["owner.name"].value == "$KEY"
    assert rows["owner.name"].variable == "KEY"
    assert rows["playbooks.disabled"].value == "[a, $KEY]"
    assert "canary" not in str(rows)


def test_every_shown_default_can_be_written_into_the_file(tmp_path: Path) -> None:
    defaults = rows_of(tmp_path, "")
    sections: dict[str, str] = {}
    for key, row in defaults.items():
        section, _, name = key.rpartition(".")
        sections[section] = sections.get(section, "") + f"{name}: {row.default}\n"
    text = sections.pop("")
    for section, lines in sections.items():
        text += f"{section}:\n{textwrap.indent(lines, '  ')}"
    again = rows_of(tmp_path, text)
    assert {k: r.value for k, r in again.items()} == {k: r.value for k, r in defaults.items()}


@given(st.integers(min_value=1, max_value=86_400))
def test_a_shown_length_of_time_is_read_as_the_same(seconds: int) -> None:
    from swarm_core.settings.kinds import Duration

    kind = Duration(timedelta(seconds=1), timedelta(days=1))
    assert kind.read(kind.show(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def test_the_reference_is_up_to_date_and_has_every_key() -> None:
    page = reference_page()
    assert all(f"`telegram.{key}`" in page for key in Telegram.model_fields)
    for row in explain(load(None, environ={}, cwd=ROOT / "no such folder")):
        assert f"| `{row.key}` |" in page
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == page
