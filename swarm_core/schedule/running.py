"""Carries out what is due: looks at the rows, decides inside a write, and hands the work in.

Nothing here remembers anything that matters: a look finds what is due by the rows alone, so it
may come late, twice, or after a restart.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

import msgspec

from swarm_core.dispatch.intake import Intake, Receipt
from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.kernel.clock import Micros, from_micros, to_micros
from swarm_core.kernel.crash import crash_point
from swarm_core.kernel.errors import (
    AlreadyEnded,
    Closing,
    FixInput,
    NotAllowed,
    NotFound,
    UnknownZone,
    WaggleError,
)
from swarm_core.kernel.hours import Span
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.people import Directory
from swarm_core.schedule import events as ev
from swarm_core.schedule import planning, rows
from swarm_core.schedule.cron import zone_of
from swarm_core.schedule.driver import BEAT, Alarm
from swarm_core.schedule.model import Mode, StandingPriority
from swarm_core.schedule.reacting import InstantTaken
from swarm_core.schedule.requests import agreed, gate_of, work_of
from swarm_core.schedule.rows import Kept
from swarm_core.schedule.rules import Decision, Facts, Priced, decide
from swarm_core.store import Store, Tx
from swarm_core.tasks import queries
from swarm_core.tasks.model import Overheard

log = logging.getLogger(__name__)
AT_ONCE = 100
"""Instants that one look takes up before it looks again."""
MOST_WORDS = 20_000
"""Characters of what a gate said that go along."""

Due = tuple[str, Micros]


class Go(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be handed in; `busy` are tasks that it takes the place of."""

    kept: Kept
    gate: bool
    words: str = ""
    busy: tuple[TaskId, ...] = ()


