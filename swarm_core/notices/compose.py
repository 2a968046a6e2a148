"""Which facts become notices: reactors, so that a notice commits with what it tells.

A task's receipt is told by the reply to its command. Only that one is owed is noted with the
task; a receipt whose reply died with its process becomes a notice at the next start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from swarm_core.budget.events import BudgetSettled, BudgetWarned
from swarm_core.kernel.actor import SWARM, Place
from swarm_core.kernel.errors import PriceTag, Undoable
from swarm_core.kernel.ids import ApprovalId, NoticeId, RunId, Seq, TaskId
from swarm_core.notices import tables
from swarm_core.notices.events import NoticeQueued, NoticesEnded
from swarm_core.notices.model import CLASS_OF, NoticeKind
from swarm_core.people import OWNER_NUMBER, TERMINAL
from swarm_core.people.events import AccountRemoved, PersonLinked
from swarm_core.store import Fact, Tx
from swarm_core.tasks.events import TaskEnded, TaskParked
from swarm_core.tasks.model import UNFINISHED
from swarm_core.tasks.tasks import Tasks


def on_accepted(tx: Tx, fact: Fact) -> None:
    assert fact.task is not None
    tables.owe_receipt(tx, fact.task)


def owed(tx: Tx, tasks: Tasks) -> None:
    """At start: receipts that were never given, unless the task's end tells more anyway."""
    for task in tables.owed_receipts(tx):
        state, place = tasks.standing(tx, task)
        if state in UNFINISHED:
            _queue(tx, task, "accepted", place)


def on_parked(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, TaskParked)
    if e.reason in (PriceTag.code, Undoable.code) and fact.actor != SWARM.key:
        return  # the reply to what they asked for tells its price, or that it can be undone
    _queue(tx, fact.task, "parked", e.place, run=fact.run, cause=fact.seq)


def on_reminded(tx: Tx, fact: Fact, place: Place) -> None:
    _queue(tx, fact.task, "reminder", place, run=fact.run, cause=fact.seq)


def on_asked(tx: Tx, fact: Fact, approval: ApprovalId, place: Place) -> None:
    """It is told where it was asked, and where the owner is, who may always decide."""
    for where in dict.fromkeys((place, TERMINAL)):
        _queue(tx, fact.task, "asked", where, cause=fact.seq, about={"approval": approval})


def on_decided(tx: Tx, fact: Fact, approval: ApprovalId, place: Place) -> None:
    _queue(tx, fact.task, "decided", place, cause=fact.seq, about={"approval": approval})


def on_ended(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, TaskEnded)
    _queue(tx, fact.task, "ended", e.place, run=fact.run, cause=fact.seq)


def on_undelivered(tx: Tx, fact: Fact) -> None:
    """What may not have arrived is told where it was to, what could not to the owner, who sees
    it when nobody else does. The terminal shows what waits for it by itself."""
    e = fact.event
    assert isinstance(e, NoticesEnded)
    if e.state not in ("uncertain", "failed"):
        return
    for notice, _ in e.notices:
        row = tables.row(tx, notice)
        if row is None or row.kind == "undelivered" or row.place.surface == TERMINAL.surface:
            continue
        place = row.place if e.state == "uncertain" else TERMINAL
        about = {"notice": notice}
        _queue(tx, row.task or None, "undelivered", place, cause=fact.seq, about=about)


def on_warned(tx: Tx, fact: Fact) -> None:
    """Money is the owner's to look after, so it is told where the owner is."""
    e = fact.event
    assert isinstance(e, BudgetWarned)
    about = msgspec.structs.asdict(e)
    _queue(tx, fact.task, "warned", TERMINAL, run=fact.run, cause=fact.seq, about=about)


def on_settled(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, BudgetSettled)
    if e.overrun:
        about = {"most": e.most, "cost": e.cost}
        _queue(tx, fact.task, "frozen", TERMINAL, run=fact.run, cause=fact.seq, about=about)


def on_linked(tx: Tx, fact: Fact, accounts: Sequence[str]) -> None:
    """Whoever made the code is told where they made it, and every other one of the `accounts` of
    that person directly; but for the one that used it, which has the reply. What makes somebody
    the owner is told where the owner is."""
    e = fact.event
    assert isinstance(e, PersonLinked)
    told = {each: direct(each) for each in accounts if each != e.account}
    told[e.maker] = e.told if e.told.thread else direct(e.maker)
    _tell_accounts(tx, fact, "linked", told, e.person, {"linked": e.account, "with": e.maker})


def on_removed(tx: Tx, fact: Fact, accounts: Sequence[str]) -> None:
    """Every account of the person is told, and the one that is theirs no longer, but for the one
    from which it was done."""
    e = fact.event
    assert isinstance(e, AccountRemoved)
    gone = f"{e.surface}/{e.account}"
    surface, _, rest = fact.actor.partition("/")
    by = f"{surface}/{rest.rpartition('/')[2]}"
    told = {each: direct(each) for each in (*accounts, gone) if each != by}
    _tell_accounts(tx, fact, "unlinked", told, e.person, {"linked": gone, "with": by})


def _tell_accounts(
    tx: Tx,
    fact: Fact,
    kind: NoticeKind,
    told: dict[str, Place],
    person: int,
    about: dict[str, Any],
) -> None:
    if person == OWNER_NUMBER and TERMINAL not in told.values():
        told = {**told, TERMINAL.surface: TERMINAL}
    for account, place in told.items():
        _queue(tx, None, kind, place, cause=fact.seq, about={**about, "account": account})


def direct(account: str) -> Place:
    """Where nobody but who has the account reads: a surface that is told of no channel opens the
    conversation with them."""
    surface, _, id_ = account.partition("/")
    return TERMINAL if surface == TERMINAL.surface else Place(surface=surface, space=f"dm/{id_}")


def _queue(
    tx: Tx,
    task: TaskId | None,
    kind: NoticeKind,
    place: Place,
    *,
    run: RunId | None = None,
    cause: Seq | None = None,
    about: dict[str, Any] | None = None,
) -> None:
    event = NoticeQueued(
        notice=NoticeId(tx.next_id("notices")),
        notice_kind=kind,
        delivery_class=CLASS_OF[kind],
        place=place,
        about=about or {},
    )
    tx.append(event, SWARM, task=task, run=run, cause=cause)
