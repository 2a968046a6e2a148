"""The trial that is made long now and then, made short."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.verify.restore import trial


@pytest.mark.slow
async def test_backups_of_a_working_swarm_come_back(tmp_path: Path) -> None:
    sentence, findings = await trial(tmp_path, seed=1, long=False)
    assert findings == []
    assert sentence
