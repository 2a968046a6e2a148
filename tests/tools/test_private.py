"""What a swarm remembers is not part of anybody's workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarm_core.kernel.errors import PathUnreadable
from swarm_core.testing import OWNER
from swarm_core.tools import Egress, EgressRules, Toolbox, ToolContext, read_only_tools


async def test_the_state_folder_of_a_swarm_is_neither_read_nor_searched(tmp_path: Path) -> None:
    state = tmp_path / "data" / "state"
    state.mkdir(parents=True)
    (state / "waggle.lock").write_text("1\n")
    (state / "history").write_text("what somebody typed\n")
    (tmp_path / "notes.txt").write_text("what somebody typed\n")
    box = Toolbox(read_only_tools(Egress(EgressRules())), lambda *_: None)
    context = ToolContext(actor=OWNER, workspace=tmp_path)
    found = await box.call("search", {"pattern": "somebody typed"}, context)
    assert [match["path"] for match in found.data["matches"]] == ["notes.txt"]
    with pytest.raises(PathUnreadable):
        await box.call("read", {"path": "data/state/history"}, context)
