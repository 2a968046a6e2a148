"""What docs/models.md shows can be used as it stands."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from swarm_core.providers.catalogue import Catalogue
from swarm_core.settings import load

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_configuration(tmp_path: Path, example: str) -> None:
    (tmp_path / "waggle.yaml").write_text(example, encoding="utf-8")
    settings = load(
        None,
        environ={"ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "o", "WORK_OPENAI_KEY": "w"},
        cwd=tmp_path,
    )
    catalogue = Catalogue.read(settings, ROOT / "data", lambda: date(2026, 11, 21))
    assert settings.missing_keys == ()
    assert catalogue.unmet() == ()
    assert catalogue.rows()


def test_the_models_it_names_are_the_wanted_ones(tmp_path: Path) -> None:
    for variable in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY"):
        settings = load(None, environ={variable: "k"}, cwd=tmp_path)
        catalogue = Catalogue.read(settings, ROOT / "data", lambda: date(2026, 11, 21))
        for tier in ("cheap", "dear"):
            card = catalogue.wanted(tier)
            assert card
            assert f"`{card.id}`" in TEXT
