"""Decisions on Discord: nothing runs without a yes of whoever may give it, to exactly what was
shown, once; and every card says what became of it, wherever that was decided."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from swarm_core.swarm import Swarm
from swarm_core.testing import ScriptedModel
from tests.discord.bench import Bench
from tests.discord.decisions import (
    MONEY,
    Later,
    asked,
    calm,
    dear,
    ids,
    made,
    pressed,
    shows,
    told,
    typed,
)
from tests.worlds import Noon, over


async def open_one(swarm: Swarm) -> str:
    (approval,) = await swarm.deciding.open_ones()
    return str(approval.id)


def on(at: Bench, *workers: Any, **more: Any) -> Any:
    return at.on_discord(*workers, budget=MONEY, **more)


async def test_the_card_says_all_there_is_to_know_and_a_yes_has_it_done_once(
    tmp_path: Path,
) -> None:
    model = dear()
    async with calm(tmp_path) as at, on(at, model) as swarm:
        card = await asked(at, at.ben, text="much")
        approval = await open_one(swarm)
        said = await pressed(at, card, at.ben, "Yes")
        await shows(at, "ok 1: much")
        after = await shows(at, "#1 much", "done")
        record = await at.hand.record()
    shown = told(card)
    assert "#1 accepted" in str(record), "said first; a card follows that leaves it out"
    for each in ("#1 much", "Exactly this", "$0.42", "dear-1", "Without a decision"):
        assert each in shown, each
    assert approval not in shown
    assert set(ids(card)) == {"Yes", "No", "No, because…", "More"}
    assert "has its yes" in told(said["message"])
    assert model.answers == {1: 1}
    assert "Yes" not in ids(after)


async def test_another_person_replayed_doubled_late_and_changed_presses_run_nothing_more(
    tmp_path: Path,
) -> None:
    model = dear()
    async with calm(tmp_path) as at, on(at, model) as swarm:
        card = await asked(at, at.ben, text="much")
        yes = ids(card)["Yes"]
        cleo = await at.hand.person("cleo", at.guild)
        refused = await pressed(at, card, cleo, "Yes")
        assert model.answers == {}
        # The id of another button, and one that is nobody's, as a changed client would send them.
        for wrong in (yes[:-1] + ("0" if yes[-1] != "0" else "1"), "0" * 32, "", "/approve x"):
            number = await at.hand.press(at.channel, card["id"], at.ben, wrong or "x", stale=True)
            assert "no longer" in told((await made(at, number))["message"])
        assert model.answers == {}
        twice = [await at.hand.press(at.channel, card["id"], at.ben, yes) for _ in range(2)]
        answers = [told((await made(at, each))["message"]) for each in twice]
        await shows(at, "ok 1: much")
        # The card has no button any more; somebody whose client still shows one presses it.
        button = {"type": 2, "style": 2, "label": "Yes", "custom_id": yes}
        post = at.fake.service.world.posts[at.channel][card["id"]]
        post.json["components"] = [{"type": 1, "components": [button]}]
        stale = await at.hand.press(at.channel, card["id"], at.ben, yes)
        late = told((await made(at, stale))["message"]) if stale else ""
        facts = await swarm.store.history(1)  # type: ignore[arg-type]
    assert refused["ephemeral"] is True
    assert "may not do" in told(refused["message"])
    assert sorted("has its yes" in each for each in answers) == [False, True]
    assert "approved already" in late
    assert [f.event.kind for f in facts].count("approval.decided") == 1
    assert model.answers == {1: 1}


async def test_two_approvers_at_once_are_one_decision(tmp_path: Path) -> None:
    model = dear()
    async with calm(tmp_path) as at, on(at, model) as swarm:
        card = await asked(at, at.ben, text="much")
        approval = await open_one(swarm)
        yes = asyncio.create_task(at.hand.press(at.channel, card["id"], at.ana, ids(card)["Yes"]))
        results = await asyncio.gather(
            typed(swarm, "deny", id=approval), yes, return_exceptions=True
        )
        answer = told((await made(at, str(results[1])))["message"])
        await over(swarm, 1)  # type: ignore[arg-type]
        decided = (await swarm.deciding.find(approval)).state
    won = decided == "approved"
    assert ("has its yes" in answer) is won
    assert isinstance(results[0], Exception) is won
    assert model.answers == ({1: 1} if won else {})


async def test_a_decision_at_the_terminal_changes_every_card_that_shows_it(
    tmp_path: Path,
) -> None:
    model = dear()
    async with calm(tmp_path) as at, on(at, model) as swarm:
        await asked(at, at.ben, text="much")
        approval = await open_one(swarm)
        second = await asked(at, at.ben, "approvals", id=approval)
        assert "Yes" in ids(second)
        await typed(swarm, "deny", id=approval, reason="too much")
        third = await shows(at, "denied by", "too much", of=second)
        live = await shows(at, "#1 much", "cancelled")
        while await swarm.posts.questions.all("discord"):
            await swarm.store.write(lambda tx: None)
    assert third["id"] == second["id"]
    assert (ids(third), "Yes" in ids(live)) == ({}, False)
    assert model.answers == {}


async def test_a_no_with_a_reason_is_filled_in_and_reaches_who_asked(tmp_path: Path) -> None:
    async with calm(tmp_path) as at, on(at, dear()):
        card = await asked(at, at.ben, text="much")
        opened = await at.hand.press(at.channel, card["id"], at.ben, ids(card)["No, because…"])
        form = (await made(at, opened))["modal"]
        sent = await at.hand.submit(opened, reason="ask the free one")
        said = told((await made(at, sent))["message"])
    assert form["title"] == "No, because…"
    assert "denied" in said
    assert "ask the free one" in said


async def test_a_form_lives_through_a_restart_and_is_its_fillers_alone(tmp_path: Path) -> None:
    async with calm(tmp_path) as at:
        async with on(at, dear()):
            card = await asked(at, at.ben, text="much")
            opened = await at.hand.press(at.channel, card["id"], at.ben, ids(card)["No, because…"])
            await made(at, opened)
        async with on(at, dear()) as swarm:
            sent = await at.hand.submit(opened, reason="no")
            said = told((await made(at, sent))["message"])
            state = (await swarm.views.task(1)).task.state  # type: ignore[arg-type]
    assert "denied" in said
    assert state == "cancelled"


async def test_a_yes_to_much_money_is_asked_for_twice(tmp_path: Path) -> None:
    model = dear(hold=1_200_000)
    async with calm(tmp_path) as at, on(at, model):
        card = await asked(at, at.ben, text="much")
        sure = await pressed(at, card, at.ben, "Yes")
        assert model.answers == {}
        number = await at.hand.press(
            at.channel, sure["message"]["id"], at.ben, ids(sure["message"])["Yes, that was meant"]
        )
        said = told((await made(at, number))["message"])
        await shows(at, "ok 1: much")
    assert sure["ephemeral"] is True
    assert "is that meant?" in told(sure["message"])
    assert "has its yes" in said
    assert model.answers == {1: 1}


async def test_hour_23_after_a_restart_from_the_terminal_runs_it_once_and_changes_the_card(
    tmp_path: Path,
) -> None:
    model = dear()
    async with calm(tmp_path) as at:
        async with on(at, model) as swarm:
            card = await asked(at, at.ben, text="much")
            approval = await open_one(swarm)
        async with on(at, model, clock=Later(23)) as swarm:
            await typed(swarm, "approve", id=approval)
            await shows(at, "ok 1: much")
            await shows(at, "#1 much", "done", of=card)
    assert model.answers == {1: 1}


async def test_at_hour_25_it_has_expired_nothing_ran_and_it_can_be_asked_again(
    tmp_path: Path,
) -> None:
    model = dear()
    async with calm(tmp_path) as at:
        async with on(at, model) as swarm:
            await asked(at, at.ben, text="much")
            approval = await open_one(swarm)
            shown = await asked(at, at.ben, "approvals", id=approval)
            yes = ids(shown)["Yes"]
        async with on(at, model, clock=Later(25)) as swarm:
            late = await shows(at, "expired, nothing ran", of=shown)
            post = at.fake.service.world.posts[at.channel][shown["id"]]
            now = post.json["components"]
            post.json["components"] = shown["components"]
            number = await at.hand.press(at.channel, shown["id"], at.ben, yes)
            refused = told((await made(at, number))["message"])
            post.json["components"] = now
            assert model.answers == {}
            await pressed(at, late, at.ben, "Ask again")
            again = await open_one(swarm)
            await typed(swarm, "approve", id=again)
            await shows(at, "ok 1: much")
    assert "expired before this decision" in refused
    assert again != approval
    assert model.answers == {1: 1}


async def test_a_reminder_is_a_card_that_can_be_decided_on(tmp_path: Path) -> None:
    model = ScriptedModel("dear", hold=dear().worker and 420_000)  # type: ignore[arg-type]
    async with calm(tmp_path) as at:
        async with on(at, model) as swarm:
            await asked(at, at.ben, text="much")
            approval = await open_one(swarm)
        async with on(at, model, clock=Later(21)) as swarm:
            reminder = await shows(at, f"<@{at.ben}>", "Spend up to $0.42 on this?")
            await typed(swarm, "deny", id=approval)
            after = await shows(at, "denied by", of=reminder)
    assert "Yes" in ids(reminder)
    assert (after["id"], ids(after)) == (reminder["id"], {})


async def test_a_raise_is_decided_by_another_and_nobody_approves_their_own(
    tmp_path: Path,
) -> None:
    async with calm(tmp_path) as at, on(at, dear(), clock=Noon()) as swarm:
        await at.promote(swarm, at.ben, "approver")
        await asked(at, at.ben, "budget", what="raise", which="day", amount="1")
        approval = await open_one(swarm)
        card = await shows(at, "$1.00 more for the day", "Exactly this")
        own = await pressed(at, card, at.ben, "Yes")
        assert (await swarm.deciding.find(approval)).state == "open"
        done = await pressed(at, card, at.ana, "Yes")
        if done["ephemeral"]:
            number = await at.hand.press(
                at.channel,
                done["message"]["id"],
                at.ana,
                ids(done["message"])["Yes, that was meant"],
            )
            await made(at, number)
        after = await shows(at, "approved by", of=card)
        told_back = await shows(at, f"<@{at.ben}>", "Approved by")
    assert "may not do" in told(own["message"]) or own["ephemeral"]
    assert after["id"] == card["id"]
    assert told_back["id"] != card["id"]
