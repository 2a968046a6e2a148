"""The list of surfaces is whole, and what one lacks is said with its reason."""

from __future__ import annotations

import re
from typing import get_args

from tests.conformance.surfaces import LACKS, SURFACES, Thing
from tests.project.tree import ROOT, pyproject


def test_every_surface_people_talk_on_is_held_to_the_same() -> None:
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    (told,) = [each["layers"][0] for each in contracts if each["id"] == "surfaces"]
    there = {name for name in re.findall(r"\w+", told) if (ROOT / "bot" / name).is_dir()}
    assert there == set(SURFACES)


def test_what_is_lacking_has_a_reason() -> None:
    for (surface, thing), reason in LACKS.items():
        assert surface in SURFACES
        assert thing in get_args(Thing)
        assert reason.endswith("."), reason


def test_no_thing_is_lacking_everywhere() -> None:
    for thing in get_args(Thing):
        assert any((surface, thing) not in LACKS for surface in SURFACES), thing