class Running:
    """Runs what is due while it is open."""

    def __init__(
        self, store: Store, intake: Intake, directory: Directory, alarm: Alarm, mode: Mode
    ) -> None:
        self._store = store
        self._intake = intake
        self._directory = directory
        self._alarm = alarm
        self.mode = mode
        """What a priority may do that says nothing of it; for what is due from here on."""
        self.cancel: Callable[[Actor, TaskId], Awaitable[None]]
        """Set by the composition root."""
        self.also: list[Callable[[], Awaitable[dict[str, Micros]]]] = []
        """What else is looked at each time, and when next: triggers that are no clock."""
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()

    def start(self) -> None:
        """Look at once, and from then on whenever something is due."""
        self._stop = self._store.listen(
            (
                *(ev.PrioritySet, ev.PriorityRemoved, ev.PriorityPaused, ev.PriorityResumed),
                *(ev.InstantOpened, ev.InstantEnded, ev.InstantPlanned),
            ),
            lambda _: self._wake.set(),
        )
        self._alarm.start(self._wake.set)
        self._wake.set()
        self._task = asyncio.create_task(self._serve(), name="schedule")

    async def close(self) -> None:
        if self._task:
            self._stop()
            self._alarm.close()
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def actor_of(self, key: str) -> Actor:
        """Who that is, with the rights they have now."""
        return self._directory.actor_of(key)

    def wake(self) -> None:
        """Look soon."""
        self._wake.set()

    async def _serve(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                self._alarm.set(await self.look())
            except Closing:
                return
            except Exception:
                # Whatever it was, what is due is still due, and the next look may fare better.
                log.exception("standing priorities could not be looked at")
                self._alarm.set({"": BEAT})

    async def look(self) -> dict[str, float]:
        """See to all that is due now; returns in how many seconds each is due next. What could
        not be seen to now is tried again with the next beat."""
        async with self._looking:
            kept_back = set[Due]()
            later = dict[str, Micros]()
            for look in self.also:
                later |= await look()
            while found := await self._due(kept_back):
                for each in found:
                    if not await self._tried(*each):
                        kept_back.add(each)
            now = self._now()
            later |= await self._store.read(rows.alarms)
            waits = {name: (due - now) / 1_000_000 for name, due in later.items()}
            back = {name for name, _ in kept_back}
            return {name: BEAT if name in back else wait for name, wait in waits.items()}

    def _now(self) -> Micros:
        return to_micros(self._store.clock.now())

    async def _due(self, without: set[Due]) -> list[Due]:
        now, most = self._now(), AT_ONCE + len(without)
        found = await self._store.read(lambda r: rows.due(r, now, most))
        return [each for each in found if each not in without]

    async def _tried(self, name: str, at: Micros) -> bool:
        """Whether something became of the instant."""
        try:
            return await self._one(name, at)
        except InstantTaken:
            return True
        except Closing:
            raise
        except WaggleError as error:
            log.warning("%s waits: %s", name, error)
        except Exception:
            log.exception("%s could not be run", name)
        return False

    async def _one(self, name: str, at: Micros) -> bool:
        kept = await self._store.read(lambda r: rows.get(r, name))
        if kept is None:
            return True
        priced = self.priced(kept)
        mode = kept.priority.mode or self.mode
        crash_point("instant.decide.before")
        go = await self._store.write(lambda tx: self._decide(tx, name, at, priced, mode))
        crash_point("instant.decide.after")
        if isinstance(go, bool):
            return go
        for task in go.busy:
            with contextlib.suppress(AlreadyEnded):
                await self.cancel(SWARM, task)
        await self.submit(go, at, mode, priced)
        return True

    async def submit(self, go: Go, at: Micros, mode: Mode, priced: Priced) -> Receipt:
        """Hand the work of an instant in, or its gate. Raises what intake raises, and
        `InstantTaken`."""
        priority = go.kept.priority
        actor = self.actor_of(priority.by)
        request = gate_of(priority, at) if go.gate else work_of(priority, at)
        if go.words:
            words = Overheard(speaker=SWARM.key, name="gate", text=go.words, at=self._now())
            request = msgspec.structs.replace(request, room=(words,))
        if not go.gate:
            request = agreed(request, priority, mode, priced.most)
        return await self._intake.submit(actor, request)

    def priced(self, kept: Kept) -> Priced:
        """What a run would cost now, and whether it could be one. Raises `Wait` and the like, which
        pass."""
        priority = kept.priority
        if kept.text is None:
            return Priced(gone="text")
        try:
            zone_of(priority.zone)
            if priority.action == "remind":
                return Priced()
            actor = self.actor_of(priority.by)
            route = self._intake.simulate(actor, work_of(priority, Micros(0))).route
        except NotAllowed:
            return Priced(gone=priority.by)
        except UnknownZone:
            return Priced(gone=priority.zone)
        except NotFound as error:
            return Priced(gone=str(error.data["name"]))
        except FixInput as error:
            return Priced(refused=error.code)
        if route.chosen is None:
            return Priced(refused="no_worker")
        return Priced(most=MicroUSD(min(route.chosen.most, priority.cap)))

    def _decide(self, tx: Tx, name: str, at: Micros, priced: Priced, mode: Mode) -> Go | bool:
        """Record what becomes of an instant, unless it is to be handed in; True when that was
        done, False when it has to wait."""
        kept, row = rows.get(tx, name), rows.row_of(tx, name, at)
        if kept is None or row is None or row.instant.state != "planned":
            return True
        if kept.paused == "money" and planning.month_of(kept.since or tx.at) != planning.month_of(
            tx.at
        ):
            tx.append(ev.PriorityResumed(name=name), SWARM)
            kept = rows.get(tx, name) or kept
        facts = self._facts(tx, kept, row, mode)
        decision = decide(kept.priority, facts, priced)
        match decision.what:
            case "wait":
                return False
            case "queue":
                tx.append(ev.InstantQueued(name=name, at=at), SWARM)
                planning.plan_next(tx, name, at)
            case "miss":
                planning.passed(tx, kept, facts, decision)
            case "skip":
                self._skip(tx, kept, facts, decision, priced)
            case "pause":
                reason = decision.reason or "money"
                skipped = ev.InstantsSkipped(name=name, instants=(at,), reason=reason)
                tx.append(skipped, SWARM)
                planning.pause(tx, name, decision.why, decision.gone)
            case "run" if kept.priority.action == "remind":
                tx.append(ev.InstantRan(name=name, at=at, outcome="done"), SWARM)
                planning.plan_next(tx, name, at)
            case "run" | "gate":
                return self._go(tx, kept, row, gate=decision.what == "gate")
        return True

    def _skip(self, tx: Tx, kept: Kept, facts: Facts, decision: Decision, priced: Priced) -> None:
        if decision.reason in ("passed", "caught_up"):
            planning.passed(tx, kept, facts, decision)
            return
        assert decision.reason
        what = priced.refused if decision.reason == "refused" else ""
        planning.skip(tx, kept.priority.name, [facts.at], decision.reason, what)

    def _go(self, tx: Tx, kept: Kept, row: rows.Row, *, gate: bool) -> Go:
        name, at = kept.priority.name, row.instant.at
        busy = rows.busy(tx, name, at) if kept.priority.overlap == "replace" else []
        tasks = [b.gate if b.instant.state == "planned" else b.instant.task for b in busy]
        looked = queries.get(tx, TaskId(row.gate), result=True) if row.gate and not gate else None
        words = (looked.result or "")[:MOST_WORDS] if looked else ""
        return Go(kept=kept, gate=gate, words=words, busy=tuple(TaskId(t) for t in tasks if t))

    def _facts(self, tx: Tx, kept: Kept, row: rows.Row, mode: Mode) -> Facts:
        priority, at = kept.priority, row.instant.at
        last = rows.last_ran(tx, priority.name)
        month, day = rows.left(tx, priority.name, tx.at)
        quiet = False
        with contextlib.suppress(UnknownZone):
            if priority.quiet:
                span = Span.of(priority.quiet)
                quiet = span.over(from_micros(at), zone_of(priority.zone)) is not None
        return Facts(
            now=tx.at,
            at=at,
            due=row.instant.due,
            following=_following(priority, at),
            mode=mode,
            paused=kept.paused,
            queued=row.queued,
            gate=priority.gate is not None and row.gate is None,
            opened=row.opened,
            quiet=quiet,
            started=last.at if last else None,
            busy=bool(rows.busy(tx, priority.name, at)),
            waits=rows.waits(tx, priority.name, at),
            month=month,
            day=day,
        )


def _following(priority: StandingPriority, at: Micros) -> Micros | None:
    try:
        return planning.next_of(priority, at)
    except UnknownZone:
        return None
