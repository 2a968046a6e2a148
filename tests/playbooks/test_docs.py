from __future__ import annotations

import re
from pathlib import Path

from swarm_core.playbooks import load_book
from swarm_core.playbooks.sandbox import METER, Environment
from tests.playbooks.twins import ScriptedTools, write

GUIDE = (Path(__file__).parents[2] / "docs" / "playbooks.md").read_text(encoding="utf-8")


def test_the_playbook_of_the_guide_loads(tmp_path: Path) -> None:
    write(tmp_path, "guide", re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)[0])
    book = load_book([tmp_path], ScriptedTools())
    assert book.problems == ()
    match = book.find("what is huge in src?")
    assert match is not None
    assert match.params == {"path": "src", "top": 3}


def test_the_guide_names_every_filter() -> None:
    words = set(re.findall(r"\w+", GUIDE.partition("## Templates")[2]))
    assert set(Environment().filters) - {METER} <= words
