"""Composition: standing priorities, and what follows from them in rooms that do not know them.
Part of `build`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from swarm_core.budget.ledger import Ledger
from swarm_core.budget.model import STANDING
from swarm_core.dispatch.control import Control
from swarm_core.dispatch.intake import Intake
from swarm_core.dispatch.seeing import Seeing
from swarm_core.kernel.actor import SWARM, Place
from swarm_core.notices import tables as notices
from swarm_core.notices.compose import Composer
from swarm_core.notices.events import NoticesEnded
from swarm_core.people import OWNER_NUMBER, TERMINAL, Directory
from swarm_core.policy import Policy
from swarm_core.schedule import events as ev
from swarm_core.schedule import planning, rows
from swarm_core.schedule.driver import Alarm
from swarm_core.schedule.priorities import Priorities
from swarm_core.schedule.reacting import Reacting
from swarm_core.schedule.running import Running
from swarm_core.schedule.syncing import sync
from swarm_core.schedule.triggers import Triggers
from swarm_core.settings import Settings
from swarm_core.store import Fact, Store, Tx
from swarm_core.tasks import queue
from swarm_core.tasks.events import TaskAccepted, TaskEnded


class Scheduled(msgspec.Struct, frozen=True, kw_only=True):
    """What standing priorities stand on."""

    store: Store
    policy: Policy
    seeing: Seeing
    directory: Directory
    intake: Intake
    alarm: Alarm


class Schedule:
    """Standing priorities of one swarm: what people do about them, and who runs them."""

    def __init__(self, parts: Scheduled, settings: Settings) -> None:
        self._parts = parts
        self.running = Running(
            parts.store, parts.intake, parts.directory, parts.alarm, settings.automation.mode
        )
        self.priorities = Priorities(
            parts.store, parts.policy, parts.seeing, parts.intake, self.running
        )
        self.priorities.facts = parts.store.kinds
        self._triggers = Triggers(parts.store, self.running.wake)
        self.running.also.append(self._triggers.look)

    def join(self, control: Control, current: Callable[[], Settings]) -> None:
        """With what is made after it."""
        self.running.give_way = control.give_way
        self.running.workspace = lambda place: self._parts.directory.workspace(
            place, current().workspace
        )
        self.priorities.settings = current

    async def close(self) -> None:
        """Start nothing any more."""
        self._triggers.close()
        await self.running.close()

    async def adopt(self, settings: Settings) -> None:
        """From here on the priorities of these settings, and no others of a file."""
        self.running.mode = settings.automation.mode
        owner = self._parts.directory.person(OWNER_NUMBER)
        zone = owner.wishes.get("zone") if owner else None
        await sync(self._parts.store, self.priorities, settings, zone)
        self.running.wake()


async def wire_schedule(
    store: Store, reacting: Reacting, composer: Composer, ledger: Ledger
) -> None:
    """Register its reactors. They act before those that tell of ends, which ask what became of
    the instant."""

    def cap(tx: Tx, fact: Fact) -> None:
        e = fact.event
        assert isinstance(e, ev.PrioritySet)
        ledger.change_cap(tx, SWARM, f"{STANDING}/{e.priority.name}", e.priority.month_cap)

    def uncap(tx: Tx, fact: Fact) -> None:
        e = fact.event
        assert isinstance(e, ev.PriorityRemoved)
        ledger.change_cap(tx, SWARM, f"{STANDING}/{e.name}", None)

    def tell(tx: Tx, fact: Fact) -> None:
        e: Any = fact.event
        kept = rows.get(tx, e.name)
        if kept is None:
            return
        place, by = kept.priority.place, kept.priority.by
        about: dict[str, str | int | None] = {"priority": e.name}
        match e:
            case ev.PriorityPaused() if e.why != "person":
                about |= {"why": e.why, "what": e.what}
                place = TERMINAL if e.what == _named(place) else place
                composer.on_priority(tx, fact, "paused", place, by, about)
            case ev.InstantsMissed(more=False):
                first = rows.missed(tx, e.name, 1)[0]
                count = rows.count_missed(tx, e.name)
                about |= {"count": count, "first": first.at, "last": e.instants[-1]}
                composer.on_priority(tx, fact, "missed", place, by, about)
            case ev.InstantRan() if fact.task is None:
                composer.on_priority(tx, fact, "remind", place, by, about | {"at": e.at})

    def lost(tx: Tx, fact: Fact) -> None:
        """What a priority reports is taken nowhere: it pauses, and the owner hears of it."""
        e = fact.event
        assert isinstance(e, NoticesEnded)
        for notice, _ in e.notices if e.state == "failed" else ():
            row = notices.row(tx, notice)
            name = str(row.about.get("priority") or queue.standing_of(tx, row.task)) if row else ""
            kept = rows.get(tx, name) if name else None
            if row and kept and not kept.paused and kept.priority.place == row.place:
                planning.pause(tx, name, "gone", _named(row.place))

    store.react(ev.PrioritySet, reacting.on_set)
    store.react(NoticesEnded, lost)
    store.react(TaskAccepted, reacting.on_accepted)
    store.react(TaskEnded, reacting.on_ended)
    store.react(ev.PrioritySet, cap)
    store.react(ev.PriorityRemoved, uncap)
    store.react(ev.PriorityPaused, tell)
    store.react(ev.InstantsMissed, tell)
    store.react(ev.InstantRan, tell)
    composer.tells = reacting.tells
    reacting.some = bool(await store.read(rows.names))


def _named(place: Place) -> str:
    return "/".join(part for part in (place.surface, place.space, place.thread) if part)
