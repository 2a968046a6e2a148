"""From `waggle.yaml` and the environment to settings, through `load` alone."""

from __future__ import annotations

import os
import string
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from swarm_core.kernel.errors import (
    BadSettings,
    BadValue,
    BadYaml,
    MissingVariable,
    UnknownKey,
    UnreadableSettings,
    WaggleError,
)
from swarm_core.settings import Settings, load, process_environment
from swarm_core.tools.egress import EgressRules


def settings_of(folder: Path, text: str, **variables: str) -> Settings:
    (folder / "waggle.yaml").write_text(text, encoding="utf-8")
    return load(None, environ=variables, cwd=folder)


def problems_of(folder: Path, text: str, **variables: str) -> tuple[WaggleError, ...]:
    with pytest.raises(BadSettings) as caught:
        settings_of(folder, text, **variables)
    return caught.value.problems


def only_problem(folder: Path, text: str, **variables: str) -> WaggleError:
    (problem,) = problems_of(folder, text, **variables)
    return problem


# ── where the file is looked for ─────────────────────────────────────────────


def test_without_a_file_and_without_an_environment_the_defaults_hold(tmp_path: Path) -> None:
    settings = load(None, environ={}, cwd=tmp_path)

    assert settings.file is None
    assert settings.state == tmp_path / "data" / "state"
    assert settings.workspace == tmp_path
    assert settings.budget.day == 5_000_000
    assert settings.limits.task_time == timedelta(minutes=30)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "limits:\n  # concurrency: 3\n", "---\n"])
def test_an_empty_file_or_section_says_nothing(tmp_path: Path, text: str) -> None:
    settings = settings_of(tmp_path, text)

    assert settings.file == tmp_path / "waggle.yaml"
    assert settings.limits.concurrency == 5


def test_the_first_file_found_is_used_and_nothing_is_merged(tmp_path: Path) -> None:
    state = tmp_path / "data" / "state"
    state.mkdir(parents=True)
    (state / "waggle.yaml").write_text("limits: {concurrency: 1}\nbudget: {day: 1}\n")
    assert load(None, environ={}, cwd=tmp_path).limits.concurrency == 1

    (tmp_path / "waggle.yaml").write_text("limits: {concurrency: 2}\n")
    in_folder = load(None, environ={}, cwd=tmp_path)
    assert (in_folder.limits.concurrency, in_folder.budget.day) == (2, 5_000_000)

    (tmp_path / "other.yaml").write_text("limits: {concurrency: 3}\n")
    assert load(Path("other.yaml"), environ={}, cwd=tmp_path).limits.concurrency == 3
    named = load(None, environ={"WAGGLE_CONFIG": "other.yaml"}, cwd=tmp_path)
    assert named.limits.concurrency == 3


def test_a_file_in_the_state_folder_does_not_move_the_state_folder(tmp_path: Path) -> None:
    state = tmp_path / "data" / "state"
    state.mkdir(parents=True)
    (state / "waggle.yaml").write_text("owner: {name: Ana}\n")

    settings = load(None, environ={}, cwd=tmp_path)

    assert settings.owner.name == "Ana"
    assert settings.state == state


def test_folders_start_at_the_file_and_home_is_a_tilde(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "w.yaml").write_text(
        "state: kept\nworkspace: ~/src\nplaybooks: {folders: [/opt/p]}\n"
    )

    settings = load(folder / "w.yaml", environ={"HOME": "/home/ana"}, cwd=tmp_path)

    assert settings.state == folder / "kept"
    assert settings.workspace == Path("/home/ana/src")
    assert settings.playbooks.folders == (Path("/opt/p"),)


def test_the_state_variable_overrides_the_file_and_is_where_a_file_is_looked_for(
    tmp_path: Path,
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "waggle.yaml").write_text("state: /srv/kept\nlimits: {concurrency: 7}\n")

    settings = load(None, environ={"WAGGLE_STATE": "elsewhere"}, cwd=tmp_path)

    assert settings.state == elsewhere
    assert settings.limits.concurrency == 7


