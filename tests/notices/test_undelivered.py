"""What may not have reached a chat is told and can be sent again, by whom it concerns; and a chat
that is away is waited for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.errors import (
    AnswerLost,
    NotAllowed,
    NotFound,
    NotInDoubt,
    SurfaceAway,
    SurfaceRefused,
)
from swarm_core.kernel.ids import NoticeId, TaskId
from swarm_core.notices.events import NoticeQueued
from swarm_core.people import TERMINAL
from swarm_core.store import Tx
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import Request
from swarm_core.testing import OWNER, MemoryCourier, ScriptedModel
from tests.notices.test_outbox import Failing, notices
from tests.worlds import in_virtual_time, over, virtual

THERE = Place(surface="discord", space="10", thread="7")
BEN = Actor(surface="discord", space="10", person="2", roles=frozenset({"member"}))
CLEO = Actor(surface="discord", space="10", person="3", roles=frozenset({"member"}))
OP = Actor(surface="discord", space="10", person="4", roles=frozenset({"operator"}))
FAR = Actor(surface="discord", space="11", person="5", roles=frozenset({"operator"}))
DAY = 86_400


async def asked_by_ben(swarm: Swarm) -> TaskId:
    receipt = await swarm.intake.submit(BEN, Request(text="much", kind="ask", place=THERE))
    swarm.outbox.replied(receipt.task)
    await over(swarm, receipt.task)
    return receipt.task


async def decision(swarm: Swarm, task: TaskId) -> NoticeId:
    """A notice that is never sent again by itself."""

    def queue(tx: Tx) -> NoticeId:
        notice = NoticeId(tx.next_id("notices"))
        fact = NoticeQueued(
            notice=notice, notice_kind="reminder", delivery_class="decision", place=THERE
        )
        tx.append(fact, OWNER, task=task)
        return notice

    return await swarm.store.write(queue)


@virtual
async def test_a_surface_that_is_away_for_a_week_loses_nothing(tmp_path: Path) -> None:
    away = [SurfaceAway(surface="Discord", problem="down") for _ in range(6_000)]
    failing = Failing(*away)
    async with in_virtual_time(tmp_path, ScriptedModel()) as swarm:
        await swarm.outbox.attach("discord", failing.courier)
        await asked_by_ben(swarm)
        await asyncio.sleep(7 * DAY)
        assert await notices(swarm) == [("ended", "pending")]
        failing._errors.clear()
        await swarm.outbox.again("discord")
        await asyncio.sleep(1)
        await swarm.store.write(lambda tx: None)
        assert await notices(swarm) == [("ended", "sent")]
    assert not any(repeat for _, repeat in failing.tries)


@virtual
async def test_what_is_uncertain_is_told_there_and_sent_again_once_by_whom_it_concerns(
    tmp_path: Path,
) -> None:
    failing = Failing()
    async with in_virtual_time(tmp_path, ScriptedModel()) as swarm:
        await swarm.outbox.attach("discord", failing.courier)
        task = await asked_by_ben(swarm)
        await asyncio.sleep(1)
        failing._errors.append(AnswerLost(what="Discord", problem="cut"))
        notice = await decision(swarm, task)
        await asyncio.sleep(DAY)
        assert (await notices(swarm))[1:] == [("reminder", "uncertain"), ("undelivered", "sent")]
        told = failing.courier.delivered[-1]
        assert (told.kind, told.place, told.about) == ("undelivered", THERE, {"notice": notice})
        with pytest.raises(NotAllowed):
            await swarm.sharing.send_again(CLEO, notice)
        with pytest.raises(NotFound):
            await swarm.sharing.send_again(FAR, notice)
        sent = await swarm.sharing.send_again(BEN, notice)
        assert (sent.notice, sent.state) == (notice, "uncertain")
        for actor in (BEN, OP):
            with pytest.raises(NotInDoubt):
                await swarm.sharing.send_again(actor, notice)
        await asyncio.sleep(1)
        assert (await notices(swarm))[1] == ("reminder", "superseded")
        assert (await notices(swarm))[-1] == ("reminder", "sent")


@virtual
async def test_what_cannot_be_delivered_is_told_to_the_owner(tmp_path: Path) -> None:
    owner = MemoryCourier()
    failing = Failing(SurfaceRefused(surface="Discord", problem="gone"))
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=owner) as swarm:
        await swarm.outbox.attach("discord", failing.courier)
        await asked_by_ben(swarm)
        await asyncio.sleep(DAY)
        assert await notices(swarm) == [("ended", "failed"), ("undelivered", "sent")]
        found = await swarm.sharing.one(NoticeId(1))
        assert found is not None
        assert found.state == "failed"
    assert [(d.kind, d.place) for d in owner.delivered] == [("undelivered", TERMINAL)]


@virtual
async def test_what_was_found_after_all_is_settled_and_nobody_can_send_it_again(
    tmp_path: Path,
) -> None:
    failing = Failing(AnswerLost(what="Discord", problem="cut"))
    async with in_virtual_time(tmp_path, ScriptedModel()) as swarm:
        task = await asked_by_ben(swarm)
        await swarm.outbox.attach("discord", failing.courier)
        await asyncio.sleep(100)
        failing._errors.append(AnswerLost(what="Discord", problem="cut"))
        notice = await decision(swarm, task)
        await asyncio.sleep(100)
        await swarm.sharing.arrived(notice, "77")
        await swarm.sharing.arrived(notice, "78")
        assert await swarm.sharing.one(notice) is None
        with pytest.raises(NotInDoubt):
            await swarm.sharing.send_again(OWNER, notice)
        row = await swarm.store.read(
            lambda rows: rows.execute(
                "select state, message from notices where id = ?", (notice,)
            ).fetchone()
        )
    assert tuple(row) == ("sent", "77")
