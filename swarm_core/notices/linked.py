"""Who hears of accounts that became one person's, or are theirs no longer: every account there is,
so that nobody links one in secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from swarm_core.kernel.actor import Place, direct
from swarm_core.notices.compose import queue
from swarm_core.notices.model import NoticeKind
from swarm_core.notices.telling import Told
from swarm_core.people import OWNER_NUMBER, TERMINAL
from swarm_core.people.events import AccountRemoved, PersonLinked
from swarm_core.store import Fact, Tx


def on_linked(tx: Tx, fact: Fact, accounts: Sequence[str]) -> None:
    """Whoever made the code is told where they made it, and every other one of the `accounts` of
    that person directly; but for the one that used it, which has the reply. What makes somebody
    the owner is told where the owner is."""
    e = fact.event
    assert isinstance(e, PersonLinked)
    told = {each: _directly(each) for each in accounts if each != e.account}
    told[e.maker] = e.told if e.told.thread else _directly(e.maker)
    _tell(tx, fact, "linked", told, e.person, {"linked": e.account, "with": e.maker})


def on_removed(tx: Tx, fact: Fact, accounts: Sequence[str]) -> None:
    """Every account of the person is told, and the one that is theirs no longer, but for the one
    from which it was done."""
    e = fact.event
    assert isinstance(e, AccountRemoved)
    gone = f"{e.surface}/{e.account}"
    surface, _, rest = fact.actor.partition("/")
    by = f"{surface}/{rest.rpartition('/')[2]}"
    told = {each: _directly(each) for each in (*accounts, gone) if each != by}
    _tell(tx, fact, "unlinked", told, e.person, {"linked": gone, "with": by})


def _tell(
    tx: Tx,
    fact: Fact,
    kind: NoticeKind,
    told: Mapping[str, Place],
    person: int,
    about: Mapping[str, Any],
) -> None:
    if person == OWNER_NUMBER and TERMINAL not in told.values():
        told = {**told, TERMINAL.surface: TERMINAL}
    for account, place in told.items():
        whose = f"person/{OWNER_NUMBER}" if place == TERMINAL else account
        queue(tx, kind, Told(place=place, whose=whose), fact, {**about, "account": account})


def _directly(account: str) -> Place:
    surface, _, number = account.partition("/")
    return TERMINAL if surface == TERMINAL.surface else direct(surface, number)
