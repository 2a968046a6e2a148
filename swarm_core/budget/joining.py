"""One person, one purse: accounts of payers that have become one, and of one that parts.

What can go wrong: two payers each spend up to a cap and are one person then; a call is under way
whose hold was taken by who pays no longer. So the amounts of both are added where they become
one, and every name of an account is read as the one that stands for it now: of a hold, of its bill
and of a raise, live and on replay alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from swarm_core.budget import events as ev
from swarm_core.store import Event, Fact, Tally, Tx

PERSON = "person_day"
JOINED = Tally("payers", "payer", ("becomes",))
ACCOUNTS = Tally(
    "accounts",
    "account",
    ("cap_name", "held", "spent", "overrun", "frozen", "raised", "warned"),
)
NOTHING: tuple[int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0)
_PREFIX = f"{PERSON}/"


def payer_now(tx: Tx, payer: str) -> str:
    """Who pays for what `payer` did."""
    row = tx.tallies.get(JOINED, payer)
    return str(row[0]) if row else payer


def account_now(tx: Tx, account: str) -> str:
    """The account that stands for `account` now: another one where its person has become one
    with another."""
    if not account.startswith(_PREFIX):
        return account
    payer, _, day = account.removeprefix(_PREFIX).rpartition("/")
    return f"{_PREFIX}{payer_now(tx, payer)}/{day}"


def _days(tx: Tx, payer: str) -> list[str]:
    tx.tallies.write()
    prefix = f"{_PREFIX}{payer}/"
    found = tx.execute(
        "select account from accounts where substr(account, 1, ?) = ? order by account",
        (len(prefix), prefix),
    ).fetchall()
    return [row[0].removeprefix(prefix) for row in found]


def _row(tx: Tx, account: str) -> tuple[Any, ...]:
    return tx.tallies.get(ACCOUNTS, account) or (PERSON, *NOTHING)


def _joined(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.PayersJoined)
    for day in _days(tx, e.payer):
        mine, theirs = f"{_PREFIX}{e.into}/{day}", f"{_PREFIX}{e.payer}/{day}"
        name, *into = _row(tx, mine)
        _, *from_ = _row(tx, theirs)
        held, spent, overrun, frozen, raised, warned = zip(into, from_, strict=True)
        # Of raises the larger one holds: each was granted to one person.
        new = (sum(held), sum(spent), sum(overrun), max(frozen), max(raised), max(warned))
        tx.tallies.set(ACCOUNTS, mine, (name, *new))
        tx.tallies.set(ACCOUNTS, theirs, (PERSON, *NOTHING))
        tx.execute("update raises set account = ? where account = ?", (mine, theirs))
    before = tx.execute("select payer from payers where becomes = ?", (e.payer,)).fetchall()
    for (payer,) in (*before, (e.payer,)):
        tx.tallies.set(JOINED, payer, (e.into,))


def _parted(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.PayerParted)
    _, held, spent, _, frozen, _, warned = _row(tx, f"{_PREFIX}{e.payer}/{e.day}")
    if held or spent:
        new = (0, held + spent, 0, frozen, 0, warned)  # a raise stays with whom it was granted to
        tx.tallies.set(ACCOUNTS, f"{_PREFIX}{e.other}/{e.day}", (PERSON, *new))


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {
    ev.PayersJoined: _joined,
    ev.PayerParted: _parted,
}
