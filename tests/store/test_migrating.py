"""What sqlite-utils would load besides is left where it is."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import pytest

from swarm_core.store.migrating import without
from tests.project.tree import ROOT


def test_a_hidden_module_cannot_be_imported_and_is_there_again_afterwards() -> None:
    sys.modules.pop("colorsys", None)
    with without("colorsys", "json"):
        assert importlib.import_module("json") is json
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("colorsys")
    assert importlib.import_module("json") is json
    assert importlib.import_module("colorsys").rgb_to_hsv


@pytest.mark.slow
def test_a_start_loads_no_numpy() -> None:
    code = "import sys, bot.daemon; print([m for m in ('numpy', 'pandas') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
