"""What a model is shown of its run: whole turns, marked cuts, old results moved out."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import PromptTooLong
from swarm_core.kernel.ids import TaskId
from swarm_core.providers.estimate import estimate_tokens
from swarm_core.providers.model import Completion, Message, Text, ToolResult, ToolUse, Unknown
from swarm_core.tasks.model import Overheard, Turn
from swarm_core.workers.overheard import Room
from swarm_core.workers.prompts import read_prompts
from swarm_core.workers.talk import IN_VIEW, Talk

PROMPTS = read_prompts(Path(__file__).parents[2] / "data" / "prompts")
ROOMY = 1_000_000


def turn(n: int, answer: str | None = "so", failure: str | None = None) -> Turn:
    return Turn(task=TaskId(n), asked=f"question {n}", answer=answer, failure=failure)


def calls(*ids: str) -> Completion:
    uses = tuple(ToolUse(id=id_, name="read", arguments={"path": id_}) for id_ in ids)
    return Completion(parts=uses, stop="tool_use", model="m", usage=None)


def words(messages: tuple[Message, ...]) -> str:
    return "\n".join(
        part.text for m in messages for part in m.parts if isinstance(part, Text | ToolResult)
    )


def test_the_conversation_comes_before_the_request_in_turns_that_alternate() -> None:
    talk = Talk(PROMPTS, "shorter", (turn(1), turn(2, answer=None, failure="over_budget")))
    messages = talk.messages("m", ROOMY)
    assert [m.role for m in messages] == ["user", "assistant", "user", "assistant", "user"]
    assert messages[-1].parts == (Text("shorter"),)
    assert "over_budget" in words(messages[3:4])


def test_what_a_person_says_meanwhile_joins_the_results_in_one_turn() -> None:
    talk = Talk(PROMPTS, "go", ())
    talk.said(calls("a"))
    talk.brought([ToolResult(id="a", text="content of a")], [2])
    talk.told("and be quick")
    last = talk.messages("m", ROOMY)[-1]
    assert last.role == "user"
    assert [type(part) for part in last.parts] == [ToolResult, Text]


def test_parts_nobody_knows_do_not_go_back() -> None:
    talk = Talk(PROMPTS, "go", ())
    talk.said(Completion(parts=(Unknown(kind="x"),), stop="end", model="m", usage=None))
    said = talk.messages("m", ROOMY)[-1]
    assert said.role == "assistant"
    assert all(isinstance(part, Text) and part.text for part in said.parts)


def test_a_long_result_is_shown_in_part_and_can_be_read_on_to_its_last_character() -> None:
    text = "".join(f"line {n}\n" for n in range(10_000))
    talk = Talk(PROMPTS, "go", ())
    talk.said(calls("a"))
    talk.brought([ToolResult(id="a", text=text)], [2])
    assert f"offset {IN_VIEW}" in words(talk.messages("m", ROOMY))
    read, offset = "", 0
    while (piece := talk.recall(2, offset)) is not None:
        read += piece[:IN_VIEW]
        offset += IN_VIEW
    assert read == text
    assert talk.recall(3, 0) is None
    assert talk.recall(2, -1) is None


def test_old_results_are_moved_out_first_and_the_request_stays() -> None:
    talk = Talk(PROMPTS, "the request", (turn(1, answer="early " * 300),))
    for n, id_ in enumerate("abcd", start=2):
        talk.said(calls(id_))
        talk.brought([ToolResult(id=id_, text=f"{id_} " * 4_000)], [n])
    room = 3_000
    shown = words(talk.messages("m", room))
    assert "the request" in shown
    assert "a a a a a" not in shown
    assert "`recall` with step 2" in shown
    assert "d d d d d" in shown, "the latest result is what it needs next"
    assert talk.recall(2, 0) is not None
    assert estimate_tokens(shown) <= room


def room(count: int) -> Room:
    said = (
        Overheard(speaker="discord/1/2", name="Ana", text=f"word{n} " * 20, at=Micros(n))
        for n in range(count)
    )
    return Room(tuple(said), "discord/1/3", PROMPTS)


def test_the_newest_of_the_room_are_kept_and_it_goes_before_the_conversation_does() -> None:
    earlier = (turn(1, answer="early " * 50),)
    talk = Talk(PROMPTS, "the request", earlier, room=room(60))
    shown = words(talk.messages("m", 1_200))
    assert "word59" in shown
    assert "word20 " not in shown
    assert "early" in shown
    assert shown.endswith("the request")
    assert estimate_tokens(shown) <= 1_200
    small = words(Talk(PROMPTS, "the request", earlier, room=room(60)).messages("m", 150))
    assert "word" not in small
    assert "<untrusted" not in small


def test_without_a_room_nothing_is_said_of_one() -> None:
    talk = Talk(PROMPTS, "the request", (), room=room(0))
    assert talk.messages("m", ROOMY)[-1].parts == (Text("the request"),)


def test_what_cannot_be_made_to_fit_is_told() -> None:
    talk = Talk(PROMPTS, "word " * 5_000, ())
    with pytest.raises(PromptTooLong):
        talk.messages("tiny", 1_000)


@given(
    st.lists(st.integers(min_value=0, max_value=30_000), min_size=1, max_size=8),
    st.integers(min_value=2_000, max_value=30_000),
)
def test_whatever_was_said_each_call_keeps_its_result(sizes: list[int], room: int) -> None:
    talk = Talk(PROMPTS, "go", (turn(1), turn(2)))
    for n, size in enumerate(sizes, start=1):
        talk.said(calls(f"call-{n}"))
        talk.brought([ToolResult(id=f"call-{n}", text="x " * size)], [n])
    try:
        messages = talk.messages("m", room)
    except PromptTooLong:
        return
    for before, after in pairwise(messages):
        used = [p.id for p in before.parts if isinstance(p, ToolUse)]
        got = [p.id for p in after.parts if isinstance(p, ToolResult)]
        assert used == got
    assert messages[0].role == "user"
