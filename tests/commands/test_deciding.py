"""A step of unknown outcome, as people meet it: what they are told, and what they can type."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.render.terminal import render
from bot.reply import Card
from bot.running import run
from bot.surface import LocalDoor
from swarm_core import errors
from swarm_core.testing import ScriptedModel
from tests.commands.desks import desk, said, typed
from tests.worlds import parked


def lossy() -> ScriptedModel:
    async def play(assignment: object, n: int) -> object:
        raise errors.AnswerLost(what="the mail", problem="cut off")

    model = ScriptedModel(play=play)  # type: ignore[arg-type]
    model.effect = "once"
    return model


async def test_the_card_says_what_was_sent_and_offers_the_choices(tmp_path: Path) -> None:
    async with desk(tmp_path, lossy()) as (at, courier):
        await typed(at, "/task post it")
        await parked(courier, 1)  # type: ignore[arg-type]
        shown = await said(at, "/show 1", width=200)
        (delivery,) = [d for d in courier.delivered if d.kind == "parked"]
        door = LocalDoor(at.swarm, at.actor, at.place, at.messages)
        reply = await door.outcome(delivery)
    told = render(reply, width=200, styled=False)
    for page in (shown, told):
        assert "and no answer is known; $0.0001 is counted for it." in page
        assert 'What was sent: {"n":1,"text":"post it"}' in page
        assert "--step repeat" in page
    (card,) = reply.parts
    assert isinstance(card, Card)
    commands = [button.command for button in card.buttons]
    assert commands[:2] == ["/resume 1 --step repeat --try 1", "/resume 1 --step fail --try 1"]


async def test_each_choice_is_a_line_and_is_told_by_why(tmp_path: Path) -> None:
    async with desk(tmp_path, lossy()) as (at, courier):
        await typed(at, "/task post it")
        await parked(courier, 1)  # type: ignore[arg-type]
        assert "made once more" in await said(at, "/resume 1 --step repeat --try 1")
        await parked(courier, 1, times=2)  # type: ignore[arg-type]
        assert "counts as not done" in await said(at, "/resume 1 --step fail")
        why = await said(at, "/why 1", width=300)
        shown = await said(at, "/show 1", width=300)
    assert "is made once more: so you decided" in why
    assert "counts as not done: so you decided" in why
    assert "outcome unknown, repeated by decision" in shown
    assert "you took it as not done" in shown


@pytest.mark.parametrize(
    "line",
    ["/resume --step repeat", "/resume all --step fail", "/resume 1 --try 2"],
)
async def test_a_decision_names_its_task_and_the_choice(tmp_path: Path, line: str) -> None:
    async with desk(tmp_path) as (at, _):
        with pytest.raises(errors.MissingArgument) as refused:
            await typed(at, line)
        assert "/resume 142 --step repeat" in at.messages.error(refused.value)


async def test_a_task_without_such_a_step_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, courier):
        await typed(at, "/task standup")
        await courier.ended(1)  # type: ignore[arg-type]
        with pytest.raises(errors.NothingToDecide) as refused:
            await run(at, "resume", {"what": 1, "step": "repeat"})
        assert "it is done" in at.messages.error(refused.value)
