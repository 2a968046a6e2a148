"""Every end is told where it was asked, once; a possible repeat is labelled as one."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.errors import AnswerLost, BadUrl, Unreachable
from swarm_core.kernel.ids import NoticeId, TaskId
from swarm_core.notices.events import NoticeQueued
from swarm_core.notices.model import Delivery
from swarm_core.people import TERMINAL
from swarm_core.steps.model import Answer
from swarm_core.store import Tx
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, MemoryCourier, ScriptedModel, finish, request
from tests.worlds import Gate, answer, ask, awake, in_virtual_time, over, told, virtual


async def notices(swarm: Swarm) -> list[tuple[str, str]]:
    """Kind and state of every notice, in order."""
    found: list[tuple[str, str]] = await swarm.store.read(
        lambda rows: rows.execute("select kind, state from notices order by id").fetchall()
    )
    return found


class Failing:
    """Decides what happens to deliveries: each error once, in order, then all arrive."""

    def __init__(self, *errors: Exception) -> None:
        self.tries: list[tuple[str, bool]] = []
        self._errors = list(errors)
        self.courier = MemoryCourier(self._fail)

    def _fail(self, delivery: Delivery) -> Exception | None:
        self.tries.append((delivery.kind, delivery.repeat))
        return self._errors.pop(0) if self._errors else None


class Slow:
    """A courier whose deliveries wait at a gate after they have arrived."""

    def __init__(self, *, stubborn: Callable[[Delivery], bool] = lambda _: True) -> None:
        self.gate = Gate()
        self.seen: list[Delivery] = []
        self._stubborn = stubborn

    async def deliver(self, delivery: Delivery) -> str:
        self.seen.append(delivery)
        if self._stubborn(delivery):
            await self.gate()
        return "message"


def unreachable() -> Exception:
    return Unreachable(host="chat.example", problem="down")


def answer_lost() -> Exception:
    return AnswerLost(what="post", problem="cut off")


async def test_each_end_is_told_once_and_settled(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=courier) as swarm:
        tasks = [(await finish(swarm, courier, f"number {n}")).task.id for n in range(5)]
    async with awake(tmp_path, courier=courier) as swarm:
        assert await notices(swarm) == [("ended", "sent")] * 5
    assert [d.task for d in courier.delivered] == tasks
    assert not any(d.repeat for d in courier.delivered)
    assert {d.place for d in courier.delivered} == {TERMINAL}


@virtual
async def test_what_certainly_did_not_arrive_is_sent_again_later_without_a_label(
    tmp_path: Path,
) -> None:
    failing = Failing(unreachable(), unreachable(), unreachable())
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=failing.courier) as swarm:
        began = asyncio.get_running_loop().time()
        await finish(swarm, failing.courier, "tell me")
        took = asyncio.get_running_loop().time() - began
        await asyncio.sleep(3600)
        assert await notices(swarm) == [("ended", "sent")]
    assert failing.tries == [("ended", False)] * 4
    assert took == pytest.approx(1 + 2 + 4, abs=0.1)


@virtual
async def test_a_result_whose_fate_is_unknown_is_sent_again_with_a_label(tmp_path: Path) -> None:
    failing = Failing(answer_lost())
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=failing.courier) as swarm:
        await finish(swarm, failing.courier, "tell me")
    assert failing.tries == [("ended", False), ("ended", True)]


@virtual
async def test_the_label_stays_once_it_was_earned(tmp_path: Path) -> None:
    failing = Failing(answer_lost(), unreachable(), unreachable())
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=failing.courier) as swarm:
        await finish(swarm, failing.courier, "tell me")
    assert [repeat for _, repeat in failing.tries] == [False, True, True, True]


@virtual
async def test_a_bug_in_a_courier_counts_as_unknown_and_does_not_stop_the_others(
    tmp_path: Path,
) -> None:
    failing = Failing(ZeroDivisionError("oops"))
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=failing.courier) as swarm:
        first = (await ask(swarm, "one")).task
        second = (await finish(swarm, failing.courier, "two")).task.id
        await failing.courier.ended(first)
    assert {(d.task, d.repeat) for d in failing.courier.delivered} == {
        (first, True),
        (second, False),
    }


@virtual
async def test_what_never_can_be_delivered_is_shown_as_failed(tmp_path: Path) -> None:
    failing = Failing(BadUrl(url="x", problem="no such channel"))
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=failing.courier) as swarm:
        await ask(swarm, "tell me")
        await asyncio.sleep(86_400)
        assert await notices(swarm) == [("ended", "failed")]
    assert failing.tries == [("ended", False)]


@virtual
async def test_a_courier_that_never_gets_through_is_given_up_in_the_end(tmp_path: Path) -> None:
    failing = Failing(*[answer_lost() for _ in range(100)])
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=failing.courier) as swarm:
        await ask(swarm, "tell me")
        await asyncio.sleep(86_400)
        assert await notices(swarm) == [("ended", "uncertain")]
    assert len(failing.tries) == 12


@virtual
async def test_a_service_that_is_away_for_a_day_is_waited_for(tmp_path: Path) -> None:
    failing = Failing(*[unreachable() for _ in range(685)])
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=failing.courier) as swarm:
        await ask(swarm, "tell me")
        await asyncio.sleep(86_000)
        assert await notices(swarm) == [("ended", "pending")]
        await asyncio.sleep(1000)
        assert await notices(swarm) == [("ended", "sent")]
    assert failing.tries[-1] == ("ended", False)


@virtual
async def test_what_may_have_arrived_once_never_ends_as_failed(tmp_path: Path) -> None:
    failing = Failing(answer_lost(), unreachable(), *[answer_lost() for _ in range(100)])
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=failing.courier) as swarm:
        await ask(swarm, "tell me")
        await asyncio.sleep(86_400)
        assert await notices(swarm) == [("ended", "uncertain")]
    assert len(failing.tries) == 12


@virtual
async def test_a_long_pause_of_one_is_not_forgotten_when_another_gets_through(
    tmp_path: Path,
) -> None:
    courier = MemoryCourier()
    failures = {1: 6, 2: 1}

    def fail(delivery: Delivery) -> Exception | None:
        left = failures.get(delivery.task, 0)
        failures[delivery.task] = left - 1
        return unreachable() if left > 0 else None

    courier = MemoryCourier(fail)
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=courier) as swarm:
        await ask(swarm, "one")
        await asyncio.sleep(10)
        await ask(swarm, "two")
        await courier.ended(TaskId(2))
        await courier.ended(TaskId(1))


@virtual
async def test_trying_one_again_does_not_double_another_that_is_on_its_way(
    tmp_path: Path,
) -> None:
    seen: list[tuple[TaskId, bool]] = []
    gate = Gate()

    class Courier:
        async def deliver(self, delivery: Delivery) -> str:
            seen.append((delivery.task, delivery.repeat))
            if delivery.task == 1 and len(seen) == 1:
                raise unreachable()
            if delivery.task == 2:
                await gate()
            return "message"

    async with in_virtual_time(tmp_path, ScriptedModel(), courier=Courier()) as swarm:
        await ask(swarm, "one")
        await asyncio.sleep(0.5)
        await ask(swarm, "two")
        await gate.reached.wait()
        await asyncio.sleep(10)
        gate.open()
        await asyncio.sleep(10)
        assert await notices(swarm) == [("ended", "sent")] * 2
    assert sorted(seen) == [(1, False), (1, False), (2, False)]


async def test_with_nobody_there_it_waits_and_comes_in_order(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel()) as swarm:
        tasks = [(await ask(swarm, f"number {n}")).task for n in range(3)]
        await over(swarm, *tasks)
    async with awake(tmp_path, ScriptedModel()) as swarm:
        later = MemoryCourier()
        await swarm.outbox.attach(TERMINAL.surface, later)
        for task in tasks:
            await later.ended(task)
        await finish(swarm, later, "and now")
    assert [d.notice for d in later.delivered] == sorted(d.notice for d in later.delivered)
    assert len(later.delivered) == 4
    assert not any(d.repeat for d in later.delivered)


async def test_attaching_while_tasks_end_loses_and_doubles_nothing(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), limits={"concurrency": 50}) as swarm:
        attaching = asyncio.create_task(asyncio.sleep(0))
        tasks = []
        for n in range(60):
            tasks.append((await ask(swarm, f"number {n}")).task)
            if n == 20:
                attaching = asyncio.create_task(swarm.outbox.attach("terminal", courier))
        await attaching
        for task in tasks:
            await courier.ended(task)
    assert len(courier.delivered) == 60


async def test_what_is_for_a_surface_that_left_waits_for_its_return(tmp_path: Path) -> None:
    first, second = MemoryCourier(), MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=first) as swarm:
        await finish(swarm, first, "one")
        await swarm.outbox.detach(TERMINAL.surface)
        task = (await ask(swarm, "two")).task
        await swarm.outbox.attach(TERMINAL.surface, second)
        await second.ended(task)
    assert [d.kind for d in first.delivered] == ["ended"]
    assert [(d.task, d.repeat) for d in second.delivered] == [(task, False)]


async def test_what_may_have_been_on_its_way_at_a_kill_is_labelled_at_the_next_start(
    tmp_path: Path,
) -> None:
    """A copy of the folder, taken while a delivery is under way, is what a kill leaves."""
    slow, killed = Slow(), tmp_path / "killed"
    async with awake(tmp_path, ScriptedModel(), courier=slow) as swarm:
        task = (await ask(swarm, "tell me")).task
        await slow.gate.reached.wait()
        shutil.copytree(tmp_path / "state", killed / "state")
        slow.gate.open()
    courier = MemoryCourier()
    async with awake(killed, ScriptedModel(), courier=courier):
        await courier.ended(task)
    assert [(d.task, d.repeat) for d in courier.delivered] == [(task, True)]
    clean = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=clean) as swarm:
        await finish(swarm, clean, "another")
    assert len(clean.delivered) == 1, "what was settled before the end is not sent again"


@virtual
async def test_a_delivery_cut_off_by_the_swarms_own_end_is_labelled_the_next_time(
    tmp_path: Path,
) -> None:
    slow = Slow()
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=slow) as swarm:
        await ask(swarm, "tell me")
        await slow.gate.reached.wait()
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=courier):
        await courier.ended(TaskId(1))
    assert len(slow.seen) == 1
    assert [d.repeat for d in courier.delivered] == [True]


@virtual
async def test_a_pause_that_outlasts_the_process_ends_with_the_next_start(tmp_path: Path) -> None:
    failing = Failing(*[unreachable() for _ in range(8)])
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=failing.courier) as swarm:
        await ask(swarm, "tell me")
        await asyncio.sleep(130)
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=courier):
        await courier.ended(TaskId(1))
    assert [d.repeat for d in courier.delivered] == [False]


async def test_a_wait_is_told_as_a_card_and_a_card_of_an_ended_task_is_dropped(
    tmp_path: Path,
) -> None:
    gate, slow, killed = Gate(), Slow(), tmp_path / "killed"

    async def play(assignment: Assignment, n: int) -> Answer:
        await gate()
        return answer()

    async with awake(tmp_path, ScriptedModel(play=play), courier=slow) as swarm:
        task = (await ask(swarm, "stop me")).task
        await gate.reached.wait()
        await swarm.control.stop(OWNER, task)
        await slow.gate.reached.wait()
        await swarm.control.cancel(OWNER, task)
        shutil.copytree(tmp_path / "state", killed / "state")
        slow.gate.open()
    assert slow.seen[0].kind == "parked"
    assert slow.seen[0].delivery_class == "card"
    courier = MemoryCourier()
    async with awake(killed, ScriptedModel(), courier=courier) as swarm:
        await courier.ended(task)
        states = await notices(swarm)
    assert told(courier, "parked", task) == []
    assert ("parked", "superseded") in states


async def test_what_a_person_was_just_shown_is_not_sent_to_them_later(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel()) as swarm:
        task = (await ask(swarm, "look at me")).task
        await over(swarm, task)
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel()) as swarm:
        assert (await swarm.views.status()).unread == (task,)
        await swarm.outbox.shown(task)
        assert (await swarm.views.status()).unread == ()
        await swarm.outbox.attach(TERMINAL.surface, courier)
        await finish(swarm, courier, "something else")
    assert [d.task for d in courier.delivered] != []
    assert task not in [d.task for d in courier.delivered]


class TestReceipts:
    """Accepted means told: by the command's own reply, else by a notice."""

    async def test_a_reply_that_came_is_never_followed_by_a_notice(self, tmp_path: Path) -> None:
        async with awake(tmp_path, ScriptedModel()) as swarm:
            await swarm.control.stop(OWNER, "all")
            task = (await ask(swarm, "replied")).task
        courier = MemoryCourier()
        async with awake(tmp_path, ScriptedModel(), courier=courier) as swarm:
            await swarm.control.resume(OWNER, "all")
            await courier.ended(task)
        assert [d.kind for d in courier.delivered] == ["ended"]

    async def test_a_reply_that_died_becomes_a_notice_at_the_next_start(
        self, tmp_path: Path
    ) -> None:
        async with awake(tmp_path, ScriptedModel()) as swarm:
            await swarm.control.stop(OWNER, "all")
            task = (await swarm.intake.submit(OWNER, request("no reply"))).task
        courier = MemoryCourier()
        async with awake(tmp_path, ScriptedModel(), courier=courier):
            await courier.until(lambda all_: bool(all_))
        assert [(d.kind, d.task) for d in courier.delivered] == [("accepted", task)]
        again = MemoryCourier()
        async with awake(tmp_path, ScriptedModel(), courier=again) as swarm:
            await swarm.control.resume(OWNER, "all")
            await again.ended(task)
        assert [d.kind for d in again.delivered] == ["ended"], "it was owed once"

    async def test_the_end_of_a_task_tells_more_than_its_receipt(self, tmp_path: Path) -> None:
        async with awake(tmp_path, ScriptedModel()) as swarm:
            task = (await swarm.intake.submit(OWNER, request("quick"))).task
            await over(swarm, task)
        courier = MemoryCourier()
        async with awake(tmp_path, ScriptedModel(), courier=courier):
            await courier.ended(task)
        assert [d.kind for d in courier.delivered] == ["ended"]


