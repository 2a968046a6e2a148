"""The outbox when a surface leaves, the store goes first, or very much has waited."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from swarm_core.build import ROOMS
from swarm_core.kernel.actor import SWARM, Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import Unreachable
from swarm_core.kernel.ids import NO_TASK, NoticeId, TaskId
from swarm_core.notices import tables
from swarm_core.notices.compose import Composer
from swarm_core.notices.events import NoticeQueued, NoticesEnded
from swarm_core.notices.model import Courier, Delivery
from swarm_core.notices.outbox import ROUND, Outbox
from swarm_core.notices.outcomes import Outcome, settle
from swarm_core.notices.telling import NoticeRules, Telling
from swarm_core.people import TERMINAL, Directory
from swarm_core.policy import Policy
from swarm_core.store import Tx, open_store
from swarm_core.swarm import Swarm
from swarm_core.testing import LoopClock, MemoryCourier, ScriptedModel
from tests.notices.test_outbox import Failing, Slow, notices, queue_decision
from tests.worlds import ask, awake, in_virtual_time, over, virtual


async def first_is_under_way(swarm: Swarm, slow: Slow) -> None:
    await queue_decision(swarm, TaskId(1))
    await slow.gate.reached.wait()


@virtual
async def test_what_a_person_was_shown_while_it_was_queued_is_not_sent(tmp_path: Path) -> None:
    slow = Slow(stubborn=lambda delivery: delivery.kind == "parked")
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=slow) as swarm:
        await first_is_under_way(swarm, slow)
        shown, other = (await ask(swarm, "shown")).task, (await ask(swarm, "other")).task
        await over(swarm, shown, other)
        await swarm.outbox.shown(shown)
        await swarm.outbox.shown(shown)
        slow.gate.open()
        await asyncio.sleep(1)
        assert await notices(swarm) == [("parked", "sent"), ("ended", "sent"), ("ended", "sent")]
    assert [(d.kind, d.task) for d in slow.seen] == [("parked", 1), ("ended", other)]


@virtual
async def test_what_is_queued_when_its_surface_leaves_waits_for_the_next(tmp_path: Path) -> None:
    slow, courier = Slow(), MemoryCourier()
    async with in_virtual_time(tmp_path, courier=slow) as swarm:
        await first_is_under_way(swarm, slow)
        await queue_decision(swarm, TaskId(2))
        await swarm.outbox.detach(TERMINAL.surface)
        await swarm.outbox.detach(TERMINAL.surface)
        slow.gate.open()
        await asyncio.sleep(1)
        assert await notices(swarm) == [("parked", "sent"), ("parked", "pending")]
        await swarm.outbox.attach(TERMINAL.surface, courier)
        await asyncio.sleep(1)
        assert await notices(swarm) == [("parked", "sent")] * 2
    assert [d.task for d in slow.seen] == [1]
    assert [(d.task, d.repeat) for d in courier.delivered] == [(2, False)]


@virtual
async def test_more_than_is_read_at_once_comes_whole_and_in_order(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path) as swarm:
        for task in range(1, 2 * ROUND + 2):
            await queue_decision(swarm, TaskId(task))
        await swarm.outbox.attach(TERMINAL.surface, courier)
        await asyncio.sleep(1)
    assert [d.task for d in courier.delivered] == list(range(1, 2 * ROUND + 2))


@virtual
async def test_pauses_double_up_to_ten_minutes(tmp_path: Path) -> None:
    at: list[float] = []

    def fail(delivery: Delivery) -> Exception | None:
        at.append(asyncio.get_running_loop().time())
        return ZeroDivisionError("oops")

    async with in_virtual_time(tmp_path, courier=MemoryCourier(fail)) as swarm:
        await queue_decision(swarm, TaskId(1))
        await asyncio.sleep(86_400)
    pauses = [b - a for a, b in itertools.pairwise(at)]
    assert pauses == pytest.approx([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600], abs=0.0001)


@virtual
async def test_a_service_that_is_away_is_tried_at_pauses_of_two_minutes(tmp_path: Path) -> None:
    at: list[float] = []

    def fail(delivery: Delivery) -> Exception | None:
        at.append(asyncio.get_running_loop().time())
        return Unreachable(host="chat.example", problem="down")

    async with in_virtual_time(tmp_path, courier=MemoryCourier(fail)) as swarm:
        await queue_decision(swarm, TaskId(1))
        await asyncio.sleep(86_400)
        assert await notices(swarm) == [("parked", "pending")]
    pauses = [b - a for a, b in itertools.pairwise(at)]
    assert pauses[:8] == pytest.approx([1, 2, 4, 8, 16, 32, 64, 128], abs=0.0001)
    assert set(map(round, pauses[8:])) == {128}


@virtual
async def test_a_delivery_that_takes_long_does_not_hold_up_others(tmp_path: Path) -> None:
    slow = Slow(stubborn=lambda delivery: delivery.kind == "parked")
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=slow) as swarm:
        await first_is_under_way(swarm, slow)
        task = (await ask(swarm, "tell me")).task
        await over(swarm, task)
        await asyncio.sleep(1)
        assert [(d.kind, d.task) for d in slow.seen] == [("parked", 1), ("ended", task)]
        assert await notices(swarm) == [("parked", "pending"), ("ended", "sent")]
        slow.gate.open()
        await asyncio.sleep(1)
        assert await notices(swarm) == [("parked", "sent"), ("ended", "sent")]


class Bench:
    """An outbox over a store of its own, which may be closed before it."""

    def __init__(self, folder: Path, courier: Courier) -> None:
        self.folder = folder
        self.courier = courier
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Outbox:
        opened = open_store(self.folder, ROOMS, clock=LoopClock(), inline=True)
        self.store = await self._open.enter_async_context(opened)
        telling = Telling(Directory(), Policy(self.store), NoticeRules(quiet=None, fresh=0))
        composer = Composer(telling)
        self.outbox = Outbox(self.store, composer)
        await self.outbox.start()
        await self.outbox.attach(TERMINAL.surface, self.courier)
        return self.outbox

    async def close_store(self) -> None:
        await self._open.aclose()

    async def __aexit__(self, *_: object) -> None:
        await self.outbox.close()
        await self._open.aclose()

    async def queue(self) -> None:
        await queue_decision(self, TaskId(1))  # type: ignore[arg-type]


@virtual
async def test_a_store_that_closed_first_ends_the_outbox_and_what_was_sent_may_have_arrived(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    slow = Slow()
    bench = Bench(tmp_path / "state", slow)
    async with bench as outbox:
        await bench.queue()
        await slow.gate.reached.wait()
        await bench.close_store()
        slow.gate.open()
        await asyncio.sleep(1)
        await outbox.close()
    assert "what was being delivered could not be recorded" in caplog.text
    assert "failed" not in caplog.text
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, courier=courier) as swarm:
        assert await notices(swarm) == [("parked", "uncertain")]
    assert courier.delivered == []


@virtual
async def test_a_second_try_that_finds_the_store_closed_is_not_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    failing = Failing(Unreachable(host="chat.example", problem="down"))
    bench = Bench(tmp_path / "state", failing.courier)
    async with bench:
        await bench.queue()
        await asyncio.sleep(0.5)
        await bench.close_store()
        await asyncio.sleep(5)
        assert caplog.text == ""
    assert failing.tries == [("parked", False)]


@virtual
async def test_a_round_that_cannot_be_recorded_is_logged_and_the_next_one_is_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    failing = Failing(Unreachable(host="chat.example", problem="down"))
    async with in_virtual_time(tmp_path, courier=failing.courier) as swarm:
        await swarm.store.write(lambda tx: tx.execute("alter table outbox rename to gone"))
        await queue_decision(swarm, TaskId(1))
        await asyncio.sleep(1)
        assert "a round of delivery failed" in caplog.text
        await swarm.store.write(lambda tx: tx.execute("alter table gone rename to outbox"))
        await queue_decision(swarm, TaskId(2))
        await asyncio.sleep(1)
        assert await notices(swarm) == [("parked", "pending"), ("parked", "sent")]


async def test_an_outbox_that_never_began_closes(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel(), serve=False) as swarm:
        await swarm.outbox.close()
        assert await notices(swarm) == []


async def test_what_a_notice_tells_besides_comes_with_it_after_a_restart(tmp_path: Path) -> None:
    about = {"account": "total", "percent": 90}

    def queue(tx: Tx) -> None:
        event = NoticeQueued(
            notice=NoticeId(tx.next_id("notices")),
            notice_kind="warned",
            delivery_class="decision",
            place=TERMINAL,
            about=about,
        )
        tx.append(event, SWARM)

    async with awake(tmp_path) as swarm:
        await swarm.store.write(queue)
    courier = MemoryCourier()
    async with awake(tmp_path, courier=courier):
        await courier.until(lambda all_: bool(all_))
    (delivery,) = courier.delivered
    assert (delivery.about, delivery.task, delivery.kind) == (about, NO_TASK, "warned")


@virtual
async def test_a_delivery_leaves_no_word_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, courier=courier) as swarm:
        await queue_decision(swarm, TaskId(1))
        await asyncio.sleep(1)
        await queue_decision(swarm, TaskId(2))
        await asyncio.sleep(1)
    assert [d.task for d in courier.delivered] == [1, 2]
    assert caplog.text == ""


@virtual
async def test_one_that_took_long_and_finds_the_store_closed_is_not_recorded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    slow = Slow()
    bench = Bench(tmp_path / "state", slow)
    async with bench as outbox:
        await bench.queue()
        await slow.gate.reached.wait()
        await asyncio.sleep(1)
        await bench.close_store()
        slow.gate.open()
        await asyncio.sleep(1)
        await outbox.close()
    assert "what became of a delivery" not in caplog.text


class LateRefusal(Slow):
    """A courier that finds out late that nothing has arrived."""

    async def deliver(self, delivery: Delivery) -> str:
        await super().deliver(delivery)
        raise Unreachable(host="chat.example", problem="down")


@virtual
async def test_one_that_took_long_and_cannot_be_recorded_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    slow = LateRefusal()
    async with in_virtual_time(tmp_path, courier=slow) as swarm:
        await first_is_under_way(swarm, slow)
        await asyncio.sleep(1)
        await swarm.store.write(lambda tx: tx.execute("alter table outbox rename to gone"))
        slow.gate.open()
        await asyncio.sleep(1)
        assert "what became of a delivery could not be recorded" in caplog.text
        await swarm.store.write(lambda tx: tx.execute("alter table gone rename to outbox"))


class Leaving:
    """A courier whose surface leaves while it delivers."""

    def __init__(self) -> None:
        self.outbox: Outbox | None = None
        self.seen: list[TaskId] = []
        self.left = asyncio.Event()

    async def deliver(self, delivery: Delivery) -> str:
        assert self.outbox
        self.seen.append(delivery.task)
        await self.outbox.detach(TERMINAL.surface)
        self.left.set()
        return "message"


async def test_what_is_sent_as_its_surface_leaves_waits_as_if_it_had_not_been_tried(
    tmp_path: Path,
) -> None:
    leaving, courier = Leaving(), MemoryCourier()
    async with awake(tmp_path, courier=leaving) as swarm:
        leaving.outbox = swarm.outbox
        assert swarm.outbox.serves(TERMINAL.surface)
        assert not swarm.outbox.serves("discord")

        def both(tx: Tx) -> None:
            for task in (1, 2):
                event = NoticeQueued(
                    notice=NoticeId(tx.next_id("notices")),
                    notice_kind="parked",
                    delivery_class="decision",
                    place=TERMINAL,
                )
                tx.append(event, SWARM, task=TaskId(task))

        await swarm.store.write(both)
        await leaving.left.wait()
        await swarm.outbox.attach(TERMINAL.surface, courier)
        await courier.until(lambda all_: bool(all_))
    assert leaving.seen == [1]
    assert [(d.task, d.repeat) for d in courier.delivered] == [(2, False)]


async def test_what_is_postponed_waits_for_its_instant_and_no_longer_than_any_pause(
    tmp_path: Path,
) -> None:
    async with awake(tmp_path, serve=False) as swarm:
        for task in range(1, 6):
            await queue_decision(swarm, TaskId(task))
        longest = 10 * 60 * 1_000_000

        def fn(tx: Tx) -> list[int]:
            for notice, wait in ((2, 0), (3, 1), (4, longest), (5, longest + 1)):
                tables.postpone(tx, NoticeId(notice), Micros(tx.at + wait), maybe=False)
            found = tables.waiting(tx, TERMINAL.surface, tx.at, NoticeId(0), 10)
            return [each.notice for each in found]

        assert await swarm.store.write(fn) == [1, 2, 5]
        (first, *_) = await swarm.store.write(
            lambda tx: tables.waiting(tx, TERMINAL.surface, tx.at, NoticeId(0), 1)
        )
        assert first == Delivery(
            notice=NoticeId(1),
            kind="parked",
            delivery_class="decision",
            task=TaskId(1),
            place=TERMINAL,
            repeat=False,
            about={},
            created=first.created,
        )
        before = await swarm.store.head()
        assert (
            await swarm.store.write(lambda tx: settle(tx, [Outcome(first, "pending")], {})) is None
        )
        assert (await swarm.store.head())[:2] == before[:2]
        assert await swarm.store.write(lambda tx: tables.row(tx, NoticeId(6))) is None


async def test_several_that_may_not_have_arrived_are_each_told_but_those_of_the_terminal(
    tmp_path: Path,
) -> None:
    there = Place(surface="discord", space="10", thread="7")

    def fn(tx: Tx) -> None:
        found = []
        for place in (TERMINAL, there, there):
            notice = NoticeId(tx.next_id("notices"))
            found.append((notice, ""))
            event = NoticeQueued(
                notice=notice, notice_kind="parked", delivery_class="decision", place=place
            )
            tx.append(event, SWARM, task=TaskId(1))
        tx.append(NoticesEnded(state="failed", notices=tuple(found)), SWARM)

    async with awake(tmp_path, serve=False) as swarm:
        await swarm.store.write(fn)
        assert await notices(swarm) == [
            *[("parked", "failed")] * 3,
            *[("undelivered", "pending")] * 2,
        ]


async def test_a_surface_that_comes_twice_is_served_by_the_second(tmp_path: Path) -> None:
    first, second = MemoryCourier(), MemoryCourier()
    async with awake(tmp_path, courier=first) as swarm:
        await swarm.outbox.attach(TERMINAL.surface, second)
        await queue_decision(swarm, TaskId(1))
        await second.until(lambda all_: bool(all_))
    assert first.delivered == []
