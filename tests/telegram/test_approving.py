"""Decisions on Telegram: nothing runs without a yes of whoever may give it, to exactly what was
shown, once, whoever presses what, where, when and how often."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from swarm_core.swarm import Swarm
from swarm_core.testing import ScriptedModel
from tests.discord.decisions import MONEY, Later, dear, typed
from tests.fakes.telegram.client import PATIENCE
from tests.telegram.bench import Bench, bench
from tests.worlds import over

MANY = {"requests": None}


def on(at: Bench, model: ScriptedModel, **more: Any) -> Any:
    return at.on_telegram(model, budget=MONEY, people=MANY, **more)


def buttons(message: dict[str, Any]) -> dict[str, str]:
    """What is behind each button, by its words."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", ())
    return {each["text"]: each.get("callback_data", "") for row in rows for each in row}


async def a_card(at: Bench) -> dict[str, Any]:
    """Ben asks for something dear in the group, and is asked back."""
    await at.hand.say(at.group, at.ana, "@waggle_bot /help")
    await at.said(at.ana, "Say what you want done")
    await at.hand.say(at.group, at.ben, "@waggle_bot much")
    return await asked(at)


async def asked(at: Bench, since: int = 0) -> dict[str, Any]:
    return await at.said(at.group, "Exactly this", since=since)


async def pressed(
    at: Bench, card: dict[str, Any], who: int, data: str, words: str = "", *, chat: int = 0
) -> None:
    """Somebody presses, on a client that may still show what is gone, and reads these words: as the
    answer to the press or, where the machine was slow, as a message."""
    since = await at.hand.now()
    where = chat or card["chat"]["id"]
    press = await at.hand.press(where, card["message_id"], who, data, stale=True)
    answer = str((await at.hand.answered(press))["text"])
    if answer:
        assert words in answer
        return
    while words:
        found = await at.hand.record(since, wait=PATIENCE)
        assert found, f"nobody says {words}"
        since += len(found)
        sent = [str(one["json"].get("text")) for one in found if one["kind"] == "send"]
        if any(words in text for text in sent):
            return


async def decided(swarm: Swarm) -> int:
    facts = await swarm.store.history(1)  # type: ignore[arg-type]
    return [fact.event.kind for fact in facts].count("approval.decided")


async def test_a_yes_of_the_asker_has_it_done_once_and_the_card_says_so(tmp_path: Path) -> None:
    model = dear()
    async with bench(tmp_path) as at, on(at, model) as swarm:
        card = await a_card(at)
        assert {"Yes", "No"} <= set(buttons(card))
        await pressed(at, card, at.ben, buttons(card)["Yes"], "has its yes")
        await at.said(at.group, "ok 1: much")
        assert await decided(swarm) == 1
    assert model.answers == {1: 1}


async def test_other_people_changed_data_and_other_chats_decide_nothing(tmp_path: Path) -> None:
    model = dear()
    async with bench(tmp_path) as at, on(at, model) as swarm:
        card = await a_card(at)
        yes = buttons(card)["Yes"]
        cleo = await at.hand.private("cleo")
        await at.hand.join(at.group, cleo)
        elsewhere = await at.hand.supergroup("elsewhere", at.ben)
        last = "0" if yes[-1] != "0" else "1"
        await pressed(at, card, cleo, yes, "may not do")
        for data in (yes[:-1] + last, yes + "0", yes.swapcase() + "x", "0" * 32, "/approve"):
            await pressed(at, card, at.ben, data, "works no longer")
        # The same data below a message of another chat: his own with the bot, and a group of his.
        await pressed(at, card, at.ben, yes, "works no longer", chat=at.ben)
        await pressed(at, card, at.ben, yes, "may not do", chat=elsewhere)
        assert await decided(swarm) == 0
        assert model.answers == {}
        assert (await swarm.views.task(1)).task.state == "waiting"  # type: ignore[arg-type]
        # And his own press does it all the same.
        await pressed(at, card, at.ben, yes, "has its yes")
        await at.said(at.group, "ok 1: much")
    assert model.answers == {1: 1}


async def test_a_double_press_a_replay_and_a_stale_card_are_one_decision(tmp_path: Path) -> None:
    model = dear()
    async with bench(tmp_path) as at, on(at, model) as swarm:
        card = await a_card(at)
        yes, no = buttons(card)["Yes"], buttons(card)["No"]
        chat, message = at.group, card["message_id"]
        presses = [
            await at.hand.press(chat, message, at.ben, data, stale=True)
            for data in (yes, yes, no, yes)
        ]
        for each in presses:
            await at.hand.answered(each)
        await at.said(at.group, "ok 1: much")
        await pressed(at, card, at.ben, yes, "approved already")
        assert await decided(swarm) == 1
    assert model.answers == {1: 1}