async def queue_decision(swarm: Swarm, task: TaskId) -> None:
    """What a room that asks for decisions will record."""

    def queue(tx: Tx) -> None:
        event = NoticeQueued(
            notice=NoticeId(tx.next_id("notices")),
            notice_kind="parked",
            delivery_class="decision",
            place=TERMINAL,
        )
        tx.append(event, SWARM, task=task)

    await swarm.store.write(queue)


@virtual
async def test_a_decision_whose_fate_is_unknown_is_never_sent_again_by_itself(
    tmp_path: Path,
) -> None:
    failing = Failing(answer_lost())
    async with in_virtual_time(tmp_path, courier=failing.courier) as swarm:
        await queue_decision(swarm, TaskId(1))
        await asyncio.sleep(86_400)
        assert await notices(swarm) == [("parked", "uncertain")]
    async with in_virtual_time(tmp_path, courier=failing.courier):
        await asyncio.sleep(86_400)
    assert failing.tries == [("parked", False)]


@virtual
async def test_a_decision_that_was_cut_off_is_uncertain(tmp_path: Path) -> None:
    slow, courier = Slow(), MemoryCourier()
    async with in_virtual_time(tmp_path, courier=slow) as swarm:
        await queue_decision(swarm, TaskId(1))
        await slow.gate.reached.wait()
    async with in_virtual_time(tmp_path, courier=courier) as swarm:
        await asyncio.sleep(60)
        assert await notices(swarm) == [("parked", "uncertain")]
    assert courier.delivered == []


async def test_a_decision_under_way_at_a_kill_is_uncertain(tmp_path: Path) -> None:
    slow, killed = Slow(), tmp_path / "killed"
    async with awake(tmp_path, courier=slow) as swarm:
        await queue_decision(swarm, TaskId(1))
        await slow.gate.reached.wait()
        shutil.copytree(tmp_path / "state", killed / "state")
        slow.gate.open()
    courier = MemoryCourier()
    async with awake(killed, ScriptedModel(), courier=courier) as swarm:
        assert await notices(swarm) == [("parked", "uncertain")]
        await finish(swarm, courier, "go on")
    assert [d.kind for d in courier.delivered] == ["ended"]
