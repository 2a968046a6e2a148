"""Small forms of what `waggle verify telegram` does at length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import telegram_inbound, telegram_posts
from tests.e2e.chat_lives import CHATS
from tests.womb import Womb, womb

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lives() -> Iterator[Womb]:
    with womb(CHATS) as one:
        yield one


async def test_a_decision_is_told_once_and_a_repeated_answer_says_so(
    tmp_path: Path, lives: Womb
) -> None:
    result = await telegram_posts.play(tmp_path, lives, notices=60, kills=3, seed=7)
    assert not result.findings, str(result)
    assert result.kills == 3


@pytest.mark.parametrize("brought", [False, True])
async def test_what_people_say_is_taken_in_once(tmp_path: Path, lives: Womb, brought: bool) -> None:
    result = await telegram_inbound.play(tmp_path, lives, ends=8, brought=brought, seed=7)
    assert not result.findings, str(result)
    assert result.cuts.total() == 8