async def test_two_who_may_decide_at_once_are_one_decision(tmp_path: Path) -> None:
    model = dear()
    async with bench(tmp_path) as at, on(at, model) as swarm:
        card = await a_card(at)
        (approval,) = await swarm.deciding.open_ones()
        press = at.hand.press(at.group, card["message_id"], at.ana, "Yes")
        results = await asyncio.gather(
            typed(swarm, "deny", id=approval.id), press, return_exceptions=True
        )
        await at.hand.answered(str(results[1]))
        await over(swarm, 1)  # type: ignore[arg-type]
        won = (await swarm.deciding.find(str(approval.id))).state == "approved"
        assert await decided(swarm) == 1
    assert isinstance(results[0], Exception) is won
    assert model.answers == ({1: 1} if won else {})


async def test_a_button_lives_through_a_restart_and_not_through_its_time(tmp_path: Path) -> None:
    model = dear()
    async with bench(tmp_path) as at:
        async with on(at, model):
            card = await a_card(at)
        yes = buttons(card)["Yes"]
        async with on(at, model, clock=Later(25)) as swarm:
            await at.said(at.group, "Nobody decided in time")
            await pressed(at, card, at.ben, yes, "expired")
            assert await decided(swarm) == 0
    assert model.answers == {}


async def test_a_press_after_a_restart_counts_once(tmp_path: Path) -> None:
    model = dear()
    async with bench(tmp_path) as at:
        async with on(at, model):
            card = await a_card(at)
        # While nobody is there; the client goes on showing the button.
        for _ in range(2):
            press = await at.hand.press(at.group, card["message_id"], at.ben, "Yes")
        async with on(at, model) as swarm:
            await at.hand.answered(press)
            await at.said(at.group, "ok 1: much")
            assert await decided(swarm) == 1
    assert model.answers == {1: 1}


async def test_what_was_corrected_after_the_card_was_shown_is_not_what_the_yes_was_for(
    tmp_path: Path,
) -> None:
    model = dear()
    async with bench(tmp_path) as at, on(at, model) as swarm:
        card = await a_card(at)
        asked_by = card["reply_to_message"]["message_id"]
        since = await at.hand.now()
        await at.hand.edit(at.group, asked_by, "@waggle_bot much more")
        # Not the first card, which may be drawn once more meanwhile.
        anew = await at.said(at.group, "Task: #1 much more", since=since)
        await pressed(at, card, at.ben, buttons(card)["Yes"])
        assert model.answers == {}
        await pressed(at, anew, at.ben, buttons(anew)["Yes"])
        await at.said(at.group, "ok 1: much more")
        assert (await swarm.views.task(1)).task.state == "done"  # type: ignore[arg-type]
    assert model.answers == {1: 1}


async def test_a_yes_that_cannot_be_answered_counts_once_and_is_told_in_a_message(
    tmp_path: Path,
) -> None:
    model = dear()
    async with bench(tmp_path) as at, on(at, model) as swarm:
        card = await a_card(at)
        since = await at.hand.now()
        await at.hand.fault("status", method="answerCallbackQuery", status=500, description="no")
        await at.hand.press(at.group, card["message_id"], at.ben, "Yes")
        told = await at.said(at.group, "has its yes", since=since)
        await at.said(at.group, "ok 1: much", since=since)
        assert await decided(swarm) == 1
        said = [one.get("text", "") for one in await at.hand.screen(at.group)]
    assert told["reply_to_message"]["message_id"] == card["message_id"]
    assert not [text for text in said if "interrupted" in text]
    assert model.answers == {1: 1}


async def test_a_question_whose_reply_is_not_taken_comes_as_a_notice(tmp_path: Path) -> None:
    model = dear()
    async with bench(tmp_path) as at, on(at, model) as swarm:
        await at.hand.say(at.group, at.ana, "@waggle_bot /help")
        await at.said(at.ana, "Say what you want done")
        lost = {"method": "sendMessage", "chat": at.group, "count": 1}
        await at.hand.fault("status", status=409, description="Conflict: later", **lost)
        await at.hand.say(at.group, at.ben, "@waggle_bot much")
        card = await asked(at)
        await pressed(at, card, at.ben, buttons(card)["Yes"], "has its yes")
        await at.said(at.group, "ok 1: much")
        assert await decided(swarm) == 1
    assert model.answers == {1: 1}
