"""The owner's digest on Discord: one direct message, with a picture and buttons, and sent once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from swarm_core.kernel.clock import SystemClock
from swarm_core.kernel.ids import TaskId
from swarm_core.testing import ScriptedModel
from tests.discord.bench import bench
from tests.worlds import over


class Tomorrow(SystemClock):
    """A swarm that is started a day later."""

    def now(self) -> datetime:
        return super().now() + timedelta(days=1)


@pytest.mark.slow
async def test_a_digest_is_one_message_with_a_picture_and_comes_once(tmp_path: Path) -> None:
    hour = f"{datetime.now().astimezone() - timedelta(hours=1):%H:%M}"
    notices = {"quiet_hours": None, "digest": hour}
    model = ScriptedModel(words=("model",))
    async with bench(tmp_path) as at:
        async with at.on_discord(model, notices=notices) as swarm:
            for text in ("model this", "nobody can do that"):
                await at.hand.answered(await at.hand.command(at.channel, at.ana, "task", text=text))
            await over(swarm, TaskId(1), TaskId(2))
        for _ in range(2):  # at the second start that day is over
            async with at.on_discord(model, notices=notices, clock=Tomorrow()):
                since, told = await at.hand.now(), list[Any]()
                said = await at.hand.dm(at.ana, "/status")
                while not told:
                    seen = await at.hand.messages(said["channel_id"])
                    told = [m for m in seen if m["content"].startswith("What there was")]
                    since += 0 if told else len(await at.hand.record(since, wait=10))
    (digest,) = told
    assert "1 done, 1 failed" in digest["content"]
    assert "█" in digest["content"]
    (picture,) = digest["attachments"]
    assert "A bar for each day" in picture["description"]
    labels = [each["label"] for row in digest["components"] for each in row["components"]]
    assert "Try #2 again" in labels
