"""People say where they are told of what; a failure and a decision reach them in any case."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.messages import Messages
from swarm_core.kernel.actor import SORTS, Place, direct
from swarm_core.kernel.errors import (
    AlwaysTold,
    MissingArgument,
    NoAccountThere,
    NotAllowed,
    OwnersNotices,
)
from swarm_core.kernel.ids import TaskId
from swarm_core.people import TERMINAL
from tests.notices.nights import CHAT, HERE, HOUR, Night, night, said
from tests.worlds import virtual

ANA = direct(CHAT, "7")


@virtual
async def test_an_end_is_told_where_it_was_asked_until_somebody_wishes_it_elsewhere(
    tmp_path: Path,
) -> None:
    async with night(tmp_path) as here:
        ana = await here.operator()
        first = await here.asks(ana, "one")
        await here.until(hour=13)
        text = await said(ana, "/notify ended dm")
        assert "your direct messages" in text
        done, failed = await here.asks(ana, "two"), await here.asks(ana, "three fail")
        await here.until(hour=14)
        assert dict(here.got()) == {first: HERE, done: ANA, failed: HERE}
        await said(ana, "/notify ended default")
        last = await here.asks(ana, "four")
        await here.until(hour=15)
        assert dict(here.got())[last] == HERE


@virtual
async def test_one_surface_is_wished_from_another_and_one_wish_is_not_anothers(
    tmp_path: Path,
) -> None:
    async with night(tmp_path) as here:
        ana, ben = await here.operator("7"), await here.operator("8")
        await said(ana, f"/notify failed {CHAT}")
        failed, other = await here.asks(ana, "one fail"), await here.asks(ben, "two fail")
        await here.until(hour=13)
        assert dict(here.got()) == {failed: ANA, other: HERE}


@virtual
async def test_in_direct_messages_the_answer_stays_in_the_conversation(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        await here.operator()
        alone = await here.at("7", "dm")
        await said(alone, "/notify ended dm")
        task = await here.asks(alone, "one")
        await here.until(hour=13)
        assert here.got() == [(task, alone.place)]


@virtual
async def test_what_is_wished_quiet_stands_in_the_list_and_is_sent_nowhere(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await here.operator()
        await said(ana, "/notify ended quiet")
        await here.asks(ana, "one")
        await here.until(hour=13)
        assert here.got() == []
        listed = await said(ana, "/notifications")
        assert "the end of #1" in listed
        assert "only listed here" in listed
        assert "Everything was delivered" in await said(here.owner, "/outbox")
        # It was shown nowhere, so it can be.
        shared = await here.swarm.sharing.share(ana.actor, TaskId(1), HERE, post=True)
        assert shared.done
        await here.until(hour=14)
        assert here.got() == [(1, HERE)]


@virtual
async def test_a_question_is_answered_whatever_is_wished_of_ends(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await here.operator()
        await said(ana, "/notify ended quiet")
        task = await here.asks(ana, "one", "ask")
        await here.until(hour=13)
        assert here.got() == [(task, HERE)]


@virtual
async def test_failures_and_decisions_cannot_be_silenced_and_ends_not_switched_off(
    tmp_path: Path,
) -> None:
    async with night(tmp_path) as here:
        ana = await here.operator()
        for line in (
            *("/notify failed off", "/notify failed quiet"),
            *("/notify asked off", "/notify asked quiet", "/notify ended off"),
        ):
            with pytest.raises(AlwaysTold) as caught:
                await said(ana, line)
            sentence = Messages.load(strict=True).error(caught.value)
            assert "without knowing" in sentence
            assert "dm" in sentence
        for line in ("/notify parked off", "/notify decided quiet", "/notify undelivered off"):
            await said(ana, line)


@virtual
async def test_who_has_no_account_there_is_told_what_there_is(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await here.operator()
        with pytest.raises(NoAccountThere) as caught:
            await said(ana, "/notify ended pigeon")
        assert caught.value.data["known"] == ["here", "dm", CHAT, "quiet"]
        with pytest.raises(NoAccountThere):  # the owner is known at this machine alone
            await said(here.owner, "/notify ended dm")
        with pytest.raises(MissingArgument):
            await said(ana, "/notify ended")


@virtual
async def test_money_is_the_owners_to_be_told_of(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await here.operator()
        with pytest.raises(OwnersNotices):
            await said(ana, "/notify money off")
        assert "money" not in await said(ana, "/notify")
        await said(here.owner, "/notify money off")


@virtual
async def test_the_table_shows_what_holds_and_what_may_be_said(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        table = await said(here.owner, "/notify")
        assert all(sort in table for sort in SORTS)
        ana = await here.operator()
        await said(ana, "/notify parked off")
        table = await said(ana, "/notify")
        assert "nowhere" in table
        assert "22:00-08:00" in table
        assert "08:30" in table


@virtual
async def test_wishes_are_facts_and_a_replay_gives_the_same(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await here.operator()
        await said(ana, "/notify ended dm")
        await here.asks(ana, "one")
        await said(ana, "/me zone Pacific/Auckland")
        await here.asks(ana, f"work {HOUR * 2}")  # it ends there in the night
        await here.until(hour=15)
        await said(ana, "/notify ended quiet")
        await here.asks(ana, "two")
        await here.until(hour=16)
        await said(ana, "/me quiet none")
        report = await here.swarm.store.verify()
    assert report.ok, report.findings


@virtual
async def test_somebody_who_was_forgotten_is_told_where_they_ask(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await here.operator()
        await said(ana, "/notify ended dm")
        await said(here.owner, "/people forget 2 --yes")
        task = await here.asks(await here.operator(), "one")
        await here.until(hour=14)
        assert here.got() == [(task, HERE)]


@virtual
async def test_the_list_is_ones_own_and_holds_fifty(tmp_path: Path) -> None:
    async with night(tmp_path, people={"requests": None}) as here:
        ana, ben = await here.operator("7"), await here.operator("8")
        for n in range(52):
            await here.asks(ana, f"number {n}")
        await here.asks(ben, "other")
        await here.until(hour=13)
        mine = await here.swarm.mine.last(ana.actor)
        assert len(mine) == 50
        assert mine[0].notice > mine[-1].notice
        assert {each.state for each in mine} == {"sent"}
        assert len(await here.swarm.mine.last(ben.actor)) == 1
        stranger = await here.at("9")
        with pytest.raises(NotAllowed):
            await said(stranger, "/notifications")


async def asked_for_a_raise(here: Night) -> None:
    ana = await here.operator("7")
    await said(ana, "/budget raise day 1")


@virtual
async def test_an_approver_who_wishes_it_is_told_directly_and_once(tmp_path: Path) -> None:
    async with night(tmp_path, approvals={"reminder": "2h"}) as here:
        approver, idle = await here.operator("8", "approver"), await here.operator("9", "approver")
        member = await here.operator("6")
        await said(approver, "/notify asked dm")
        await said(member, "/notify asked dm")
        assert "where it was asked" in await said(idle, "/notify")
        await asked_for_a_raise(here)
        await here.until(hour=13)
        asked = {place for _, place in here.got("asked")}
        assert asked == {HERE, TERMINAL, direct(CHAT, "8")}
        assert len(here.got("asked")) == 3
        await here.until(hour=15)  # they were reminded meanwhile
        assert len(here.got("asked")) == 6
        listed = await said(approver, "/notifications")
        assert listed.count("a question about more money") == 2


@virtual
async def test_who_asks_for_a_raise_is_not_asked_to_decide_on_it(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        approver = await here.operator("7", "approver")
        await here.operator("7")
        await said(approver, "/notify asked dm")
        await asked_for_a_raise(here)
        await here.until(hour=13)
        assert {place for _, place in here.got("asked")} == {HERE, TERMINAL}


def test_a_place_of_direct_messages_names_the_account() -> None:
    assert ANA.account == "7"
    assert Place(surface=CHAT, space="dm", thread="42").account == ""
    assert HERE.account == ""
