"""The outbox: every notice reaches a settled state, none is lost silently, none doubled quietly.

What can go wrong: the process dies while sending, or the platform takes a message and its answer
is lost. That a surface is attached is on disk before anything is sent to it, so after a kill it is
known which notices may have arrived: results are sent again with a label, decisions are shown as
uncertain and not repeated, cards are simply sent again. A notice goes out straight from the
commit that queued it, with no further write before it; while no courier of a surface is there,
its notices wait. What is queued or being sent is known by its id, so that looking for what waits
never takes it a second time; what the swarm's own end cuts off counts as possibly arrived.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.crash import crash_point
from swarm_core.kernel.errors import AnswerLost, Closing, TryAgain, WaggleError
from swarm_core.kernel.ids import NoticeId, TaskId
from swarm_core.notices import tables
from swarm_core.notices.compose import Composer
from swarm_core.notices.events import NoticeQueued, NoticesHeld
from swarm_core.notices.model import Courier, Delivery
from swarm_core.notices.outcomes import USUAL, Outcome, Pace, cut_off, end, in_turn, settle
from swarm_core.store import Fact, Store, Tx

log = logging.getLogger(__name__)

FOREVER = Micros(2**62)
ROUND = 500
"""Notices read from disk at once."""
SLOW = 0.25
"""Seconds after which a delivery does not hold up the others any more."""
_LAST_WORDS = 5.0
"""Seconds that deliveries may still take when the swarm closes."""


class Outbox:
    """Delivers notices through the couriers of the surfaces that are there."""

    def __init__(self, store: Store, composer: Composer) -> None:
        self._store = store
        self._composer = composer
        self._couriers: dict[str, Courier] = {}
        self._paces: dict[str, Pace] = {}
        self._queued: list[Delivery] = []
        self._underway: dict[NoticeId, Delivery] = {}
        """Queued or sent, until what became of it is on disk."""
        self._settling: set[asyncio.Future[Micros | None]] = set()
        self._slow: set[asyncio.Task[None]] = set()
        self._apart: set[asyncio.Task[None]] = set()
        self._replied: list[TaskId] = []
        self._wake = asyncio.Event()
        self._one_round = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._retry: asyncio.Task[None] | None = None
        self._stop = store.listen((NoticeQueued, NoticesHeld), self._on_queued)

    def _on_queued(self, fact: Fact) -> None:
        event = fact.event
        if isinstance(event, NoticesHeld):
            self._arm(event.until)
        elif isinstance(event, NoticeQueued) and event.place.surface in self._couriers:
            self._arm(event.held)
            if event.held is None and not event.kept:
                self._queue([event.delivery(fact)])

    def _queue(self, deliveries: Sequence[Delivery]) -> None:
        new = [each for each in deliveries if each.notice not in self._underway]
        self._underway.update((each.notice, each) for each in new)
        self._queued += new
        if new:
            self._wake.set()

    async def attach(self, surface: str, courier: Courier, pace: Pace = USUAL) -> None:
        """From now on `courier` takes what is for `surface`, what waited for it first."""
        await self._store.write(lambda tx: tables.attach(tx, surface))
        self._couriers[surface], self._paces[surface] = courier, pace
        await self.again(surface)
        self._arm(await self._store.write(tables.next_try))

    async def again(self, surface: str) -> None:
        """The surface was away and is back: what waits for it is sent now, not later."""
        await self._take_waiting(surface, FOREVER)

    def _settle_past(self, tx: Tx) -> None:
        for notice, delivery_class, superseded in tables.interrupted(tx):
            if delivery_class == "decision":
                end(tx, "uncertain", [notice])
            elif delivery_class == "card" and superseded:
                end(tx, "superseded", [notice])
            else:
                tables.postpone(tx, notice, tx.at, maybe=True)
        self._composer.owed(tx)

    def serves(self, surface: str) -> bool:
        """Whether somebody is there who takes what is for `surface`."""
        return surface in self._couriers

    async def detach(self, surface: str) -> None:
        """Nobody is there any more; what is for `surface` waits."""
        if self._couriers.pop(surface, None):
            await self._store.write(lambda tx: tables.detach(tx, surface))

    async def start(self) -> None:
        """Settle what a killed process left in the middle, then begin."""
        await self._store.write(self._settle_past)
        self._task = asyncio.create_task(self._serve(), name="outbox")

    async def close(self) -> None:
        """Send what is queued, then let go of every surface."""
        self._stop()
        if self._timer:
            self._timer.cancel()
        if self._task:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LAST_WORDS):
                    await self._round()
                    await asyncio.gather(*self._slow, return_exceptions=True)
            if self._apart:
                await asyncio.wait(self._apart, timeout=SLOW)
            ours = self._task, self._retry, *self._slow, *self._apart
            working = [each for each in ours if each]
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            await asyncio.gather(*self._settling, return_exceptions=True)
            try:
                if left := list(self._underway):
                    await self._store.write(lambda tx: cut_off(tx, left))
                for surface in list(self._couriers):
                    await self.detach(surface)
            except WaggleError as error:
                # As after a kill: the next start settles what was under way.
                log.error("what was being delivered could not be recorded: %s", error)

    async def shown(self, task: TaskId) -> None:
        """The person has just been shown everything about `task` by a command of theirs."""

        def show(tx: Tx) -> list[NoticeId]:
            notices = tables.pending_of(tx, task)
            end(tx, "sent", notices)
            return notices

        settled = await self._store.write(show)
        for each in [each for each in self._queued if each.notice in settled]:
            self._queued.remove(each)
            del self._underway[each.notice]

    def replied(self, task: TaskId) -> None:
        """The command's own reply brought the receipt of `task`. Recorded soon, not waited for:
        should that be lost, the receipt is sent again after the restart."""
        if not self._replied:
            asyncio.get_running_loop().call_soon(self._record_replies)
        self._replied.append(task)

    async def unreplied(self, task: TaskId) -> None:
        """The reply to it could not be brought: its receipt comes as a notice."""
        await self._store.write(lambda tx: self._composer.owed(tx, task))

    def _record_replies(self) -> None:
        given, self._replied = self._replied, []
        self._store.ride(lambda tx: tables.receipts_given(tx, given))

    async def _take_waiting(self, surface: str, due: Micros | None) -> None:
        """Queue what waits for `surface` and may be sent by `due`, None for now."""
        after = NoticeId(0)
        longest = self._paces.get(surface, USUAL).longest

        def read(tx: Tx) -> list[Delivery]:
            return tables.waiting(tx, surface, due or tx.at, after, ROUND, longest)

        while True:
            found = await self._store.write(read)
            self._queue(found)
            if len(found) < ROUND:
                return
            after = found[-1].notice

    async def _serve(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._round()
            except Closing:
                return
            except Exception:
                log.exception("a round of delivery failed")

    async def _round(self) -> None:
        async with self._one_round:
            queued, self._queued = self._queued, []
            if not queued:
                return
            crash_point("outbox.send.before")
            sending: list[asyncio.Task[list[Outcome]]] = []
            for turn in in_turn(queued):
                task = asyncio.create_task(self._send(turn))
                if self._paces.get(turn[0].place.surface, USUAL).apart:
                    self._let_be(task, self._apart)
                else:
                    sending.append(task)
            try:
                if sending:
                    await asyncio.wait(sending, timeout=SLOW)
            finally:
                for each in [each for each in sending if not each.done()]:
                    self._let_be(each, self._slow)
            crash_point("outbox.send.after")
            done = [outcome for each in sending if each.done() for outcome in each.result()]
            await self._conclude(done)

    def _let_be(self, sending: asyncio.Task[list[Outcome]], among: set[asyncio.Task[None]]) -> None:
        late = asyncio.create_task(self._late(sending), name="outbox-late")
        among.add(late)
        late.add_done_callback(among.discard)

    async def _late(self, sending: asyncio.Task[list[Outcome]]) -> None:
        """What takes long, while others go on."""
        try:
            await self._conclude(await sending)
        except Closing:
            return
        except Exception:
            log.exception("what became of a delivery could not be recorded")

    async def _conclude(self, outcomes: Sequence[Outcome]) -> None:
        sent = [outcome.delivery for outcome in outcomes]
        if not outcomes:
            return
        if all(outcome.state == "sent" for outcome in outcomes):
            # Nothing hangs on it: it goes along with the next commit.
            settling = self._store.ride(lambda tx: settle(tx, outcomes, self._paces))
            self._settling.add(settling)
            settling.add_done_callback(lambda done: self._settled(done, sent))
            return
        again = await self._store.write(lambda tx: settle(tx, outcomes, self._paces))
        self._forget(sent)
        self._arm(again)

    def _settled(self, settling: asyncio.Future[Micros | None], queued: list[Delivery]) -> None:
        self._settling.discard(settling)
        self._forget(queued)

    def _forget(self, queued: Sequence[Delivery]) -> None:
        """What became of these is on disk."""
        crash_point("outbox.settle.after")
        for delivery in queued:
            self._underway.pop(delivery.notice, None)

    def _arm(self, instant: Micros | None) -> None:
        """Look again at `instant`, or before; None leaves the timer as it is."""
        if instant is None:
            return
        # Not longer than any pause is, in case the clock is set back meanwhile.
        wait = min(instant - to_micros(self._store.clock.now()), tables.LONGEST_PAUSE) / 1_000_000
        loop = asyncio.get_running_loop()
        if self._timer:
            if self._timer.when() <= loop.time() + wait:
                return
            self._timer.cancel()
        self._timer = loop.call_later(max(wait, 0.0), self._again)

    def _again(self) -> None:
        self._timer = None
        self._retry = asyncio.create_task(self._requeue(), name="outbox-retry")

    async def _requeue(self) -> None:
        try:
            for surface in list(self._couriers):
                await self._take_waiting(surface, None)
            self._arm(await self._store.write(tables.next_try))
        except Closing:
            return

    async def _send(self, turn: Sequence[Delivery]) -> list[Outcome]:
        return [await self._send_one(delivery) for delivery in turn]

    async def _send_one(self, delivery: Delivery) -> Outcome:
        if (courier := self._couriers.get(delivery.place.surface)) is None:
            return Outcome(delivery, "pending")
        try:
            return Outcome(delivery, "sent", await courier.deliver(delivery))
        except AnswerLost:
            if delivery.delivery_class == "decision":
                return Outcome(delivery, "uncertain")
            return Outcome(delivery, None, maybe=True)
        except TryAgain:
            return Outcome(delivery, None, away=True)
        except WaggleError:
            log.exception("notice %s cannot be delivered", delivery.notice)
            return Outcome(delivery, "failed")
        except Exception:
            log.exception("the courier failed on notice %s", delivery.notice)
            return Outcome(delivery, None, maybe=True)
