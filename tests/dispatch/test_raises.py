"""A raise of a cap is an approval: bound to one action, decided once, in time, by another person
than it serves, whatever the place they sit at."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from bot.answers.raises import decided
from bot.commands import views
from bot.commands.desk import Desk
from bot.render.terminal import render
from bot.running import words
from bot.surface import LocalDoor
from swarm_core.approvals import Approval
from swarm_core.kernel.actor import ADMIN, APPROVER, MEMBER, SWARM, Actor, Place
from swarm_core.kernel.actor import OWNER as OWNER_ROLE
from swarm_core.kernel.errors import (
    AlreadyDecided,
    AlreadyEnded,
    NotAllowed,
    OtherAction,
    RaiseLimit,
    TooLate,
)
from swarm_core.kernel.ids import NO_TASK, TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import TaskState
from swarm_core.testing import OWNER, FakeClock, LoopClock, MemoryCourier, ScriptedModel, request
from tests.commands.desks import desk, said, typed
from tests.worlds import UNSHARED, ask, awake, in_virtual_time, parked, virtual

DISCORD = Place(surface="discord", space="1")
BUDGET = {"day": 120, **UNSHARED}


def person(number: int, *roles: str) -> Actor:
    return Actor(surface="discord", space="1", person=str(number), roles=frozenset(roles))


ANA, BEN = person(1, ADMIN), person(2, ADMIN)
MIA, PAT = person(3, MEMBER), person(4, APPROVER)


def at_desk(at: Desk, actor: Actor) -> Desk:
    """The same swarm, with another person at another place."""
    return Desk(swarm=at.swarm, actor=actor, place=DISCORD, messages=at.messages)


def usd(amount: int) -> MicroUSD:
    return MicroUSD(amount)


async def task_of(swarm: Swarm, actor: Actor, text: str, **fields: object) -> TaskId:
    """A task of theirs: nobody but an owner may ask for one yet, so they come as one."""
    asker = msgspec.structs.replace(actor, roles=frozenset({OWNER_ROLE}))
    return (await swarm.intake.submit(asker, request(text, **fields))).task


async def cap(swarm: Swarm) -> int | None:
    return (await swarm.views.money(OWNER.key))[2].cap


async def of(swarm: Swarm, approval: str) -> Approval:
    return await swarm.deciding.find(approval)


async def refused(swarm: Swarm) -> list[str]:
    rows = await swarm.store.read(
        lambda r: r.execute(
            "select payload from journal where kind = 'approval.refused' order by seq"
        ).fetchall()
    )
    return [msgspec.json.decode(row[0])["why"] for row in rows]


async def raises_of(swarm: Swarm) -> int:
    found = await swarm.store.read(
        lambda r: r.execute(
            "select count(*) from journal where kind = 'budget.cap_raised'"
        ).fetchone()
    )
    return int(found[0])


async def asked(at: Desk, actor: Actor, line: str = "/budget raise day 0.5") -> Approval:
    """What somebody asked for, who may not do it alone."""
    view = (await typed(at_desk(at, actor), line)).view
    assert isinstance(view, views.CapRaised)
    assert view.raised.approval.state == "open"
    return view.raised.approval


async def test_what_the_owner_raises_is_asked_and_decided_in_one_commit(tmp_path: Path) -> None:
    async with desk(tmp_path, clock=FakeClock(), budget=BUDGET) as (at, courier):
        assert "until midnight" in await said(at, "/budget raise day 1")
        (approval,) = await at.swarm.deciding.latest()
        seqs = await at.swarm.store.read(
            lambda r: r.execute(
                "select kind, at from journal where kind like 'approval.%' or kind like"
                " 'budget.cap_raised' order by seq"
            ).fetchall()
        )
        assert (await at.swarm.store.verify()).ok
        listed = await said(at, "/approvals --all", width=200)
    assert [kind for kind, _ in seqs] == [
        "approval.asked",
        "approval.decided",
        "budget.cap_raised",
    ]
    assert (approval.kind, approval.state, approval.task) == ("raise", "approved", NO_TASK)
    assert (approval.asker, approval.decided_by) == (OWNER.key, OWNER.key)
    assert approval.action == {
        "kind": "raise",
        "account": "day/2026-01-01",
        "amount": 1_000_000,
        "until": 1_767_312_000_000_000,
    }
    assert "$1.00 more for the day 2026-01-01" in listed
    assert courier.delivered == []  # the reply has told it


async def test_an_admin_raises_what_is_nobodys_and_no_task_of_their_own(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel(), clock=FakeClock(), budget=BUDGET) as (at, _):
        assert "Raised by $0.50" in await said(at_desk(at, ANA), "/budget raise day 0.5")
        task = await task_of(at.swarm, ANA, "dear", cap=usd(60))
        own = await asked(at, ANA, f"/budget raise {task} 0.001")
        with pytest.raises(NotAllowed) as caught:
            await typed(at_desk(at, ANA), f"/approve {own.id}")
        assert caught.value.data["rule"] == "nobody-approves-their-own-raise"
        assert (await of(at.swarm, own.id)).state == "open"


@pytest.mark.parametrize("who", [MIA, PAT], ids=["a member", "an approver"])
async def test_anybody_elses_raise_waits_and_is_not_their_own_to_approve(
    tmp_path: Path, who: Actor
) -> None:
    courier = MemoryCourier()
    async with desk(tmp_path, clock=FakeClock(), budget=BUDGET) as (at, owners):
        await at.swarm.outbox.attach("discord", courier)
        approval = await asked(at, who)
        assert await cap(at.swarm) == 120
        with pytest.raises(NotAllowed):
            await typed(at_desk(at, who), f"/approve {approval.id}")
        with pytest.raises(NotAllowed):
            await typed(at_desk(at, who), f"/deny {approval.id}")
        for told in (owners, courier):
            await told.until(lambda all_: [d.kind for d in all_] == ["asked"])
        (notice,) = owners.delivered
        door = LocalDoor(at.swarm, OWNER, at.place, at.messages)
        shown = render(await door.outcome(notice), width=300, styled=False)
        assert f"{who.key} asks for $0.50 more for the day 2026-01-01." in shown
        assert f"/approve {approval.id}" in shown
        await door.run("y")  # right after the question
        await courier.until(lambda all_: [d.kind for d in all_] == ["asked", "decided"])
        assert await cap(at.swarm) == 500_120


async def test_a_member_asks_for_no_more_of_what_is_anothers(tmp_path: Path) -> None:
    async with desk(tmp_path, clock=FakeClock()) as (at, _):
        task = (await ask(at.swarm, "dear", cap=usd(60))).task
        with pytest.raises(NotAllowed):
            await typed(at_desk(at, MIA), f"/budget raise {task} 0.001")
        with pytest.raises(NotAllowed):
            await typed(at_desk(at, MIA), "/budget set day 100")
        for line in ("/budget people", "/budget people raise", "/config set budget.day 9"):
            with pytest.raises(NotAllowed):
                await typed(at_desk(at, MIA), line)
        with pytest.raises(NotAllowed):
            await at.swarm.money.raise_cap(person(9), "day", usd(1))
        assert await at.swarm.deciding.latest() == []


async def test_the_swarm_itself_raises_nothing(tmp_path: Path) -> None:
    async with awake(tmp_path, clock=FakeClock(), budget=BUDGET) as swarm:
        waits = await swarm.money.raise_cap(SWARM, "day", usd(1))
        assert waits.approval.state == "open"
        with pytest.raises(NotAllowed):
            await swarm.deciding.decide(SWARM, waits.approval.id, "approved")
        assert await raises_of(swarm) == 0


async def test_whose_task_it_is_does_not_approve_what_another_asked_for_it(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel(), clock=FakeClock(), budget=BUDGET) as (at, _):
        task = await task_of(at.swarm, ANA, "dear", cap=usd(60))
        asking = await asked(at, BEN, f"/budget raise {task} 2")
        with pytest.raises(NotAllowed) as caught:
            await typed(at_desk(at, ANA), f"/approve {asking.id}")
        assert caught.value.data["rule"] == "nobody-approves-their-own-raise"


async def test_of_two_who_approve_at_once_one_counts_and_it_is_raised_once(tmp_path: Path) -> None:
    async with desk(tmp_path, clock=FakeClock(), budget=BUDGET) as (at, _):
        approval = await asked(at, MIA)
        answers = await asyncio.gather(
            *(typed(at_desk(at, who), f"/approve {approval.id}") for who in (ANA, PAT, ANA)),
            return_exceptions=True,
        )
        assert [isinstance(each, AlreadyDecided) for each in answers].count(True) == 2
        assert await raises_of(at.swarm) == 1
        assert await cap(at.swarm) == 500_120
        assert await refused(at.swarm) == ["already_decided"] * 2
        assert (await at.swarm.store.verify()).ok


async def test_the_same_question_twice_is_one_and_another_amount_takes_its_place(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, clock=FakeClock(), budget=BUDGET) as (at, _):
        first, again = await asked(at, MIA), await asked(at, MIA)
        other = await asked(at, MIA, "/budget raise day 0.7")
        assert first.id == again.id != other.id
        assert (await of(at.swarm, first.id)).state == "withdrawn"
        with pytest.raises(OtherAction):
            await typed(at_desk(at, ANA), f"/approve {first.id}")
        assert [each.id for each in await at.swarm.deciding.open_ones()] == [other.id]


async def test_an_id_from_before_a_restart_is_decided_on_once(tmp_path: Path) -> None:
    async with desk(tmp_path, clock=FakeClock(), budget=BUDGET) as (at, _):
        open_one, done = await asked(at, MIA), await asked(at, PAT, "/budget raise day 0.2")
        await typed(at_desk(at, ANA), f"/approve {done.id}")
    async with desk(tmp_path, clock=FakeClock(), budget=BUDGET) as (at, _):
        with pytest.raises(AlreadyDecided):
            await typed(at_desk(at, ANA), f"/approve {done.id}")
        await typed(at_desk(at, BEN), f"/approve {open_one.id}")
        assert await cap(at.swarm) == 700_120


async def test_a_day_that_is_over_takes_no_raise(tmp_path: Path) -> None:
    clock = FakeClock()
    async with desk(tmp_path, clock=clock, budget=BUDGET) as (at, _):
        approval = await asked(at, MIA)
        assert approval.expires == approval.action["until"], "midnight comes before 24 hours"
        clock.move(timedelta(hours=12))
        with pytest.raises(TooLate) as caught:
            await typed(at, f"/approve {approval.id}")
        assert "/resume" not in at.messages.error(caught.value)
        assert await raises_of(at.swarm) == 0


@virtual
async def test_nobody_decides_on_a_raise_and_that_is_a_no_that_is_told(tmp_path: Path) -> None:
    courier, elsewhere = MemoryCourier(), MemoryCourier()
    async with in_virtual_time(
        tmp_path, ScriptedModel(), courier=courier, clock=LoopClock()
    ) as swarm:
        await swarm.outbox.attach("discord", elsewhere)
        task = await task_of(swarm, MIA, "dear", cap=usd(60))
        await parked(courier, task)
        raised = await swarm.money.raise_cap(MIA, task, usd(40), DISCORD)
        await elsewhere.until(lambda all_: any(d.kind == "decided" for d in all_))
        assert (await of(swarm, raised.approval.id)).state == "expired"
        assert [d.kind for d in elsewhere.delivered] == ["asked", "asked", "decided"]
        view = await swarm.views.task(task)
        assert (view.task.state, view.task.waiting) == (TaskState.WAITING, "over_budget")
        assert view.raising is not None
        assert await raises_of(swarm) == 0


@pytest.mark.parametrize(
    "change",
    [
        """update approvals set action = replace(action, '500000', '900000')""",
        """update approvals set action = replace(action, 'day/', 'worker_day/x/')""",
        """update approvals set digest = 'x' || substr(digest, 2)""",
    ],
)
async def test_another_raise_than_was_asked_for_is_not_made(tmp_path: Path, change: str) -> None:
    async with desk(tmp_path, clock=FakeClock(), budget=BUDGET) as (at, _):
        approval = await asked(at, MIA)
        await at.swarm.store.write(lambda tx: tx.execute(change))
        with pytest.raises(OtherAction) as caught:
            await typed(at, f"/approve {approval.id}")
        assert "#" not in at.messages.error(caught.value)
        assert await raises_of(at.swarm) == 0


async def test_the_third_raise_of_a_day_waits_for_the_owner(tmp_path: Path) -> None:
    clock = FakeClock()
    async with desk(tmp_path, clock=clock, budget=BUDGET) as (at, _):
        for _ in range(2):
            assert "Raised by" in await said(at_desk(at, ANA), "/budget raise day 1")
        third = await asked(at, ANA, "/budget raise day 0.1")
        with pytest.raises(RaiseLimit):
            await typed(at_desk(at, BEN), f"/approve {third.id}")
        assert (await of(at.swarm, third.id)).state == "open"
        assert await refused(at.swarm) == ["raise_limit"]
        await typed(at, f"/approve {third.id}")
        assert await cap(at.swarm) == 2_100_120
        clock.move(timedelta(days=1))
        assert "Raised by" in await said(at_desk(at, ANA), "/budget raise day 1")


async def test_more_than_a_dollar_waits_for_the_owner(tmp_path: Path) -> None:
    async with desk(tmp_path, clock=FakeClock(), budget=BUDGET) as (at, _):
        much = await asked(at, ANA, "/budget raise day 1.01")
        with pytest.raises(RaiseLimit):
            await typed(at_desk(at, BEN), f"/approve {much.id}")
        await typed(at_desk(at, BEN), f"/deny {much.id}")  # to say no there is no limit
        assert await raises_of(at.swarm) == 0


async def test_a_raise_of_a_task_that_has_ended_does_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel(), clock=FakeClock()) as (at, courier):
        task = await task_of(at.swarm, MIA, "dear", cap=usd(60))
        await parked(courier, task)
        approval = await asked(at, MIA, f"/budget raise {task} 0.0001")
        await typed(at, f"/cancel {task}")
        assert (await of(at.swarm, approval.id)).state == "withdrawn"
        with pytest.raises(OtherAction):
            await typed(at_desk(at, ANA), f"/approve {approval.id}")
        with pytest.raises(AlreadyEnded):
            await typed(at_desk(at, MIA), f"/budget raise {task} 0.0001")


async def test_a_raise_wakes_what_waited_for_it(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel(), clock=FakeClock(), budget={"day": 50}) as (
        at,
        courier,
    ):
        of_day = await task_of(at.swarm, MIA, "first")
        await parked(courier, of_day)
        raised = await asked(at, MIA, "/budget raise day 0.0002")
        await typed(at_desk(at, PAT), f"/approve {raised.id}")
        await courier.ended(of_day)
        own = await task_of(at.swarm, MIA, "second", cap=usd(60))
        await parked(courier, own)
        raised = await asked(at, MIA, f"/budget raise {own} 0.00004")
        await typed(at_desk(at, PAT), f"/approve {raised.id}")
        await courier.ended(own)
        assert (await at.swarm.store.verify()).ok


async def test_a_no_is_told_with_its_reason_wherever_the_asker_looks(tmp_path: Path) -> None:
    elsewhere = MemoryCourier()
    async with desk(tmp_path, ScriptedModel(), clock=FakeClock()) as (at, courier):
        await at.swarm.outbox.attach("discord", elsewhere)
        task = await task_of(at.swarm, MIA, "dear", cap=usd(60))
        await parked(courier, task)
        approval = await asked(at, MIA, f"/budget raise {task} 0.0001")
        shown = await said(at, f"/show {task}", width=300)
        assert f"A raise waits for a yes: $0.0001 more for task #{task}." in shown
        await typed(at_desk(at, PAT), f'/deny {approval.id} --reason "not this week"')
        await elsewhere.until(lambda all_: any(d.kind == "decided" for d in all_))
        told = render(decided(words(at), await of(at.swarm, approval.id)), width=300, styled=False)
        pages = [told, await said(at, f"/show {task}", width=300)]
        pages.append(await said(at, f"/why {task}", width=300))
        door = LocalDoor(at.swarm, OWNER, at.place, at.messages)
        (card,) = await at.swarm.views.cards([task])
        pages.append("\n".join(door.card(card).lines))
        for page in pages:
            assert "not this week" in page
        await typed(at, f"/budget raise {task} 0.0001")
        await courier.ended(task)
        after = await said(at, f"/show {task}", width=300)
        assert "not this week" not in after
        assert "May cost: $0.00016" in after


DEAR = usd(420_000)


def dear() -> ScriptedModel:
    return ScriptedModel("dear", hold=DEAR, calls=2, price=usd(300_000))


async def test_a_yes_to_a_price_is_bound_to_the_raised_cap(tmp_path: Path) -> None:
    """What was approved stays so; for as much, or up to the cap where that was the bound."""
    courier = MemoryCourier()
    async with awake(tmp_path, dear(), courier=courier) as swarm:
        task = (await ask(swarm, "much", cap=usd(500_000), yes=True)).task
        await parked(courier, task)
        raised = await swarm.money.raise_cap(OWNER, task, usd(300_000))
        assert raised.woken
        await courier.ended(task)
        assert (await swarm.views.task(task)).task.state is TaskState.DONE
        found = await swarm.deciding.of_task(task)
        prices = [each for each in found if each.kind == "price"]
        assert [(a.action["cap"], a.action["most"]) for a in prices] == [
            (500_000, 500_000),
            (800_000, 800_000),
        ]
        assert (await swarm.store.verify()).ok


async def test_a_price_nobody_has_said_yes_to_is_asked_anew_under_the_raised_cap(
    tmp_path: Path,
) -> None:
    courier, model = MemoryCourier(), ScriptedModel("dear", hold=DEAR)
    async with awake(tmp_path, model, courier=courier) as swarm:
        receipt = await ask(swarm, "much", cap=usd(500_000))
        before = receipt.approval
        assert before is not None
        await swarm.money.raise_cap(OWNER, receipt.task, usd(300_000))
        (now,) = await swarm.deciding.open_ones()
        view = await swarm.views.task(receipt.task)
        assert (now.action["cap"], now.action["most"]) == (800_000, DEAR)
        assert view.task.waiting_data["approval"] == now.id != before.id
        with pytest.raises(OtherAction):
            await swarm.deciding.decide(OWNER, before.id, "approved")
        assert model.answers == {}
        await swarm.deciding.decide(OWNER, now.id, "approved")
        await courier.ended(receipt.task)


async def test_a_cap_that_bounded_the_price_is_what_the_raise_says_yes_to(tmp_path: Path) -> None:
    """Under its own cap it was asked for no yes; above the threshold the raise is one."""
    courier = MemoryCourier()
    async with awake(tmp_path, dear(), courier=courier) as swarm:
        receipt = await ask(swarm, "much", cap=usd(200_000))
        assert receipt.approval is None
        await parked(courier, receipt.task)
        await swarm.money.raise_cap(OWNER, receipt.task, usd(600_000))
        await courier.ended(receipt.task)
        (price,) = [a for a in await swarm.deciding.of_task(receipt.task) if a.kind == "price"]
        assert (price.state, price.decided_by, price.cost) == ("approved", OWNER.key, 800_000)


async def test_every_decision_on_a_raise_is_in_the_decision_log(tmp_path: Path) -> None:
    async with desk(tmp_path, clock=FakeClock(), budget=BUDGET) as (at, _):
        approval = await asked(at, MIA)
        await typed(at_desk(at, PAT), f"/deny {approval.id}")
        with pytest.raises(AlreadyDecided):
            await typed(at_desk(at, ANA), f"/approve {approval.id}")
        rows = await at.swarm.store.read(
            lambda r: r.execute(
                "select outcome, worker_name, action_type, rule_name from decision_log"
                " where outcome like 'approval.%' order by id"
            ).fetchall()
        )
    assert [tuple(row) for row in rows] == [
        ("approval.asked", MIA.key, "escalate", "raise"),
        ("approval.decided", PAT.key, "reject", "denied"),
        ("approval.refused", ANA.key, "reject", "already_decided"),
    ]
