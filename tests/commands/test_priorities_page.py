"""docs/priorities.md says what is so: every line of it can be typed, every setting loads."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from bot.commands import priority_views as views
from bot.commands.declared import find
from swarm_core.settings import load
from swarm_core.testing import FakeClock
from tests.commands.desks import desk, typed
from tests.project.tree import ROOT

PAGE = (ROOT / "docs" / "priorities.md").read_text(encoding="utf-8")
LINES = [line for line in PAGE.splitlines() if line.startswith("/priority ")]


async def test_every_line_of_the_page_can_be_typed(tmp_path: Path) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    async with desk(tmp_path, clock=FakeClock(now)) as (at, _):
        for line in LINES:
            view = (await typed(at, line)).view
            assert not isinstance(view, views.Unclear), line
            if isinstance(view, views.Proposed):
                await typed(at, view.line)
    assert len(LINES) > 12


def test_its_settings_load(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "waggle.yaml"
    file.write_text(block, encoding="utf-8")
    found = load(file, environ={}, cwd=tmp_path)
    assert set(found.priorities) == {"site", "morning", "tidy"}
    assert found.automation.mode == "hybrid"


def test_every_option_it_names_is_one_and_none_is_left_out() -> None:
    named = set(re.findall(r"--([a-z][a-z-]+)", PAGE)) - {"yes"}
    there = {param.name for param in find("priority").options} - {"yes", "key", "by-model"}
    assert named == there
