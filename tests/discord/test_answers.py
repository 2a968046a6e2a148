"""How long answers and charts come on Discord."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Conclusion, Run
from tests.discord.bench import bench
from tests.worlds import Custom


async def test_a_long_answer_is_up_to_three_messages_and_a_longer_one_a_file(
    tmp_path: Path,
) -> None:
    code = "\n".join(f"line_{n} = {n}" for n in range(260))

    async def talk(assignment: Assignment, run: Run) -> Conclusion:
        if assignment.text == "code":
            return Conclusion(state="done", text=f"Here:\n\n```python\n{code}\n```")
        chapters = (f"## Chapter {n}\n\n{'words and words ' * 120}" for n in range(1, 9))
        return Conclusion(state="done", text="\n\n".join(chapters))

    async with bench(tmp_path) as at, at.on_discord(Custom(talk)):
        await at.hand.command(at.channel, at.ben, "ask", text="code")
        _, *pieces = await at.posted(4)
        await at.hand.command(at.channel, at.ben, "ask", text="a book")
        *_, book = await at.posted(6)
    assert len(pieces) == 3
    assert all(piece["content"].count("```") == 2 for piece in pieces[1:])
    assert all("```python\n" in piece["content"] for piece in pieces[1:])
    assert [file["filename"] for file in book["attachments"]] == ["answer.md"]
    assert "Chapter 1" in book["content"]
    assert "Further on: Chapter 2" in book["content"]
    assert book["content"].startswith(f"<@{at.ben}>")


@pytest.mark.slow
async def test_a_chart_is_a_picture_that_says_in_words_what_it_shows(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord():
        since, found = await at.hand.now(), list[Any]()
        said = await at.hand.dm(at.ana, "/budget chart")
        while not found:
            since += len(await at.hand.record(since, wait=10))
            seen = await at.hand.messages(said["channel_id"])
            found = [file for each in seen for file in each["attachments"]]
    (picture,) = found
    assert picture["filename"].endswith(".png")
    assert "$0" in picture["description"]
