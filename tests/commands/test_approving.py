"""Approvals as people meet them: the question, the plain yes, the list, the reasons."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.commands.desk import Desk
from bot.commands.programs import plain
from bot.render.discord import render as on_discord
from bot.render.outgoing import presses
from bot.render.terminal import render
from bot.reply import Buttons, Reply
from bot.running import run
from bot.surface import LocalDoor
from swarm_core import errors
from swarm_core.kernel.money import MicroUSD
from swarm_core.testing import ScriptedModel
from tests.approvals.test_prices import Fitting
from tests.commands.desks import desk, said, typed

DEAR = MicroUSD(420_000)


def dear() -> ScriptedModel:
    return ScriptedModel("dear", hold=DEAR)


def text(reply: Reply) -> str:
    return render(reply, width=400, styled=False)


def door_of(at: Desk) -> LocalDoor:
    return LocalDoor(at.swarm, at.actor, at.place, at.messages)


async def test_the_receipt_asks_with_price_worker_model_cap_and_both_answers(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, dear()) as (at, _):
        answer = await typed(at, "/task much --cap $1")
        shown, approval = text(answer.reply), answer.reply.asks
        listed = await said(at, "/approvals", width=200)
        card = await said(at, "/show 1", width=400)
    assert "#1 accepted, for dear." in shown
    for page in (shown, card):
        assert "Its first call, by dear with dear-1, may cost up to $0.42; " in page
        assert "the task in all never more than its cap of $1.00." in page
        assert f"`/approve {approval}` has it done, `/deny {approval}` ends it." in page
    assert str(approval) in listed
    assert "the price: dear with dear-1" in listed
    (buttons,) = [part for part in answer.reply.parts if isinstance(part, Buttons)]
    assert [b.command for b in buttons.buttons] == [f"/approve {approval}", f"/deny {approval}"]
    assert plain(answer.view).approval.id == approval


@pytest.mark.parametrize("word", ["y", "Yes", " YES "])
async def test_a_plain_yes_right_after_the_question_is_the_answer(
    tmp_path: Path, word: str
) -> None:
    async with desk(tmp_path, dear()) as (at, courier):
        door = door_of(at)
        await door.run("/task much --cap $1")
        shown = text(await door.run(word))
        await courier.ended(1)  # type: ignore[arg-type]
        why = await said(at, "/why 1", width=400)
    assert "#1 has its yes: dear-1, up to $0.42 for a call." in shown
    assert "A yes to its price was asked for: up to $0.42" in why
    assert "You said yes." in why


async def test_a_plain_no_ends_it_and_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path, dear()) as (at, _):
        door = door_of(at)
        await door.run("/task much --cap $1")
        reply = await door.run("n")
        ended = await said(at, "/show 1", width=200)
    assert "#1 is ended: denied" in text(reply)
    assert reply.ending == 1
    assert "#1 is ended. You said no." in ended


async def test_yes_to_nothing_is_a_line_like_any_other(tmp_path: Path) -> None:
    async with desk(tmp_path, dear(), confirm={"above": None}) as (at, _):
        shown = text(await door_of(at).run("yes"))
    assert "accepted" in shown


async def test_any_other_line_is_no_answer_and_ends_the_question(tmp_path: Path) -> None:
    async with desk(tmp_path, dear()) as (at, _):
        door = door_of(at)
        await door.run("/task much --cap $1")
        await door.run("/status")
        await door.run("yes")
        assert (await at.swarm.views.task(1)).task.state == "waiting"  # type: ignore[arg-type]


async def test_the_cheaper_one_is_offered_with_its_price_and_taken_by_one_letter(
    tmp_path: Path,
) -> None:
    costly, cheap = Fitting("costly", hold=DEAR), ScriptedModel("cheap", hold=MicroUSD(200_000))
    async with desk(tmp_path, costly, cheap) as (at, courier):
        door = door_of(at)
        shown = text(await door.run("/task much --cap $1"))
        taken = text(await door.run("c"))
        await courier.ended(1)  # type: ignore[arg-type]
        why = await said(at, "/why 1", width=400)
    assert "Cheaper: cheap-1, up to $0.20 for the first call" in shown
    assert "#1 has its yes: cheap-1, up to $0.20 for a call." in taken
    assert "You said yes to the cheaper one." in why
    assert (costly.answers, cheap.answers) == ({}, {1: 1})


async def test_a_reason_is_kept_with_the_no(tmp_path: Path) -> None:
    async with desk(tmp_path, dear()) as (at, _):
        answer = await typed(at, "/task much --cap $1")
        line = '--reason "ask the free one first"'
        await typed(at, f"/deny {answer.reply.asks} {line}")
        listed = await said(at, "/approvals --all", width=300)
        assert "Nothing waits for a decision." in await said(at, "/approvals")
        with pytest.raises(errors.AlreadyDecided) as caught:
            await typed(at, f"/approve {answer.reply.asks}")
        assert "is denied already" in at.messages.error(caught.value)
    assert "denied by you: ask the free one first" in listed


async def test_yes_given_with_the_request_needs_no_question(tmp_path: Path) -> None:
    async with desk(tmp_path, dear()) as (at, courier):
        first = await run(at, "task", {"text": "one", "cap": "$1", "yes": True})
        second = await typed(at, "/task two --cap $1 --max-cost 0.42")
        third = await typed(at, "/task three --cap $1 --max-cost 0.41")
        assert (first.reply.asks, second.reply.asks) == (None, None)
        assert third.reply.asks is not None
        await courier.ended(2)  # type: ignore[arg-type]
        assert "before it was asked" in await said(at, "/why 1", width=300)


async def test_the_reason_of_a_no_is_told_wherever_the_asker_looks(tmp_path: Path) -> None:
    async with desk(tmp_path, dear()) as (at, courier):
        answer = await typed(at, "/task much --cap $1")
        line = f'/deny {answer.reply.asks} --reason "ask the free one first"'
        pages = [await said(at, line, width=300)]
        await courier.ended(1)  # type: ignore[arg-type]
        (notice,) = [each for each in courier.delivered if each.kind == "ended"]
        pages.append(text(await door_of(at).outcome(notice)))
        pages += [await said(at, f"/{page} 1", width=300) for page in ("show", "why")]
        kept = await at.swarm.store.history(1)  # type: ignore[arg-type]
    assert ["ask the free one first" in page for page in pages] == [True] * 4
    assert "ask the free one" not in repr(kept), "what people say stands in texts alone"


@pytest.mark.parametrize(
    ("line", "asks"),
    [("/simulate much --cap 1", True), ("/simulate much --cap 0.2", False)],
)
async def test_a_simulation_tells_whose_yes_it_would_wait_for(
    tmp_path: Path, line: str, asks: bool
) -> None:
    async with desk(tmp_path, dear()) as (at, _):
        shown = await said(at, line, width=300)
    assert ("It would wait for your yes to that price" in shown) is asks


async def test_one_approval_in_full_is_the_exact_action_for_whom_and_until_when(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, dear()) as (at, _):
        asked = (await typed(at, "/task much --cap $1")).reply.asks
        answer = await typed(at, f"/approvals {asked}")
        (message,) = on_discord(answer.reply, at.messages)
        await typed(at, f"/deny {asked}")
        after = await typed(at, f"/approvals {asked}")
        with pytest.raises(errors.NotFound):
            await typed(at, "/approvals nothing")
    shown = text(answer.reply)
    assert "Spend up to $0.42 on this? [waits]" in shown
    assert (
        "Exactly this, and nothing else: dear does #1 as its words stand now, with dear-1; the "
        "first call for up to $0.42, all of it for up to $1.00." in shown
    )
    assert str(asked) not in repr(message.embeds), "ids are for the commands that are typed"
    assert "For: you" in shown
    assert f"Yes: /approve {asked}" in shown
    assert answer.reply.asks == asked
    assert message.embeds[0].fields[0].value == "waits"
    assert [press.label for press in presses(message)] == [
        *("Yes", "No", "No, because…", "More"),
    ]
    assert "denied by you" in text(after.reply)
    assert (after.reply.asks, "/approve" in text(after.reply)) == (None, False)
