"""`waggle init` at a terminal, and without one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.cli.programs import environment, waggle
from tests.cli.talking import talking
from tests.fakes.models import KEY, serving

pytestmark = pytest.mark.slow


async def test_a_wrong_key_is_told_and_asked_for_again_and_the_right_one_is_kept_privately(
    tmp_path: Path,
) -> None:
    async with serving() as fake:
        env = environment(ANTHROPIC_BASE_URL=fake.url)
        await asyncio.to_thread(_set_up, tmp_path, env)
        again = await asyncio.to_thread(
            waggle, tmp_path, "models", "--json", env=environment(ANTHROPIC_BASE_URL=fake.url)
        )
    assert '"provider": "anthropic"' in again.stdout


def _set_up(folder: Path, env: dict[str, str]) -> None:
    with talking(folder, "init", env=env) as talk:
        talk.asked("What are you called? [no name]")
        talk.answer("Ana")
        talk.asked("a server of your own [none]")
        talk.answer("everything")
        talk.asked("it has to be none, anthropic, openai or local")
        talk.asked("a server of your own [none]")
        talk.answer("anthropic")
        talk.asked("Enter leaves it out):")
        talk.answer("sk-wrong")
        talk.asked("does not accept the key")
        talk.asked("[again]")
        talk.answer("")
        talk.asked("[anthropic]")
        talk.answer("")
        talk.asked("Enter leaves it out):")
        talk.answer(KEY)
        talk.asked("answers and takes the key")
        talk.asked("token:")
        talk.answer("")
        talk.asked("Most dollars a day? [$5.00]")
        talk.answer("lots")
        talk.asked("an amount in dollars")
        talk.asked("Most dollars a day? [$5.00]")
        talk.answer("3")
        assert talk.ended() == 0
    assert KEY not in talk.all
    assert "sk-wrong" not in talk.all
    keys = folder / "waggle.env"
    assert keys.stat().st_mode & 0o777 == 0o600
    assert keys.read_text() == f"ANTHROPIC_API_KEY={KEY}\n"
    text = (folder / "waggle.yaml").read_text()
    assert text.endswith("owner:\n  name: Ana\nbudget:\n  day: 3.00\n")
    assert "#   month: $50.00  # Most in one month (UTC)." in text
    assert KEY not in text


def test_an_interrupt_leaves_everything_as_it_was(tmp_path: Path) -> None:
    with talking(tmp_path, "init", env=environment()) as talk:
        talk.asked("What are you called?")
        talk.answer("Ana")
        talk.asked("a server of your own")
        talk.press(b"\x03")
        assert talk.ended() == 130
    assert "Nothing was written." in talk.all
    assert list(tmp_path.iterdir()) == []


async def test_run_again_it_changes_only_what_is_said(tmp_path: Path) -> None:
    file = tmp_path / "waggle.yaml"
    before = "# mine\nbudget:\n  day: 2  # enough\nlimits:\n  concurrency: 3\n"
    file.write_text(before)
    same = waggle(tmp_path, "init", "--yes")
    assert (same.returncode, file.read_text()) == (0, before)
    assert "everything was so already" in same.stderr

    more = waggle(tmp_path, "init", "--yes", "--cap", "4", "--json")
    assert file.read_text() == before.replace("day: 2  #", "day: 4.00 #")
    told = json.loads(more.stdout)
    assert told["changed"] == ["budget.day"]
    assert kept(tmp_path) == (told["backup"], before)

    async with serving() as fake:
        words = ("--yes", "--provider", "local", "--address", f"{fake.url}/v1", "--free")
        keyless = await asyncio.to_thread(waggle, tmp_path, "init", *words)
        env = environment(HOME_KEY=KEY)
        words += ("--key-from", "HOME_KEY")
        added = await asyncio.to_thread(waggle, tmp_path, "init", *words, env=env)
    assert "local wants a key" in keyless.stderr
    assert "local answers and takes the key" in added.stderr
    assert "key: $HOME_KEY" in file.read_text()
    assert "# enough" in file.read_text()


def kept(folder: Path) -> tuple[str, str]:
    """The one copy of an older file, and what it holds."""
    (backup,) = folder.glob("*.bak")
    return str(backup), backup.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "there is nobody to answer"),
        (("--yes", "--provider", "anthropic", "--key-from", "NO_SUCH"), "`NO_SUCH` is not set"),
        (("--yes", "--provider", "local", "--address", "http://127.0.0.1:9/v1"), "be reached"),
        (("--yes", "--provider", "local", "--address", "ftp://x/"), "is not an address"),
        (("--yes", "--cap", "lots"), "an amount in dollars"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_written(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    done = waggle(tmp_path, "init", *words)
    assert done.returncode in (1, 2)
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_keys_that_others_may_read_is_refused_but_explained(tmp_path: Path) -> None:
    keys = tmp_path / "waggle.env"
    keys.write_text("OPENAI_API_KEY=sk-secret\n")
    keys.chmod(0o644)
    refused = waggle(tmp_path, "models")
    assert refused.returncode == 1
    assert "chmod 600" in refused.stderr
    told = waggle(tmp_path, "doctor")
    assert (told.returncode, "chmod 600" in told.stdout) == (1, True)
    assert "sk-secret" not in refused.stderr + told.stdout
    mended = waggle(tmp_path, "doctor", "--fix")
    assert "is now yours alone to read" in " ".join(mended.stdout.split())
    assert keys.stat().st_mode & 0o777 == 0o600
    assert "openai" in waggle(tmp_path, "config", "providers").stdout


def test_a_setting_is_changed_once_and_says_when_it_holds(tmp_path: Path) -> None:
    first = waggle(tmp_path, "config", "set", "budget.day", "7")
    again = waggle(tmp_path, "config", "set", "budget.day", "7")
    fixed = waggle(tmp_path, "config", "set", "store.readers", "3")
    assert "waggle reload" in first.stdout
    assert "nothing was changed" in again.stdout
    assert "waggle restart" in fixed.stdout
    assert len(list(tmp_path.glob("*.bak"))) == 1
