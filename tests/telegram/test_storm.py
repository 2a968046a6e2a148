"""A few minutes of what `waggle verify telegram` tries for an hour."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.discord.virtual import hours
from tests.telegram import overtaking

pytestmark = pytest.mark.slow


@hours
async def test_stops_and_decisions_overtake_cards_that_change(tmp_path: Path) -> None:
    figures, findings = await overtaking.weather(tmp_path, 7, 5)
    assert findings == []
    assert figures[overtaking.STOPS] == 5
    assert figures[overtaking.QUESTIONS] == 5
    assert figures[overtaking.YESES]