def test_a_named_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSettings) as caught:
        load(Path("no.yaml"), environ={}, cwd=tmp_path)
    assert caught.value.data == {"file": "no.yaml", "problem": "there is no such file"}


def test_a_dangling_link_is_told_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "waggle.yaml").symlink_to("gone.yaml")
    with pytest.raises(UnreadableSettings):
        load(None, environ={}, cwd=tmp_path)


def test_a_folder_and_a_pipe_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(UnreadableSettings, match="not a file"):
            load(path, environ={}, cwd=tmp_path)


def test_text_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "waggle.yaml").write_bytes("owner:\n  name: Zoë\n".encode("latin-1"))
    with pytest.raises(UnreadableSettings, match="line 2 is not UTF-8"):
        load(None, environ={}, cwd=tmp_path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    (tmp_path / "waggle.yaml").write_bytes(b"\xef\xbb\xbflimits: {concurrency: 2}\r\n")
    assert load(None, environ={}, cwd=tmp_path).limits.concurrency == 2


def test_a_file_that_is_too_large_is_not_parsed(tmp_path: Path) -> None:
    (tmp_path / "waggle.yaml").write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(UnreadableSettings, match="larger"):
        load(None, environ={}, cwd=tmp_path)


# ── what is wrong in it ──────────────────────────────────────────────────────


def test_every_problem_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    problems = problems_of(
        tmp_path,
        "budget:\n  dya: 5\n  month: $CAP\n  task: much\n"
        "limits:\n  task_time: 10\n  task_time: 5m\nowner: !!str Ana\n",
    )

    assert [(type(p), p.data["line"]) for p in problems] == [
        (UnknownKey, 2),
        (MissingVariable, 3),
        (BadValue, 4),
        (BadValue, 6),
        (BadYaml, 7),
        (BadYaml, 8),
        (BadValue, 8),
    ]


def test_a_bad_value_says_where_what_and_what_would_do(tmp_path: Path) -> None:
    problem = only_problem(tmp_path, "# mine\nlimits:\n  concurrency: many\n")

    assert problem.data == {
        "file": "waggle.yaml",
        "line": 3,
        "key": "limits.concurrency",
        "problem": '"many" is not a whole number',
        "expected": "a whole number from 1 to 1,000",
    }


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("buget: {}\n", ("budget",)),
        ("limits: {task_tme: 5m}\n", ("limits.task_time",)),
        ("concurrency: 5\n", ("limits.concurrency",)),
        ("zzzzzz: 5\n", ()),
    ],
)
def test_an_unknown_key_names_the_nearest(tmp_path: Path, text: str, near: tuple[str, ...]) -> None:
    problem = only_problem(tmp_path, text)
    assert isinstance(problem, UnknownKey)
    found = problem.data["near"]
    assert isinstance(found, tuple)
    assert found[: len(near)] == near


