"""The owner's digest on Telegram: one direct message, with a picture and buttons."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from swarm_core.kernel.clock import SystemClock
from swarm_core.kernel.ids import TaskId
from swarm_core.testing import ScriptedModel
from tests.telegram.bench import bench
from tests.worlds import over


class Tomorrow(SystemClock):
    """A swarm that is started a day later."""

    def now(self) -> datetime:
        return super().now() + timedelta(days=1)


@pytest.mark.slow
async def test_a_digest_is_a_photo_with_its_words_below(tmp_path: Path) -> None:
    hour = f"{datetime.now().astimezone() - timedelta(hours=1):%H:%M}"
    notices = {"quiet_hours": None, "digest": hour}
    model = ScriptedModel(words=("model",))
    async with bench(tmp_path) as at:
        async with at.on_telegram(model, notices=notices) as swarm:
            for text in ("model this", "nobody can do that"):
                await at.hand.say(at.ana, at.ana, f"/task {text}")
            await at.said(at.ana, "#2")
            await over(swarm, TaskId(1), TaskId(2))
        async with at.on_telegram(model, notices=notices, clock=Tomorrow()):
            digest = await at.said(at.ana, "What there was")
        assert "1 done, 1 failed" in digest["caption"]
        assert "█" in digest["caption"]
        assert digest["photo"]
        labels = [each["text"] for row in digest["reply_markup"]["inline_keyboard"] for each in row]
        assert "Try #2 again" in labels
