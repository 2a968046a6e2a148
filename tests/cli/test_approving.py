"""The lone command line asks before it spends: at a terminal, beforehand, or not at all."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.programs import environment, waggle
from tests.cli.talking import talking
from tests.e2e import checks
from tests.fakes.models import KEY, FakeModels, serving
from tests.workers.scenes import CLAUDE, PRICES

pytestmark = pytest.mark.slow

SAY = "please look into it [[task t: say it is done]]"
ENV = environment(ANTHROPIC_API_KEY=KEY)


@pytest.fixture
async def fake(tmp_path: Path) -> AsyncIterator[FakeModels]:
    """A vendor of one priced model, and a folder whose settings ask about every price."""
    async with serving() as one:
        one.script(models={CLAUDE: {"prices": PRICES}})
        settings = {
            "confirm": {"above": "$0.000001"},
            "providers": {
                "anthropic": {
                    "kind": "anthropic",
                    "base_url": one.anthropic,
                    "key": "${ANTHROPIC_API_KEY}",
                    "models": [CLAUDE],
                }
            },
        }
        (tmp_path / "waggle.yaml").write_text(json.dumps(settings))
        yield one


async def call(folder: Path, *words: str) -> Any:
    return await asyncio.to_thread(waggle, folder, *words, env=ENV)


def served(fake: FakeModels) -> int:
    return int(fake.counts()["total"]["served"])


async def test_without_a_terminal_it_says_how_and_a_later_yes_has_it_done(
    tmp_path: Path, fake: FakeModels
) -> None:
    asked = await call(tmp_path, "task", SAY, "--wait")
    assert asked.returncode == 1
    found = re.search(r"waggle approve (\w+) --wait", asked.stderr)
    assert found
    assert served(fake) == 0
    done = await call(tmp_path, "approve", found[1], "--wait")
    assert (done.returncode, done.stdout) == (0, "it is done\n")
    again = await call(tmp_path, "approve", found[1])
    assert again.returncode == 1
    assert "is approved already" in again.stderr
    assert served(fake) == 1


async def test_yes_and_a_highest_price_approve_beforehand(tmp_path: Path, fake: FakeModels) -> None:
    too_little = await call(tmp_path, "task", SAY, "--wait", "--max-cost", "0.000002")
    assert (too_little.returncode, served(fake)) == (1, 0)
    assert (await call(tmp_path, "task", SAY, "--wait", "--yes")).stdout == "it is done\n"
    enough = await call(tmp_path, "task", f"{SAY} again", "--wait", "--max-cost", "1")
    assert (enough.returncode, served(fake)) == (0, 2)


@pytest.mark.parametrize(("answer", "code", "calls"), [("y", 0, 1), ("n", 1, 0), ("", 1, 0)])
async def test_at_a_terminal_it_asks(
    tmp_path: Path, fake: FakeModels, answer: str, code: int, calls: int
) -> None:
    def talk() -> int:
        with talking(tmp_path, "task", SAY, "--wait", env=ENV) as talk:
            talk.asked("Have it done? [y/N]")
            talk.answer(answer)
            return talk.ended()

    assert (await asyncio.to_thread(talk), served(fake)) == (code, calls)


def left_in(folder: Path) -> tuple[str, str]:
    """The states of the one approval and the one task, read without starting a program."""
    db = checks.look(folder / "data" / "state")
    try:
        ((approval, task),) = db.execute(
            "select a.state, t.state from approvals a join tasks t on t.id = a.task"
        ).fetchall()
    finally:
        db.close()
    return approval, task


@pytest.mark.parametrize("point", ["store.commit.before", "store.commit.after"])
async def test_killed_anywhere_around_a_decision_both_are_there_or_neither(
    tmp_path: Path, fake: FakeModels, point: str
) -> None:
    asked = await call(tmp_path, "task", SAY, "--wait")
    found = re.search(r"waggle approve (\w+) --wait", asked.stderr)
    assert found
    seen = set()
    for at in range(1, 30):
        env = {**ENV, "WAGGLE_CRASH": f"{point}:{at}"}
        killed = await asyncio.to_thread(waggle, tmp_path, "approve", found[1], env=env)
        approval, task = left_in(tmp_path)
        assert (approval, task) in (("open", "waiting"), ("approved", "ready"))
        seen.add(approval)
        if killed.returncode != -9:
            break
    assert killed.returncode in (0, 1)
    assert "approved" in seen
    assert served(fake) == 0
