"""A small form of what `waggle verify discord` does at length: one post a notice through kills."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.discord_posts import play

pytestmark = pytest.mark.slow


async def test_through_kills_and_dropped_answers_every_notice_is_one_post(tmp_path: Path) -> None:
    result = await play(tmp_path, notices=40, kills=3, seed=7)
    assert not result.findings, str(result)
    assert result.kills == 3
