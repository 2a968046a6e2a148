"""What a conversation that goes on leaves in Anthropic's cache, and finds there."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from swarm_core.providers import anthropic
from swarm_core.providers.model import (
    Block,
    Message,
    Part,
    Prompt,
    Text,
    ToolResult,
    ToolUse,
)
from tests.fakes.models import serving
from tests.providers.benches import READ, reach

MODEL = "claude-haiku-5-5"
CACHED = Block("Be brief. " * 300, cache=True)


def turns(*results: int, text: str = "word " * 60) -> tuple[Message, ...]:
    """A question, then tool calls turn after turn, so many in each, with what they brought."""
    said = [Message("user", (Text("Look at all of it."),))]
    for turn, many in enumerate(results):
        ids = [f"t{turn}_{n}" for n in range(many)]
        uses: tuple[Part, ...] = tuple(ToolUse(id=i, name="read", arguments={}) for i in ids)
        brought: tuple[Part, ...] = tuple(ToolResult(id=i, text=f"{i} {text}") for i in ids)
        said += [Message("assistant", uses), Message("user", brought)]
    return tuple(said)


def prompt(messages: tuple[Message, ...], *system: Block, grows: bool = True) -> Prompt:
    return Prompt(
        model=MODEL,
        system=system or (CACHED,),
        messages=messages,
        max_output=500,
        tools=(READ,),
        grows=grows,
    )


def marked(body: dict[str, Any]) -> list[list[int]]:
    """For each turn the blocks that carry a mark."""
    return [
        [n for n, block in enumerate(turn["content"]) if "cache_control" in block]
        for turn in body["messages"]
    ]


def test_marks_stand_at_the_end_of_the_last_turns_of_the_user() -> None:
    talk = turns(2, 3)
    assert marked(anthropic.request(prompt(talk))) == [[], [], [1], [], [2]]
    assert marked(anthropic.request(prompt(talk, grows=False))) == [[], [], [], [], []]


@pytest.mark.parametrize(("blocks", "left"), [(1, 2), (2, 1), (3, 0), (5, 0)])
def test_there_are_four_at_most_and_the_system_prompt_goes_before(blocks: int, left: int) -> None:
    system = [Block(f"block {n}", cache=True) for n in range(blocks)]
    body = anthropic.request(prompt(turns(1, 1), *system))
    assert [len(turn) for turn in marked(body)][::-2] == [int(left > 0), int(left > 1), 0]
    assert str(body).count("cache_control") <= 4


def test_what_is_empty_carries_none() -> None:
    talk = (*turns(1)[:2], Message("user", (ToolResult(id="t0_0", text=""),)))
    assert marked(anthropic.request(prompt(talk))) == [[0], [], []]


async def test_each_call_reads_what_the_one_before_has_written() -> None:
    """Also when one turn brings more results than the vendor looks back for."""
    talks = (turns(), turns(1), turns(1, 25), turns(1, 25, 1))
    async with serving() as fake:
        provider = reach("anthropic", fake.url)
        answers = [await provider.complete(prompt(talk)) for talk in talks]
        await provider.close()
    used = [answer.usage for answer in answers if answer.usage]
    assert len(used) == len(answers)
    assert used[0].cached == 0
    for before, after in pairwise(used):
        assert after.cached == before.cached + before.written
