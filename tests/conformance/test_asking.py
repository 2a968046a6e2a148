"""Something is asked: the receipt, the card, the answer, and what follows."""

from __future__ import annotations

from pathlib import Path

from swarm_core.kernel.ids import TaskId
from tests.conformance.hands import LIVE, Surface
from tests.conformance.surfaces import on
from tests.conformance.workers import Slow, echo, never
from tests.worlds import Custom, over

ONE, TWO = TaskId(1), TaskId(2)


@on()
async def test_a_command_is_answered_by_its_number_and_then_by_a_message_of_its_own(
    surface: Surface, tmp_path: Path
) -> None:
    slow = Slow()
    async with surface(tmp_path) as at, at.opened(Custom(slow)) as ana:
        await ana.command("/ask how are you?")
        receipt = await ana.sees("#1 accepted")
        slow.gate.open()
        answer = await ana.sees("You said: how are you?")
        await ana.sees("#1 is done")
    assert "You said" not in receipt.text
    assert answer.id != receipt.id
    assert answer.pings


@on()
async def test_what_is_said_is_asked(surface: Surface, tmp_path: Path) -> None:
    async with surface(tmp_path) as at, at.opened(Custom(echo)) as ana:
        await ana.say("how are you?")
        await ana.sees("#1 accepted")
        await ana.sees("You said: how are you?")
        await ana.directly.say("and now?")
        await ana.sees("#2 accepted")
        await ana.sees("You said: and now?")


@on()
async def test_a_slip_of_the_finger_is_asked_back_and_costs_nothing(
    surface: Surface, tmp_path: Path
) -> None:
    async with surface(tmp_path) as at, at.opened(Custom(never)) as ana:
        await ana.typed("/aks how are you")
        await ana.sees("no command aks", "ask or task", "Nothing was done")
        await ana.typed("/ask how are you --modle small")
        await ana.sees("no option", "modle", "--model", "Nothing was done")
        assert not await ana.swarm.views.listing()


@on("posts", "buttons")
async def test_a_card_is_edited_in_its_place_and_has_three_buttons_and_more(
    surface: Surface, tmp_path: Path
) -> None:
    slow = Slow()
    async with surface(tmp_path) as at, at.opened(Custom(slow)) as ana:
        await ana.command("/task something long")
        receipt = await ana.sees("#1 accepted")
        card = await ana.becomes(receipt, "something long", "running")
        slow.gate.open()
        ended = await ana.becomes(card, "something long", "done")
        await ana.sees("You said: something long")
    for each in (card, ended):
        assert len([label for label in each.buttons if label != "More"]) <= 3, each.buttons
    assert "Cancel" in card.buttons
    assert "Cancel" not in ended.buttons


@on()
async def test_a_card_says_what_runs(surface: Surface, tmp_path: Path) -> None:
    slow = Slow()
    async with surface(tmp_path) as at, at.opened(Custom(slow)) as ana:
        await ana.command("/task something long")
        await ana.sees("#1 something long", "running", "custom")
        slow.gate.open()
        await ana.sees("You said: something long")


@on()
async def test_a_task_is_cancelled_and_that_is_said(surface: Surface, tmp_path: Path) -> None:
    slow = Slow()
    async with surface(tmp_path) as at, at.opened(Custom(slow)) as ana:
        await ana.command("/task something long")
        card = await ana.sees("#1 something long", "running")
        await ana.press(card, "Cancel")
        await ana.sees("#1 was cancelled")
        await over(ana.swarm, ONE)
        task = (await ana.swarm.views.task(ONE)).task
    assert task.state == "cancelled"


@on("posts")
async def test_what_costs_can_be_undone_before_it_begins(surface: Surface, tmp_path: Path) -> None:
    async with surface(tmp_path) as at, at.opened(Custom(never), chat={"undo": "10m"}) as ana:
        await ana.command("/task something dear")
        receipt = await ana.sees("#1 accepted", "can be undone")
        await ana.press(receipt, "Undo")
        await over(ana.swarm, ONE)
        task = (await ana.swarm.views.task(ONE)).task
    assert (task.state, task.cost, task.attempts) == ("cancelled", 0, 0)


@on()
async def test_a_restart_loses_nothing(surface: Surface, tmp_path: Path) -> None:
    slow = Slow()
    async with surface(tmp_path) as at:
        async with at.opened(Custom(slow)) as ana:
            await ana.command("/task something long")
            await ana.sees("#1 accepted")
            await slow.gate.reached.wait()
        after = Slow()
        async with at.opened(Custom(after)) as ana:
            await after.gate.reached.wait()
            await ana.sees("#1 something long", "running")
            after.gate.open()
            await ana.sees("You said: something long")
            answers = [e for e in await ana.standing() if "You said: something" in e.text]
    assert len([each for each in answers if each.id != LIVE]) == 1
