"""Scene 1: a task asked on Discord, the process killed and started again: the card is back, one
answer comes, no recorded call is repeated."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.programs import TIMEOUT, Process, environment, start
from tests.discord.decisions import calm, shows, told
from tests.fakes.discord.settings import TOKEN
from tests.fakes.models import KEY, FakeModels, serving
from tests.workers.scenes import CLAUDE, PRICES

pytestmark = pytest.mark.slow

SAY = "please look into it [[task t: tool list {} => say it is done]]"


async def test_scene_1_a_kill_in_the_middle_loses_no_card_no_answer_and_no_money(
    tmp_path: Path,
) -> None:
    async with calm(tmp_path) as at, serving() as models:
        models.script(models={CLAUDE: {"prices": PRICES}})
        # The second call is served and never answered: the process is killed inside it.
        models.fault(kind="hang", after=1, count=1)
        (tmp_path / "waggle.yaml").write_text(json.dumps(_settings(at.fake.url, at.ana, models)))
        first = await _up(tmp_path)
        try:
            await at.hand.wait("commands")
            number = await at.hand.command(at.channel, at.ana, "task", text=SAY)
            receipt = (await at.hand.answered(number))["message"]
            card = await shows(at, "#1", "running")
            await _served(models, 2)
        finally:
            first.kill()
            await asyncio.to_thread(first.communicate, TIMEOUT)
        since = await at.hand.now()
        second = await _up(tmp_path)
        try:
            (back, *_) = await at.hand.wait("edit", since=since, message=card["id"])
            answer = await shows(at, f"<@{at.ana}>", "it is done")
            answers = [m for m in await at.posted(1) if "it is done" in m["content"]]
        finally:
            second.terminate()
            await asyncio.to_thread(second.communicate, TIMEOUT)
    assert receipt["id"] == card["id"] == back["message"] != answer["id"]
    assert f"<@{at.ana}>" in told(answer)
    assert len(answers) == 1
    # The first call once; the one in doubt once more, by itself, and never twice.
    assert models.counts()["total"]["served"] == 3


def _settings(discord: str, owner: str, models: FakeModels) -> dict[str, Any]:
    return {
        "discord": {"api_url": f"{discord}/api/v10"},
        "owner": {"discord": owner},
        "confirm": {"above": None},
        "providers": {
            "anthropic": {
                "kind": "anthropic",
                "base_url": models.anthropic,
                "key": "${ANTHROPIC_API_KEY}",
                "models": [CLAUDE],
            }
        },
    }


async def _up(folder: Path) -> Process:
    env = environment(ANTHROPIC_API_KEY=KEY, DISCORD_TOKEN=TOKEN)
    return await asyncio.to_thread(start, folder, "up", "--headless", env=env, whole=True)


async def _served(models: FakeModels, count: int) -> None:
    async with asyncio.timeout(60):
        while models.counts()["total"]["served"] < count:  # noqa: ASYNC110 another process calls
            await asyncio.sleep(0.05)
