"""A provider whose error repeats the key that it was called with: nobody gets to see it."""

from __future__ import annotations

import json
import logging
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.discord.bench import bench
from tests.discord.test_edits import says
from tests.discord.test_scenes_talk import with_a_model
from tests.fakes.models import KEY, serving

TOLD = f"Incorrect key provided: {KEY} (Bearer {KEY})."


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "status", "status": 400, "message": TOLD}, "Incorrect key provided"),
        ({"kind": "status", "status": 401, "message": TOLD}, "FAKE_KEY"),
        ({"kind": "status", "status": 500, "message": TOLD, "count": 1}, "hello"),
    ],
    ids=["refused", "no right", "lost"],
)
async def test_a_key_that_a_provider_echoes_is_in_no_post_no_fact_and_no_line_of_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: dict[str, Any], words: str
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving() as model:
        fake = with_a_model(model, "hello")
        model.fault(**fault)
        async with bench(tmp_path) as at, at.on_discord(**fake):
            await at.hand.command(at.channel, at.ana, "ask", text="are you there?")
            await says(at, words)
            sent = json.dumps(await at.hand.requests())
    database = sqlite3.connect(tmp_path / "state" / "waggle.db")
    journal = "\n".join(database.iterdump())
    database.close()
    assert model.service.requests
    for place, text in (("chat", sent), ("journal", journal), ("log", caplog.text)):
        assert KEY not in text, place
