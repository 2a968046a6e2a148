"""The playbook that the first page for newcomers shows works as it is written there."""

from __future__ import annotations

import re
from pathlib import Path

from swarm_core.testing import finish, swarm
from tests.project.tree import ROOT

PAGE = (ROOT / "docs" / "getting-started.md").read_text("utf-8")


async def test_the_first_playbook_of_a_newcomer_works(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(name: licence\n.*?)```", PAGE, re.DOTALL)
    assert example is not None
    folder = tmp_path / "playbooks"
    folder.mkdir()
    (folder / "licence.yaml").write_text(example.group(1))
    async with swarm(tmp_path, playbooks={"folders": (folder,)}) as (opened, courier):
        assert opened.book.problems == ()
        (tmp_path / "workspace" / "pyproject.toml").write_text('license = "Apache-2.0"\n')
        view = await finish(opened, courier, "which licence is this")
    assert view.task.result == '- `pyproject.toml`: license = "Apache-2.0"'
