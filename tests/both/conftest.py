from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.discord.sdk import ready_at_once


@pytest.fixture(autouse=True)
def _ready_at_once() -> Iterator[None]:
    with ready_at_once():
        yield