def test_a_key_written_with_a_dot_is_shown_how(tmp_path: Path) -> None:
    problem = only_problem(tmp_path, "limits.task_time: 5m\n")
    assert problem.data["expected"] == "limits: and, indented below it, task_time:"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n", "a list is given where a group of keys belongs"),
        ("limits: 5\n", '"5" is given where a group of keys belongs'),
        ("limits: {task_time: }\n", "an empty value is given"),
        ("limits: {task_time: [1m]}\n", "a list is given where one value belongs"),
        ("limits: {task_time: 1.5h}\n", '"1.5h" is not a length of time'),
        ("limits: {task_time: 90}\n", '"90" has no unit'),
        ("limits: {task_time: 40d}\n", '"40d" is too long'),
        ("limits: {task_time: 0s}\n", '"0s" is too short'),
        ("limits: {concurrency: 0}\n", '"0" is too small'),
        ("limits: {concurrency: 1001}\n", '"1001" is too large'),
        ("limits: {concurrency: 0x10}\n", "is not a whole number"),
        ("tasks: {link_similar: perhaps}\n", "is neither true nor false"),
        ("budget: {day: -1}\n", "is not an amount"),
        ("budget: {day: 1e3}\n", "is not an amount"),
        ("budget: {day: .inf}\n", "is not an amount"),
        ("budget: {day: 0.0000001}\n", "at most six decimals"),
        ("chat: {plain_text: shout}\n", "is not one of them"),
        ("owner: {name: ''}\n", "is empty"),
        ('owner: {name: "a\\e[2J"}\n', "cannot be printed"),
        ("egress: {allow: example.org}\n", "is given where a list belongs"),
        ("playbooks: {folders: [~bob/x]}\n", "another person's home"),
        ("workspace: ~/x\n", "needs the variable HOME"),
        ("owner: {name: '${'}\n", "without a variable's name"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_plain_words(
    tmp_path: Path, text: str, said: str
) -> None:
    problem = only_problem(tmp_path, text)
    assert isinstance(problem, BadValue)
    assert said in str(problem.data["problem"])


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: b: c\n", 1, "a colon where none can stand"),
        ("limits:\n\tconcurrency: 1\n", 2, "a tab; indent with spaces"),
        ("limits: {\n", 2, "not closed"),
        ('owner: {name: "Ana}\n', 2, "never closed"),
        ("owner: {name: @ana}\n", 1, "cannot begin with @"),
        ("limits: {}\n---\nlimits: {}\n", 2, "a second document"),
        ("limits: {}\nlimits: {}\n", 2, "limits is written twice; the first is on line 1"),
        ("? [a]\n: b\n", 1, "a key must be one plain word"),
        ("owner: *ana\n", 1, "*ana refers to nothing above"),
        ("egress: &e {allow: *e}\n", 1, "*e refers to nothing above"),
        ("owner: {}\nx\x00: 1\n", 2, "not allowed in YAML"),
        ("owner: " + "[" * 40 + "]" * 40, 1, "nested more than 16 deep"),
        ("owner:\n " + "x" * 10_001, 2, "a line of more than 10,000 characters"),
        ("egress: {allow: [" + "\n1," * 10_001 + "]}", 9_997, "more than 10,000 values"),
    ],
)
def test_broken_yaml_is_told_with_its_line_in_plain_words(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    first = problems_of(tmp_path, text)[0]
    assert isinstance(first, BadYaml)
    assert first.data["line"] == line
    assert said in str(first.data["problem"])


def test_aliases_work_and_a_bomb_of_them_does_not(tmp_path: Path) -> None:
    shared = "limits: {ask_time: &t 2m, task_time: *t}\n"
    assert settings_of(tmp_path, shared).limits.task_time == timedelta(minutes=2)

    rows = ["a0: &a0 [x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    problem = problems_of(tmp_path, "\n".join(rows))[0]
    assert "more than 10,000 values" in str(problem.data["problem"])


def test_a_tag_makes_no_object(tmp_path: Path) -> None:
    problems = problems_of(tmp_path, "owner: {name: !!python/object/apply:os.getcwd []}\n")
    assert "is not allowed" in str(problems[0].data["problem"])


@given(st.text(alphabet=string.printable + "é\u2028\ufeff", max_size=80))
def test_any_text_at_all_is_settings_or_a_list_of_problems(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    problems: tuple[WaggleError, ...] | None = None
    try:
        settings_of(folder, text)
    except BadSettings as error:
        problems = error.problems
    assert problems is None or all(int(str(p.data["line"])) >= 1 for p in problems)
    assert problems != ()


# ── variables ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("$WHO", "Ana"),
        ("${WHO}", "Ana"),
        ("'${WHO}lise $WHO'", "Analise Ana"),
        ("$$WHO", "$WHO"),
        ("'$5'", "$5"),
        ("'cash $'", "cash $"),
    ],
)
def test_variables_are_filled_in(tmp_path: Path, written: str, value: str) -> None:
    assert settings_of(tmp_path, f"owner:\n  name: {written}\n", WHO="Ana").owner.name == value


def test_what_a_variable_holds_is_not_filled_in_again(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "owner: {name: $A}\n", A="$B", B="secret")
    assert settings.owner.name == "$B"


def test_all_missing_variables_are_told_together(tmp_path: Path) -> None:
    problems = problems_of(
        tmp_path, "owner: {name: $A}\nplaybooks:\n  disabled:\n    - ${B}\n    - $C\n"
    )
    told = [(p.data["line"], p.data["key"], p.data["variable"]) for p in problems]
    assert told == [
        (1, "owner.name", "A"),
        (4, "playbooks.disabled", "B"),
        (5, "playbooks.disabled", "C"),
    ]


def test_a_value_out_of_a_variable_is_never_quoted(tmp_path: Path) -> None:
    problem = only_problem(tmp_path, "limits: {concurrency: $KEY}\n", KEY="sk-canary")
    assert "$KEY" in str(problem.data["problem"])
    assert "canary" not in str(problem)


def test_the_environment_of_the_process_is_read_in_one_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HOME", "LANG", "LC_ALL", "XDG_RUNTIME_DIR", "NO_COLOR", "WAGGLE_STATE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WAGGLE_CRASH", "step.act.after:2")
    monkeypatch.setenv("COLUMNS", "wide")
    monkeypatch.setenv("CANARY", "sk-canary")

    environment = process_environment()

    assert (environment.home, environment.runtime, environment.state) == (None, None, None)
    assert environment.crash == "step.act.after:2"
    assert environment.columns is None
    assert not environment.no_color
    assert environment.variables["CANARY"] == "sk-canary"
    assert "canary" not in f"{environment} {environment!r}"


# ── values ───────────────────────────────────────────────────────────────────


def test_money_is_read_from_its_source_text(tmp_path: Path) -> None:
    budget = settings_of(
        tmp_path, "budget: {total: 0.1, day: $2, month: '7', task: 0.000001, ask: null}\n"
    ).budget

    assert (budget.total, budget.day, budget.month) == (100_000, 2_000_000, 7_000_000)
    assert (budget.task, budget.ask) == (1, None)


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load(None, environ={}, cwd=tmp_path)
    with pytest.raises(ValidationError):
        settings.budget.day = None  # type: ignore[misc]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Example.ORG", "example.org"),
        ("example.org.", "example.org"),
        ("localhost:8080", "localhost:8080"),
        ("'*.example.org'", "*.example.org"),
        ("'*.example.org:443'", "*.example.org:443"),
        ("192.0.2.7:80", "192.0.2.7:80"),
        ("10.1.0.0/16", "10.1.0.0/16"),
        ("'2001:db8:0::1'", "[2001:db8::1]"),
        ("'[::1]:443'", "[::1]:443"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_an_egress_entry_is_kept_in_one_form(tmp_path: Path, written: str, kept: str) -> None:
    allow = settings_of(tmp_path, f"egress:\n  allow:\n    - {written}\n").egress.allow
    assert allow == (kept,)
    EgressRules(allow=allow)  # which refuses what it cannot read


@pytest.mark.parametrize(
    "written",
    [
        "https://example.org",
        "example.org:0",
        "example.org:65536",
        "example.org:http",
        "'*'",
        "'*.'",
        "a..b",
        "-a.org",
        "bücher.example",
        "127.1",
        "0x7f.0.0.0x1",
        "2130706433",
        "10.1.2.3/16",
        "'[::1'",
        "'[::1]x'",
        "'[10.0.0.1]'",
        "'fe80::1%eth0'",
        "user@example.org",
    ],
)
def test_an_egress_entry_that_could_mean_something_else_is_refused(
    tmp_path: Path, written: str
) -> None:
    assert isinstance(only_problem(tmp_path, f"egress: {{allow: [{written}]}}\n"), BadValue)


def test_a_network_with_a_host_in_it_is_told_the_network(tmp_path: Path) -> None:
    problem = only_problem(tmp_path, "egress: {allow: [10.1.2.3/16]}\n")
    assert "the network is 10.1.0.0/16" in str(problem.data["problem"])
