"""What `/search` and `/history` say."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarm_core import errors
from swarm_core.testing import ScriptedModel
from tests.commands.desks import desk, said
from tests.worlds import ask, over


async def test_search_tells_where_the_words_stand_and_how_to_go_on(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel()) as (at, _):
        for text in ("count bees", "paint bees \x1b[31mred"):
            await over(at.swarm, (await ask(at.swarm, text)).task)
        page = await said(at, "/search bees --most 1 --order newest")
        assert "\x1b" not in page
        assert "«bees»" in page
        assert "+1 more: `/search bees --order newest --most 1 --page 2`" in page
        assert "Perhaps you mean `/search bees`" in await said(at, "/search beess")
        assert "that fits" in await said(at, "/search bees --worker nobody")
        assert "no page 9" in await said(at, "/search bees --page 9")
        with pytest.raises(errors.BadArgument):
            await said(at, "/search !!!")


async def test_history_tells_each_day_with_its_sums(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel()) as (at, _):
        assert "Nothing that fits" in await said(at, "/history")
        for text in ("count bees", "paint flowers"):
            await over(at.swarm, (await ask(at.swarm, text)).task)
        page = await said(at, "/history --most 1 --since 2h30m")
        assert "2 done" in page
        assert "paint flowers" in page
        assert "count bees" not in page
        assert "`/history --most 1 --since 2h30m --page 2`" in page
        assert "Nothing that fits" in await said(at, "/history --state cancelled")
