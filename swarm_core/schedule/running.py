"""Carries out what is due: looks at the rows, decides inside a write, and hands the work in.

Nothing here remembers anything that matters: a look finds what is due by the rows alone, so it
may come late, twice, or after a restart.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from swarm_core.dispatch.intake import Intake, Receipt
from swarm_core.kernel.actor import SWARM, Actor, Place
from swarm_core.kernel.clock import Micros, to_micros
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
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.people import Directory
from swarm_core.schedule import events as ev
from swarm_core.schedule import rows
from swarm_core.schedule.cron import zone_of
from swarm_core.schedule.deciding import Go, decided
from swarm_core.schedule.driver import BEAT, Alarm
from swarm_core.schedule.model import Mode
from swarm_core.schedule.reacting import InstantTaken
from swarm_core.schedule.requests import agreed, gate_of, work_of
from swarm_core.schedule.rows import Kept
from swarm_core.schedule.rules import Priced
from swarm_core.store import Store
from swarm_core.tasks.model import Overheard

log = logging.getLogger(__name__)
AT_ONCE = 100
"""Instants that one look takes up before it looks again."""

Due = tuple[str, Micros]


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
        self.give_way: Callable[[TaskId], Awaitable[None]]
        """Set by the composition root."""
        self.workspace: Callable[[Place], Path | None] = lambda _: None
        """The folder that is read there; set by the composition root."""
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
        folder = self.workspace(kept.priority.place)
        if folder and not priced.gone and not await asyncio.to_thread(folder.is_dir):
            priced = Priced(gone=str(folder))
        mode = kept.priority.mode or self.mode
        crash_point("instant.decide.before")
        go = await self._store.write(lambda tx: decided(tx, name, at, priced, mode))
        crash_point("instant.decide.after")
        if isinstance(go, bool):
            return go
        for task in go.busy:
            with contextlib.suppress(AlreadyEnded):
                await self.give_way(task)
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
