"""One call of the program, in this process: options, help, errors, exit codes, JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import call, read
from bot.commands.declared import BY_NAME
from bot.program import DONE, FAILED, NOT_RUNNING, WRONG_USAGE
from bot.version import VERSION
from swarm_core import WaggleError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("WAGGLE_STATE", "WAGGLE_CONFIG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


Out = pytest.CaptureFixture[str]
LOOKS = [
    command.name
    for command in BY_NAME.values()
    # These ask the service itself, for which there is no token here.
    if command.reads
    and not any(p.required for p in command.params)
    and command.name not in ("discord", "telegram")
]


def last_object(capsys: Out) -> Any:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"], ["--help", "--verbose"]])
def test_help_lists_everything(words: list[str], capsys: Out) -> None:
    assert call(words) == DONE
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("task", "up", "doctor", "test", "lint", "lock"))
    assert "Exit codes: 0 done" in shown


@pytest.mark.parametrize(
    "words", [["help", "task"], ["task", "--help"], ["--help", "task"], ["task", "-h"]]
)
def test_help_on_one_command_shows_its_options(words: list[str], capsys: Out) -> None:
    assert call(words) == DONE
    shown = capsys.readouterr().out
    assert shown.startswith("waggle task <text>")
    assert "--wait" in shown


def test_help_also_knows_what_the_launcher_does(capsys: Out) -> None:
    assert call(["help", "lint"]) == DONE
    assert capsys.readouterr().out.startswith("./waggle lint")


def test_the_language_is_the_environments_to_choose(
    capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    for language, begins in (("de", "Was es tut: "), ("xx", "What it does: "), ("../de", "What")):
        monkeypatch.setenv("WAGGLE_LANGUAGE", language)
        assert call(["help", "cancel"]) == DONE
        assert f"\n{begins}" in capsys.readouterr().out


def test_the_version_is_told(capsys: Out) -> None:
    assert call(["--version"]) == DONE
    assert capsys.readouterr().out == f"waggle {VERSION}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["taks"],
        ["--bogus"],
        ["--config"],
        ["--state="],
        ["show"],
        ["show", "x"],
        ["task", "x", "--priorty", "7"],
        ["task", "x", "--deadline", "never"],
        ["tasks", "--most", "0"],
        ["help", "nothing"],
        ["up", "down"],
    ],
)
def test_wrong_usage_has_its_own_exit_code_and_touches_nothing(
    words: list[str], capsys: Out, folder: Path
) -> None:
    assert call(words) == WRONG_USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert list(folder.iterdir()) == []


def test_an_error_is_one_object_too(capsys: Out) -> None:
    assert call(["show", "x", "--json"]) == WRONG_USAGE
    shown = last_object(capsys)
    assert shown["error"] == "bad_argument"
    assert shown["message"].startswith("In `/show`")


@pytest.mark.parametrize("words", [["task", "standup"], ["cancel", "1"], ["retry", "1"]])
def test_what_changes_something_needs_a_swarm(words: list[str], capsys: Out, folder: Path) -> None:
    assert call(words) == NOT_RUNNING
    assert "waggle up" in capsys.readouterr().err.replace("\n", " ")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", LOOKS)
def test_without_a_swarm_what_only_looks_answers_from_what_is_stored(
    name: str, capsys: Out
) -> None:
    assert call([name]) == DONE
    assert capsys.readouterr().out


@pytest.mark.parametrize("name", LOOKS)
def test_looking_where_no_swarm_has_been_says_so_and_leaves_nothing_there(
    name: str, capsys: Out, folder: Path
) -> None:
    assert call([name, "--json"]) == DONE
    out, err = capsys.readouterr()
    assert json.loads(out.splitlines()[-1])
    if name in ("tasks", "status", "budget"):
        # A long path may be broken anywhere.
        assert f"Thereisnothingin{folder}/data/stateyet" in "".join(err.split())
    assert list(folder.iterdir()) == []


def test_a_task_is_not_there_where_no_swarm_has_been(capsys: Out, folder: Path) -> None:
    for name in ("show", "why"):
        assert call([name, "1"]) == FAILED
        assert "There is no task called `1`." in capsys.readouterr().err.replace("\n", " ")
    assert list(folder.iterdir()) == []


def test_the_settings_and_the_checkup_of_a_new_folder_name_that_folder(
    capsys: Out, folder: Path
) -> None:
    state = str(folder / "data" / "state")
    assert call(["config", "state", "--json"]) == DONE
    assert last_object(capsys)["settings"][0]["value"] == state
    assert call(["doctor", "--json"]) == DONE
    (line,) = [line for line in last_object(capsys)["lines"] if line["what"] == "state"]
    assert (line["finding"], line["data"]) == ("missing", {"folder": state})


def test_work_is_stopped_and_resumed_while_no_swarm_runs(capsys: Out) -> None:
    assert call(["stop", "all"]) == DONE
    out, err = capsys.readouterr()
    assert out.startswith("ok: Everything is stopped")
    assert "No swarm is running, so this was written down" in err
    assert call(["status", "--json"]) == DONE
    assert last_object(capsys)["status"]["stops"] == ["all"]
    assert call(["resume"]) == DONE
    assert capsys.readouterr().out.startswith("ok: Work goes on for everything")
    assert call(["resume"]) == DONE
    assert "Nothing was stopped." in capsys.readouterr().out
    assert call(["task", "standup", "--wait"]) == DONE


def test_a_task_asked_for_while_work_is_stopped_is_kept_and_not_waited_for(capsys: Out) -> None:
    assert call(["stop", "me"]) == DONE
    capsys.readouterr()
    assert call(["task", "standup", "--wait"]) == FAILED
    out, err = capsys.readouterr()
    assert "#1 accepted. It waits, since work is stopped for you" in out.replace("\n", " ")
    assert "Work is stopped, so this does not wait." in err
    assert "waggle resume" in err
    assert call(["task", "standup", "--wait", "--json"]) == FAILED
    assert last_object(capsys)["state"] == "ready"
    assert call(["resume"]) == DONE
    assert call(["show", "1", "--json"]) == DONE
    assert last_object(capsys)["task"]["task"]["state"] == "ready"


def test_a_decision_of_a_missing_task_needs_no_swarm_either(capsys: Out) -> None:
    assert call(["resume", "9", "--step", "fail"]) == FAILED
    assert "There is no task called `9`." in capsys.readouterr().err.replace("\n", " ")


def test_a_number_beyond_all_tasks_is_one_that_is_not_there(capsys: Out) -> None:
    assert call(["stop", "me"]) == DONE
    for words in (["show"], ["why"], ["retry", "--wait"], ["task", "x", "--wait", "--needs"]):
        capsys.readouterr()
        assert call([*words, str(2**63)]) == FAILED
        assert f"There is no task called `{2**63}`." in capsys.readouterr().err.replace("\n", " ")


def test_a_task_can_be_done_without_a_service(capsys: Out) -> None:
    assert call(["task", "standup", "--wait"]) == DONE
    out, err = capsys.readouterr()
    assert out.startswith("The last 24 hours")
    assert "No swarm is running, so this command runs one for this task" in err
    assert "ok: #1 is done." in err
    assert call(["show", "1"]) == DONE
    assert "[done]" in capsys.readouterr().out


def test_a_task_is_one_object_with_exactly_these_fields(capsys: Out) -> None:
    assert call(["task", "standup", "--wait", "--json"]) == DONE
    shown = last_object(capsys)
    names = {"id", "state", "result", "cost_micro_usd", "worker", "model", "steps"}
    assert set(shown) == names | {"tokens", "fallback"}
    assert (shown["id"], shown["state"], shown["worker"]) == (1, "done", "standup")
    assert call(["task", "write a poem", "--wait", "--json"]) == FAILED
    assert last_object(capsys)["failure"]["code"] == "no_worker"


def test_a_failed_task_says_why_on_standard_error(capsys: Out) -> None:
    assert call(["task", "write a poem", "--wait"]) == FAILED
    out, err = capsys.readouterr()
    assert out == ""
    assert "no worker here can do this" in err
    assert "check https://example.com" in err


def test_a_failed_task_can_be_retried_without_a_service(capsys: Out) -> None:
    assert call(["task", "search for x in nowhere", "--wait"]) == FAILED
    assert call(["retry", "1", "--wait"]) == FAILED
    assert "It was tried 2 times" in capsys.readouterr().err


def test_a_state_folder_may_be_named(capsys: Out, folder: Path) -> None:
    assert call(["--state", "elsewhere", "task", "standup", "--wait"]) == DONE
    assert (folder / "elsewhere" / "waggle.db").exists()
    capsys.readouterr()
    assert call(["--state=elsewhere", "tasks", "--all", "--json"]) == DONE
    assert len(last_object(capsys)["tasks"]) == 1


def test_a_file_of_settings_may_be_named_and_says_where_the_state_is(
    capsys: Out, folder: Path
) -> None:
    (folder / "my.yaml").write_text("state: here\nbudget: {day: 1.25}\n")
    assert call(["--config", "my.yaml", "config", "budget.day"]) == DONE
    shown = capsys.readouterr().out
    assert "Value: $1.25" in shown
    assert "line 2" in shown
    assert call(["--config", "my.yaml", "stop", "me"]) == DONE
    assert (folder / "here" / "waggle.db").exists()


def test_wrong_settings_are_named_and_nothing_is_touched(capsys: Out, folder: Path) -> None:
    (folder / "waggle.yaml").write_text("budget: {day: lots}\nstat: x\n")
    for words in (["status"], ["up"], ["task", "standup", "--wait"]):
        assert call(words) == FAILED
        said = capsys.readouterr().err
        assert "2 things in `waggle.yaml` need" in said.replace("\n", " ")
        assert "did you mean" in said or "state" in said
    assert [file.name for file in folder.iterdir()] == ["waggle.yaml"]


def test_a_doctor_says_what_keeps_the_swarm_from_starting(capsys: Out, folder: Path) -> None:
    (folder / "waggle.yaml").write_text("budget: {day: lots}\n")
    assert call(["doctor"]) == FAILED
    assert "Not all is well" in capsys.readouterr().out
    (folder / "waggle.yaml").unlink()
    state = folder / "data" / "state"
    state.mkdir(parents=True)
    (state / "waggle.db").write_bytes(b"something else entirely" * 100)
    assert call(["doctor", "--json"]) == FAILED
    lines = last_object(capsys)["lines"]
    assert "is not a Waggle database" in lines[-1]["data"]["text"]


def test_a_doctor_verifies_what_is_stored(capsys: Out) -> None:
    call(["task", "standup", "--wait"])
    capsys.readouterr()
    assert call(["doctor", "--verify"]) == DONE
    assert "everything fits" in capsys.readouterr().out.replace("\n", " ")


@pytest.mark.parametrize("columns", ["20", "40", "200"])
def test_every_answer_keeps_to_the_width(
    columns: str, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for words in (["status"], ["workers"], ["config"], ["doctor"], ["--help"]):
        assert call(words) == DONE
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= int(columns)


WORDS = st.one_of(
    st.sampled_from(["--json", "--config", "--state", "--help", "-v", "--version", "help", "task"]),
    st.text(alphabet=st.characters(exclude_characters="\0"), max_size=8),
)


@given(st.lists(WORDS, max_size=5))
def test_any_words_before_a_command_are_options_or_an_error_of_ours(words: list[str]) -> None:
    try:
        invocation = read(words)
    except WaggleError:
        return
    assert not invocation.words or not invocation.words[0].startswith("-")


@given(st.lists(st.text(alphabet="abc-= \u00e9\ud800\"'", max_size=6), min_size=1, max_size=4))
def test_no_wrong_words_raise_a_traceback(words: list[str]) -> None:
    if words[0] not in BY_NAME and not words[0].startswith("-"):
        assert call(["help", *words]) in (DONE, WRONG_USAGE)
        assert call(words) == WRONG_USAGE
