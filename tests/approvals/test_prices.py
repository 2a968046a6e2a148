"""Nothing above the price threshold runs without a yes to exactly that: by whom may give it, once,
in time, also across restarts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from swarm_core.approvals import Approval, digest_of
from swarm_core.approvals import tables as approved
from swarm_core.approvals.events import ApprovalAsked, ApprovalDecided, ApprovalRefused
from swarm_core.dispatch.intake import Receipt
from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.kernel.errors import (
    AlreadyDecided,
    AwaitsApproval,
    IllegalTransition,
    NotAllowed,
    NotFound,
    NothingCheaper,
    OtherAction,
    TooLate,
    WaggleError,
)
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.people import TERMINAL
from swarm_core.policy import Action, PolicyRefused, Resource
from swarm_core.routing.model import Offer, Wanted
from swarm_core.store import Fact, Tx
from swarm_core.swarm import Swarm
from swarm_core.tasks import queue
from swarm_core.tasks.model import TaskState
from swarm_core.testing import OWNER, START, LoopClock, MemoryCourier, ScriptedModel
from tests.worlds import ask, awake, in_virtual_time, kinds, over, parked, told, virtual

STRANGER = Actor(surface="terminal", space="local", person="2")
DEAR, CHEAP = MicroUSD(400_000), MicroUSD(200_000)
HOUR = 3_600


def dear(**more: object) -> ScriptedModel:
    return ScriptedModel(hold=DEAR, **{"name": "dear", **more})  # type: ignore[arg-type]


def asked(receipt: Receipt) -> Approval:
    assert receipt.approval is not None
    assert receipt.state is TaskState.WAITING
    return receipt.approval


async def state(swarm: Swarm, task: TaskId) -> TaskState:
    return (await swarm.views.task(task)).task.state


async def of(swarm: Swarm, approval: Approval) -> Approval:
    found = await swarm.store.read(lambda rows: approved.get(rows, approval.id))
    assert found is not None
    return found


async def why_refused(swarm: Swarm, task: TaskId) -> list[str]:
    facts = await swarm.store.history(task)
    return [f.event.why for f in facts if isinstance(f.event, ApprovalRefused)]


async def submit(swarm: Swarm, text: str = "much", **fields: object) -> Receipt:
    return await ask(swarm, text, **{"cap": MicroUSD(1_000_000), **fields})


async def test_a_dear_task_is_accepted_and_waits_for_a_yes_in_one_commit(tmp_path: Path) -> None:
    courier, model = MemoryCourier(), dear()
    async with awake(tmp_path, model, courier=courier) as swarm:
        receipt = await submit(swarm)
        approval = asked(receipt)
        facts = await swarm.store.history(receipt.task)
        task = (await swarm.views.task(receipt.task)).task
        assert await swarm.deciding.open_ones() == [approval]
    assert {fact.at for fact in facts} == {facts[0].at}
    assert approval.action == {
        "kind": "price",
        "task": 1,
        "text": facts[0].event.text.digest,  # type: ignore[attr-defined]
        "worker": "dear",
        "model": "dear-1",
        "most": DEAR,
        "cap": 1_000_000,
    }
    assert (task.waiting, task.waiting_data["approval"]) == ("price", approval.id)
    assert model.answers == {}
    assert told(courier, "parked", receipt.task) == []  # the receipt tells it


async def test_yes_lets_it_run_once_and_is_recorded_with_who_and_what(tmp_path: Path) -> None:
    courier, model = MemoryCourier(), dear()
    async with awake(tmp_path, model, courier=courier) as swarm:
        approval = asked(await submit(swarm))
        await swarm.deciding.decide(OWNER, approval.id, "approved")
        await courier.ended(approval.task)
        with pytest.raises(AlreadyDecided):
            await swarm.deciding.decide(OWNER, approval.id, "approved")
        with pytest.raises(AlreadyDecided):
            await swarm.deciding.decide(OWNER, approval.id, "denied")
        facts = await swarm.store.history(approval.task)
        assert await why_refused(swarm, approval.task) == ["already_decided"] * 2
        assert (await swarm.store.verify()).ok
    (decided,) = [f for f in facts if isinstance(f.event, ApprovalDecided)]
    assert decided.actor == OWNER.key
    assert model.answers == {1: 1}


async def test_no_ends_it_and_nothing_ran(tmp_path: Path) -> None:
    courier, model = MemoryCourier(), dear()
    async with awake(tmp_path, model, courier=courier) as swarm:
        approval = asked(await submit(swarm))
        await swarm.deciding.decide(OWNER, approval.id, "denied", reason="too much for that")
        await courier.ended(approval.task)
        task = (await swarm.views.task(approval.task)).task
        assert (await of(swarm, approval)).reason == "too much for that"
    assert (task.state, task.failure) == (TaskState.CANCELLED, "denied")
    assert model.answers == {}


@pytest.mark.parametrize("threshold", ["$0.40", "none"])
async def test_what_is_not_above_the_threshold_runs_at_once(tmp_path: Path, threshold: str) -> None:
    above = None if threshold == "none" else MicroUSD(400_000)
    async with awake(tmp_path, dear(), confirm={"above": above}) as swarm:
        receipt = await submit(swarm)
        assert receipt.approval is None
        await over(swarm, receipt.task)


async def test_a_cap_given_by_hand_is_the_most_one_is_asked_about(tmp_path: Path) -> None:
    async with awake(tmp_path, dear()) as swarm:
        assert (await ask(swarm, "little", cap=MicroUSD(200_000))).approval is None
        assert asked(await ask(swarm, "usual")).cost == DEAR  # the default cap is nobody's word
        assert asked(await ask(swarm, "more", cap=MicroUSD(260_000))).cost == 260_000


async def test_two_at_once_run_it_once(tmp_path: Path) -> None:
    courier, model = MemoryCourier(), dear()
    async with awake(tmp_path, model, courier=courier) as swarm:
        approval = asked(await submit(swarm))
        done = await asyncio.gather(
            *(swarm.deciding.decide(OWNER, approval.id, "approved") for _ in range(5)),
            return_exceptions=True,
        )
        await courier.ended(approval.task)
    assert sum(isinstance(each, AlreadyDecided) for each in done) == 4
    assert model.answers == {1: 1}


@pytest.mark.parametrize("actor", [STRANGER, SWARM])
async def test_nobody_else_decides_and_that_is_recorded(tmp_path: Path, actor: Actor) -> None:
    refused: list[Fact] = []
    seen = asyncio.Event()
    async with awake(tmp_path, dear()) as swarm:
        swarm.store.listen((PolicyRefused,), lambda f: (refused.append(f), seen.set()))  # type: ignore[func-returns-value]
        approval = asked(await submit(swarm))
        with pytest.raises(NotAllowed):
            await swarm.deciding.decide(actor, approval.id, "approved")
        await seen.wait()
        assert await state(swarm, approval.task) is TaskState.WAITING
    assert refused[0].actor == actor.key
    assert refused[0].event.resource == f"price/{approval.id}"  # type: ignore[attr-defined]


async def test_an_id_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    async with awake(tmp_path, dear()) as swarm:
        asked(await submit(swarm))
        for wrong in ("", "kabcdefgh2", "1", "x" * 5_000, "\udc80"):
            with pytest.raises(NotFound):
                await swarm.deciding.decide(OWNER, wrong, "approved")


CHANGES = (
    "update tasks set model = 'dear-2'",
    "update tasks set worker = 'other'",
    "update tasks set cap = cap + 1",
    "update tasks set cap = null",
    "update bodies set content = content || ' more' where id = 1",
    "update bodies set content = null where id = 1",
    "update bodies set salt = x'00' where id = 1",
)
BEFORE = (
    "update approvals set action = json_set(action, '$.most', 1)",
    "update approvals set action = json_set(action, '$.task', 2)",
    "update approvals set digest = 'x' || substr(digest, 2)",
)
AFTER = (
    "update approvals set granted = 'x' || substr(granted, 2)",
    "update approvals set action = json_set(action, '$.most', 399999)",
)


@pytest.mark.parametrize("change", CHANGES + BEFORE)
async def test_what_changed_since_it_was_shown_is_not_approved(tmp_path: Path, change: str) -> None:
    model = dear()
    async with awake(tmp_path, model) as swarm:
        approval = asked(await submit(swarm))
        await swarm.store.write(lambda tx: tx.execute(change))
        with pytest.raises(OtherAction):
            await swarm.deciding.decide(OWNER, approval.id, "approved")
        assert await state(swarm, approval.task) is TaskState.WAITING
        assert await why_refused(swarm, approval.task) == ["other_action"]
    assert model.answers == {}


@pytest.mark.parametrize("change", CHANGES + AFTER)
async def test_what_changed_since_it_was_approved_does_not_run(tmp_path: Path, change: str) -> None:
    model = dear()
    async with awake(tmp_path, model, ScriptedModel("other", words=("never",))) as swarm:
        approval = asked(await submit(swarm))
        await swarm.control.stop(OWNER, "all")
        await swarm.deciding.decide(OWNER, approval.id, "approved")
        assert await state(swarm, approval.task) is TaskState.READY
        await swarm.store.write(lambda tx: tx.execute(change))
        await swarm.control.resume(OWNER, "all")
        task = (await swarm.views.task(approval.task)).task
    assert (task.state, task.waiting) == (TaskState.WAITING, "action_changed")
    assert model.answers == {}


async def test_no_byte_of_what_is_stored_can_be_changed_between_yes_and_run(tmp_path: Path) -> None:
    async with awake(tmp_path, dear()) as swarm:
        approval = asked(await submit(swarm))
        await swarm.control.stop(OWNER, "all")
        await swarm.deciding.decide(OWNER, approval.id, "approved")

        def each(tx: Tx) -> int:
            (raw,) = tx.execute("select action from approvals").fetchone()
            consent, tried = swarm.deciding._leasing.consent, 0
            for at in range(len(raw)):
                changed = raw[:at] + chr(ord(raw[at]) ^ 1) + raw[at + 1 :]
                tx.execute("update approvals set action = ?", (changed,))
                try:
                    approved.get(tx, approval.id)
                except ValueError:
                    continue  # it cannot even be read
                tried += 1
                assert consent.held_back(tx, queue.startable(tx, approval.task))
            tx.execute("update approvals set action = ?", (raw,))
            assert consent.held_back(tx, queue.startable(tx, approval.task)) is None
            return tried

        assert await swarm.store.write(each) > 50


async def test_whatever_makes_it_ready_it_does_not_run_without_a_yes(tmp_path: Path) -> None:
    model = dear()
    async with awake(tmp_path, model) as swarm:
        approval = asked(await submit(swarm))
        with pytest.raises(AwaitsApproval):
            await swarm.control.resume(OWNER, approval.task)
        await swarm.control.stop(OWNER, "all")
        await swarm.control.resume(OWNER, "all")
        tasks = swarm.deciding._tasks
        await swarm.store.write(lambda tx: tasks.wake(tx, approval.task, "due"))
        task = (await swarm.views.task(approval.task)).task
    assert (task.state, task.waiting) == (TaskState.WAITING, "price")
    assert model.answers == {}


async def test_an_approval_outlives_a_restart_and_runs_once(tmp_path: Path) -> None:
    model, courier = dear(), MemoryCourier()
    async with awake(tmp_path, model) as swarm:
        approval = asked(await submit(swarm))
    async with awake(tmp_path, model, courier=courier) as swarm:
        await swarm.deciding.decide(OWNER, approval.id, "approved")
        await courier.ended(approval.task)
    async with awake(tmp_path, model) as swarm:
        with pytest.raises(AlreadyDecided):
            await swarm.deciding.decide(OWNER, approval.id, "approved")
        assert await state(swarm, approval.task) is TaskState.DONE
        assert (await swarm.store.verify()).ok
    assert model.answers == {1: 1}


async def test_a_decision_taken_while_no_swarm_serves_holds_from_the_next_start(
    tmp_path: Path,
) -> None:
    model, courier = dear(), MemoryCourier()
    async with awake(tmp_path, model, serve=False) as swarm:
        approval = asked(await submit(swarm))
        await swarm.deciding.decide(OWNER, approval.id, "approved")
    async with awake(tmp_path, model, courier=courier) as swarm:
        await courier.ended(approval.task)
    assert model.answers == {1: 1}


@pytest.mark.slow
@virtual
async def test_nobody_decides_it_is_denied_kept_for_a_week_and_ends(tmp_path: Path) -> None:
    model, courier = dear(), MemoryCourier()
    async with in_virtual_time(tmp_path, model, courier=courier) as swarm:
        approval = asked(await submit(swarm))
        await asyncio.sleep(20 * HOUR + 1)
        assert len(told(courier, "reminder", approval.task)) == 1
        await asyncio.sleep(4 * HOUR)
        assert (await of(swarm, approval)).state == "expired"
        task = (await swarm.views.task(approval.task)).task
        assert (task.state, task.waiting) == (TaskState.WAITING, "unanswered")
        assert len(told(courier, "parked", approval.task)) == 1
        with pytest.raises(TooLate):
            await swarm.deciding.decide(OWNER, approval.id, "approved")
        await asyncio.sleep(7 * 24 * HOUR)
        task = (await swarm.views.task(approval.task)).task
    assert (task.state, task.failure) == (TaskState.CANCELLED, "nobody_decided")
    assert len(told(courier, "reminder", approval.task)) == 1
    assert model.answers == {}


@virtual
async def test_people_are_reminded_once_before_it_is_too_late(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, dear(), courier=courier) as swarm:
        approval = asked(await submit(swarm))
        await asyncio.sleep(20 * HOUR + 1)
        (reminder,) = told(courier, "reminder", approval.task)
        assert reminder.place == TERMINAL


@virtual
async def test_what_nobody_decided_on_can_be_asked_again(tmp_path: Path) -> None:
    model, courier = dear(), MemoryCourier()
    async with in_virtual_time(tmp_path, model, courier=courier) as swarm:
        approval = asked(await submit(swarm))
        await asyncio.sleep(25 * HOUR)
        await swarm.control.resume(OWNER, approval.task)
        (again,) = await swarm.deciding.open_ones()
        assert again.id != approval.id
        await swarm.deciding.decide(OWNER, again.id, "approved")
        await courier.ended(approval.task)
    assert model.answers == {1: 1}


@virtual
async def test_what_expired_while_the_swarm_was_down_does_not_run(tmp_path: Path) -> None:
    model = dear()
    async with in_virtual_time(tmp_path, model) as swarm:
        approval = asked(await submit(swarm))
    later = LoopClock(START.replace(day=3))
    async with in_virtual_time(tmp_path, model, clock=later) as swarm:
        with pytest.raises(TooLate):
            await swarm.deciding.decide(OWNER, approval.id, "approved")
        task = (await swarm.views.task(approval.task)).task
        assert (task.state, task.waiting) == (TaskState.WAITING, "unanswered")
    assert model.answers == {}


@virtual
async def test_a_late_yes_is_refused_before_the_timer_has_fired(tmp_path: Path) -> None:
    model = dear()
    async with in_virtual_time(tmp_path, model) as swarm:
        approval = asked(await submit(swarm))
    later = LoopClock(START.replace(day=3))
    async with in_virtual_time(tmp_path, model, clock=later, serve=False) as swarm:
        with pytest.raises(TooLate):
            await swarm.deciding.decide(OWNER, approval.id, "approved")
        assert (await of(swarm, approval)).state == "expired"
    assert model.answers == {}


async def test_a_cancelled_task_takes_its_question_with_it(tmp_path: Path) -> None:
    async with awake(tmp_path, dear()) as swarm:
        approval = asked(await submit(swarm))
        await swarm.control.cancel(OWNER, approval.task)
        assert (await of(swarm, approval)).state == "withdrawn"
        assert "approval.withdrawn" in await kinds(swarm, approval.task)
        with pytest.raises(OtherAction):
            await swarm.deciding.decide(OWNER, approval.id, "approved")
        assert await state(swarm, approval.task) is TaskState.CANCELLED
        await swarm.control.retry(OWNER, approval.task)
        await swarm.control.cancel(OWNER, approval.task)
        told = await kinds(swarm, approval.task)
        assert told.count("approval.asked") == told.count("approval.withdrawn")


class Fitting(ScriptedModel):
    """Fits the words better than others do, whatever it costs."""

    def offers(self, wanted: Wanted) -> tuple[Offer, ...]:
        return tuple(msgspec.structs.replace(o, specific=5) for o in super().offers(wanted))


async def test_the_cheaper_one_does_it_when_that_is_chosen(tmp_path: Path) -> None:
    courier = MemoryCourier()
    costly, cheap = Fitting("costly", hold=DEAR), ScriptedModel("cheap", hold=CHEAP)
    async with awake(tmp_path, costly, cheap, courier=courier) as swarm:
        approval = asked(await submit(swarm))
        assert approval.other is not None
        assert [approval.other[k] for k in ("worker", "most")] == ["cheap", CHEAP]
        done = await swarm.deciding.decide(OWNER, approval.id, "approved", instead=True)
        assert done.granted == digest_of(approval.other)
        await courier.ended(approval.task)
    assert (costly.answers, cheap.answers) == ({}, {1: 1})


@pytest.mark.parametrize(
    ("price", "offered"), [(399_000, False), (200_001, False), (200_000, True)]
)
async def test_only_what_is_clearly_cheaper_is_offered(
    tmp_path: Path, price: int, offered: bool
) -> None:
    costly, cheap = Fitting("costly", hold=DEAR), ScriptedModel("cheap", hold=MicroUSD(price))
    async with awake(tmp_path, costly, cheap) as swarm:
        approval = asked(await submit(swarm))
        assert (approval.other is not None) is offered
        if not offered:
            with pytest.raises(NothingCheaper):
                await swarm.deciding.cheaper(OWNER, approval.task)


async def test_who_is_asked_for_by_name_is_not_replaced_by_another(tmp_path: Path) -> None:
    costly, cheap = dear(), ScriptedModel("cheap", hold=CHEAP)
    async with awake(tmp_path, costly, cheap) as swarm:
        approval = asked(await submit(swarm, worker="dear"))
        assert approval.other is None
        with pytest.raises(NothingCheaper):
            await swarm.deciding.decide(OWNER, approval.id, "approved", instead=True)
        assert await state(swarm, approval.task) is TaskState.WAITING


async def test_yes_beforehand_is_recorded_with_the_exact_price(tmp_path: Path) -> None:
    model = dear()
    async with awake(tmp_path, model) as swarm:
        first = await submit(swarm, yes=True)
        second = await submit(swarm, "again", max_cost=DEAR)
        assert (first.approval, second.approval) == (None, None)
        third = asked(await submit(swarm, "dearer", max_cost=MicroUSD(DEAR - 1)))
        await over(swarm, first.task, second.task)
        facts = [f.event for f in await swarm.store.history(first.task)]
        assert await state(swarm, third.task) is TaskState.WAITING
    assert [e.cost for e in facts if isinstance(e, ApprovalAsked)] == [DEAR]
    assert [e.beforehand for e in facts if isinstance(e, ApprovalDecided)] == [True]


async def test_who_may_not_decide_may_not_say_so_beforehand(tmp_path: Path) -> None:
    async with awake(tmp_path, dear()) as swarm:
        own = Resource("raise", "", STRANGER.key)
        assert not swarm.policy.allows(STRANGER, Action.DECIDE, own)
        assert swarm.policy.allows(OWNER, Action.DECIDE, Resource("raise", "", OWNER.key))


async def test_the_same_request_with_a_yes_is_the_yes_to_the_one_that_waits(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, dear(), courier=courier) as swarm:
        approval = asked(await submit(swarm))
        joined = await submit(swarm)
        assert (joined.joined, joined.approval) == (True, approval)
        assert (await submit(swarm, yes=True)).joined
        await courier.ended(approval.task)


async def test_a_retry_asks_again_only_when_it_got_dearer(tmp_path: Path) -> None:
    model = dear()

    async def fail(assignment: object, n: int) -> object:
        raise WaggleError

    model._play = fail  # type: ignore[assignment]
    async with awake(tmp_path, model) as swarm:
        approval = asked(await submit(swarm))
        await swarm.deciding.decide(OWNER, approval.id, "approved")
        await over(swarm, approval.task)
        assert (await swarm.control.retry(OWNER, approval.task)).approval is None
        await over(swarm, approval.task)
        model._hold = MicroUSD(DEAR + 1)
        again = asked(await swarm.control.retry(OWNER, approval.task))
        assert again.cost == DEAR + 1
        assert (await kinds(swarm, approval.task)).count("approval.decided") == 2


async def test_what_waits_for_others_is_asked_about_at_once_and_starts_after_them(
    tmp_path: Path,
) -> None:
    courier, model = MemoryCourier(), dear(words=("much",))
    first = ScriptedModel("first", words=("first",))
    async with awake(tmp_path, model, first, courier=courier) as swarm:
        await swarm.control.stop(OWNER, "all")
        need = await ask(swarm, "first")
        yes = await submit(swarm, "much one", needs=(need.task,))
        silent = await submit(swarm, "much two", needs=(need.task,))
        assert yes.approval is not None
        assert yes.state is TaskState.QUEUED
        await swarm.deciding.decide(OWNER, yes.approval.id, "approved")
        await swarm.control.resume(OWNER, "all")
        await courier.ended(yes.task)
        task = (await swarm.views.task(silent.task)).task
    assert (task.state, task.waiting) == (TaskState.WAITING, "price")
    assert model.answers == {yes.task: 1}


async def test_what_waits_for_money_can_be_given_to_a_cheaper_one(tmp_path: Path) -> None:
    courier = MemoryCourier()
    costly, cheap = Fitting("costly", hold=DEAR), ScriptedModel("cheap", hold=CHEAP)
    budget = {"day": MicroUSD(350_000)}
    quiet = {"above": None}
    async with awake(
        tmp_path, costly, cheap, courier=courier, budget=budget, confirm=quiet
    ) as swarm:
        task = (await submit(swarm)).task
        await parked(courier, task)
        # It has begun, and who has begun keeps its worker.
        with pytest.raises(NothingCheaper):
            await swarm.deciding.cheaper(OWNER, task)
        with pytest.raises(NotAllowed):
            await swarm.deciding.cheaper(STRANGER, task)


async def test_the_cheaper_one_can_be_named_by_the_task_alone(tmp_path: Path) -> None:
    courier = MemoryCourier()
    costly, cheap = Fitting("costly", hold=DEAR), ScriptedModel("cheap", hold=CHEAP)
    async with awake(tmp_path, costly, cheap, courier=courier) as swarm:
        approval = asked(await submit(swarm))
        assert (await swarm.deciding.cheaper(OWNER, approval.task)).worker == "cheap"
        await courier.ended(approval.task)
        assert (await of(swarm, approval)).state == "withdrawn"
        with pytest.raises(IllegalTransition):
            await swarm.deciding.cheaper(OWNER, approval.task)
    assert (costly.answers, cheap.answers) == ({}, {1: 1})
