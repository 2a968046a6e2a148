"""Which facts become notices: reactors, so that a notice commits with what it tells.

A task's receipt is told by the reply to its command. Only that one is owed is noted with the
task; a receipt whose reply could not be brought becomes a notice, at the next start if the process
died with it.

Each is told in one place, by what the person it concerns wishes, and to the other systems that
are set to hear of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from swarm_core.approvals import Approval
from swarm_core.budget.events import BudgetSettled, BudgetWarned
from swarm_core.dispatch.consent import UNDECIDED
from swarm_core.dispatch.raising import owners_of
from swarm_core.kernel.actor import SWARM, Place, Sort
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import (
    ActionChanged,
    OverBudget,
    PriceTag,
    ScopeFrozen,
    Unanswered,
    Undecided,
    Undoable,
)
from swarm_core.kernel.ids import NoticeId, TaskId
from swarm_core.notices import tables, targets
from swarm_core.notices.events import NoticeQueued, NoticesEnded, NoticesHeld
from swarm_core.notices.model import CLASS_OF, WEBHOOK, NoticeKind
from swarm_core.notices.telling import Telling, Told, whose_is
from swarm_core.people import OWNER_NUMBER, TERMINAL
from swarm_core.people.events import PersonPreferred
from swarm_core.store import Fact, Tx
from swarm_core.tasks.asked import Asked
from swarm_core.tasks.asked import asked as how_asked
from swarm_core.tasks.events import TaskAccepted, TaskEnded, TaskParked
from swarm_core.tasks.model import UNFINISHED, TaskState

MOST_WAITING = 1_000
"""Events that wait for one other system at most; what comes then is given up at once."""
_NEEDS_SOMEBODY = (
    *(OverBudget.code, ScopeFrozen.code, Undecided.code, Unanswered.code, ActionChanged.code),
)
"""Reasons for which a task waits until somebody does something about it."""
_OWNER = f"person/{OWNER_NUMBER}"
_About = dict[str, str | int | None]


class Composer:
    """Makes notices of facts. `hooks` are the other systems, each with the sorts of events it
    hears of."""

    def __init__(self, telling: Telling) -> None:
        self.telling = telling
        self.hooks: Mapping[str, tuple[str, ...]] = {}
        self.tells: Callable[[Tx, Fact], bool] = lambda _tx, _fact: True
        """Whether the end of a task of a standing priority is told at once."""

    def on_accepted(self, tx: Tx, fact: Fact) -> None:
        e = fact.event
        assert isinstance(e, TaskAccepted)
        assert fact.task is not None
        if e.standing:
            return  # nobody waits for it
        tables.owe_receipt(tx, fact.task)

    def owed(self, tx: Tx, one: TaskId | None = None) -> None:
        """Receipts that were never given, or that of `one` task, unless the task's end tells more
        anyway. What waits for a decision asks for it."""
        for task in tables.owed_receipts(tx, one):
            asked = how_asked(tx, task)
            if asked and asked.state in UNFINISHED:
                whose = whose_is(self.telling.directory, asked.person)
                told = Told(place=asked.place, whose=whose)
                waits = asked.state is TaskState.WAITING
                queue(tx, "parked" if waits else "accepted", told, None, task=task)

    def on_parked(self, tx: Tx, fact: Fact) -> None:
        e = fact.event
        assert isinstance(e, TaskParked)
        sort: Sort = "asked" if e.reason in UNDECIDED else "parked"
        if e.reason != Undoable.code:
            self._hook(tx, sort, "parked", fact)
        standing = self._standing(tx, fact)
        if standing and sort == "parked" and e.reason not in _NEEDS_SOMEBODY:
            return  # it goes on by itself
        if e.reason in (PriceTag.code, Undoable.code) and fact.actor != SWARM.key and not standing:
            return  # the reply to what they asked for tells its price, or that it can be undone
        self._of_task(tx, sort, "parked", e.place, fact)

    def on_reminded(self, tx: Tx, fact: Fact) -> None:
        assert fact.task is not None
        self._hook(tx, "asked", "reminder", fact)
        if asked := how_asked(tx, fact.task):
            self._of_task(tx, "asked", "reminder", asked.place, fact)

    def on_asked(self, tx: Tx, fact: Fact, approval: Approval, place: Place) -> None:
        """It is told where it was asked, where the owner is, who may always decide, and to those
        who may and wish to be told directly."""
        about: _About = {"approval": approval.id}
        self._hook(tx, "asked", "asked", fact, about)
        task = how_asked(tx, approval.task) if approval.task else None
        owners = owners_of(approval, task.person if task else "")
        telling = self.telling
        here = Told(place=place, whose=whose_is(telling.directory, approval.asker))
        told = {place: here} | {TERMINAL: Told(place=TERMINAL, whose=_OWNER)}
        for each in telling.deciders(place, approval.kind, approval.id, owners):
            told[each.place] = each
        for each in told.values():
            queue(tx, "asked", each, fact, about)

    def on_decided(self, tx: Tx, fact: Fact, approval: Approval, place: Place) -> None:
        about: _About = {"approval": approval.id}
        self._hook(tx, "decided", "decided", fact, about)
        told = self.telling.of("decided", place, approval.asker, fact.at, asked=approval.asked)
        queue(tx, "decided", told, fact, about)

    def on_ended(self, tx: Tx, fact: Fact) -> None:
        e = fact.event
        assert isinstance(e, TaskEnded)
        sort: Sort = "failed" if e.outcome is TaskState.FAILED else "ended"
        self._hook(tx, sort, "ended", fact, {"outcome": e.outcome.value})
        if self._standing(tx, fact) and not self.tells(tx, fact):
            return
        self._of_task(tx, sort, "ended", e.place, fact)

    def on_priority(
        self, tx: Tx, fact: Fact, kind: NoticeKind, place: Place, by: str, about: _About
    ) -> None:
        """Of a standing priority that runs for `by`, where it reports. A reminder is what they
        asked for, to be told then."""
        reminds = kind == "remind"
        asked = fact.at if reminds else None
        sort: Sort = "ended" if reminds else "parked"
        told = self.telling.of(sort, place, by, fact.at, asked=asked, answer=reminds)
        queue(tx, kind, told, fact, about)

    def on_undelivered(self, tx: Tx, fact: Fact) -> None:
        """What may not have arrived is told where it was to, what could not to the owner, who
        sees it when nobody else does; the terminal shows what waits for it by itself. Of another
        system the owner is told once, until something arrives there again. A digest that could
        not be sent is in the next one."""
        e = fact.event
        assert isinstance(e, NoticesEnded)
        if e.state not in ("uncertain", "failed"):
            return
        for notice, _ in e.notices:
            row = tables.row(tx, notice)
            if (
                row is None
                or row.kind in ("undelivered", "digest")
                or row.place.surface == TERMINAL.surface
            ):
                continue
            about: _About = {"notice": notice}
            if row.place.surface == WEBHOOK and targets.told_of(tx, row.place.space):
                continue
            if row.place.surface != WEBHOOK:
                self._hook(tx, "undelivered", "undelivered", fact, about, row.task)
            task = row.task or None
            asked = how_asked(tx, task) if task else None
            key = asked.person if asked and e.state == "uncertain" else _OWNER
            place = row.place if e.state == "uncertain" else TERMINAL
            told = self.telling.of(
                "undelivered", place, key, fact.at, asked=asked.at if asked else None
            )
            queue(tx, "undelivered", told, fact, about, task)

    def on_warned(self, tx: Tx, fact: Fact) -> None:
        """Money is the owner's to look after, so it is told where the owner is."""
        e = fact.event
        assert isinstance(e, BudgetWarned)
        about = msgspec.structs.asdict(e)
        self._hook(tx, "money", "warned", fact, about)
        queue(tx, "warned", self.telling.of("money", TERMINAL, _OWNER, fact.at), fact, about)

    def on_settled(self, tx: Tx, fact: Fact) -> None:
        """Money that was spent above its hold is a failure, and told as one."""
        e = fact.event
        assert isinstance(e, BudgetSettled)
        if e.overrun:
            about: _About = {"most": e.most, "cost": e.cost}
            self._hook(tx, "money", "frozen", fact, about)
            told = self.telling.of("failed", TERMINAL, _OWNER, fact.at)
            queue(tx, "frozen", told, fact, about)

    def on_incident(
        self,
        tx: Tx,
        fact: Fact,
        kind: NoticeKind,
        about: Mapping[str, Any],
        told: Iterable[Told],
    ) -> None:
        """How something stands that is wrong, for those it was decided to be told to."""
        self._hook(tx, "incident", kind, fact, about)
        for each in told:
            queue(tx, kind, each, fact, about)

    def on_preferred(self, tx: Tx, fact: Fact) -> None:
        """Other quiet hours, or another zone: what is held for them waits for another time."""
        e = fact.event
        assert isinstance(e, PersonPreferred)
        if e.wish not in ("quiet", "zone"):
            return
        person = self.telling.directory.person(e.person)
        if person is None:
            return
        wishes = {k: v for k, v in person.wishes.items() if k != e.wish}
        if e.value is not None:
            wishes[e.wish] = e.value
        person = msgspec.structs.replace(person, wishes=wishes)
        held = tables.held_of(tx, (person.key, *person.accounts))
        if held:
            until = self.telling.until(person, fact.at) or fact.at
            tx.append(NoticesHeld(until=until, notices=tuple(held)), SWARM, cause=fact.seq)

    def _standing(self, tx: Tx, fact: Fact) -> str:
        asked = how_asked(tx, fact.task) if fact.task is not None else None
        return asked.standing if asked else ""

    def _of_task(self, tx: Tx, sort: Sort, kind: NoticeKind, place: Place, fact: Fact) -> None:
        assert fact.task is not None
        asked = how_asked(tx, fact.task)
        assert asked is not None
        answer = asked.kind == "ask" and kind == "ended"
        last = self._last_act(tx, fact, asked)
        told = self.telling.of(sort, place, asked.person, fact.at, asked=last, answer=answer)
        queue(tx, kind, told, fact)

    def _last_act(self, tx: Tx, fact: Fact, asked: Asked) -> Micros:
        """When the asker last did something about a task: asked for it, or said yes to it."""
        assert fact.task is not None
        if fact.at - asked.at < self.telling.rules.fresh:
            return asked.at
        directory = self.telling.directory
        whose = whose_is(directory, asked.person)
        acts = (at for actor, at in tx.acts(fact.task) if whose_is(directory, actor) == whose)
        return max((asked.at, *acts))

    def _hook(
        self,
        tx: Tx,
        sort: Sort,
        kind: NoticeKind,
        fact: Fact,
        about: Mapping[str, Any] | None = None,
        task: TaskId | None = None,
    ) -> None:
        for name, sorts in self.hooks.items():
            if sort not in sorts:
                continue
            told = Told(place=Place(surface=WEBHOOK, space=name), whose="")
            notice = queue(tx, kind, told, fact, {**(about or {}), "sort": sort}, task)
            if targets.waiting_at(tx, name, MOST_WAITING + 1) > MOST_WAITING:
                given_up = NoticesEnded(state="failed", notices=((notice, ""),))
                tx.append(given_up, SWARM)


def queue(
    tx: Tx,
    kind: NoticeKind,
    told: Told | None,
    fact: Fact | None,
    about: Mapping[str, Any] | None = None,
    task: TaskId | None = None,
) -> NoticeId:
    """Queue a notice of `fact`, or of its `task`; none and 0 where nobody is `told`."""
    if told is None:
        return NoticeId(0)
    notice = NoticeId(tx.next_id("notices"))
    event = NoticeQueued(
        notice=notice,
        notice_kind=kind,
        delivery_class="result" if told.place.surface == WEBHOOK else CLASS_OF[kind],
        place=told.place,
        about=dict(about or {}),
        whose=told.whose,
        held=told.held,
        kept=told.kept,
    )
    if fact is None:
        tx.append(event, SWARM, task=task)
    else:
        tx.append(event, SWARM, task=task or fact.task, run=fact.run, cause=fact.seq)
    return notice
