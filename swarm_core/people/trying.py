"""Tries with codes: an account has a few an hour, whatever the codes are for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from swarm_core.kernel.errors import TooManyTries
from swarm_core.people import codes
from swarm_core.people.model import Account
from swarm_core.store import Rows, Store, Tx

_HOUR = 3_600_000_000


async def fitting(store: Store, table: str, typed: str) -> int:
    """The row of `table` whose code was typed, 0 for none. It takes a while, off the loop."""
    code = codes.normal(typed)

    def stored(rows: Rows) -> list[tuple[int, bytes, bytes]]:
        return rows.execute(f"select id, salt, hash from {table} order by id").fetchall()  # noqa: S608

    return await asyncio.to_thread(_first, code, await store.read(stored))


def _first(code: str, opened: Sequence[tuple[int, bytes, bytes]]) -> int:
    return next((n for n, salt, stored in opened if codes.fits(code, salt, stored)), 0)


def spent(tx: Tx, account: Account) -> TooManyTries | None:
    """Why `account` may try no code now."""
    tx.execute("delete from pairing_tries where at <= ?", (tx.at - _HOUR,))
    tries, first = _tries(tx, account)
    if tries < codes.MOST_TRIES:
        return None
    left = timedelta(microseconds=first + _HOUR - tx.at)
    return TooManyTries(minutes=-(-left // timedelta(minutes=1)))


def counted(tx: Tx, account: Account) -> int:
    """Count a try that was wrong; returns how many are left."""
    tries, _ = _tries(tx, account)
    tx.execute("insert into pairing_tries values(?,?,?)", (account.surface, account.id, tx.at))
    return codes.MOST_TRIES - tries - 1


def _tries(tx: Tx, account: Account) -> tuple[int, int]:
    tries, first = tx.execute(
        "select count(*), min(at) from pairing_tries where surface = ? and account = ?",
        (account.surface, account.id),
    ).fetchone()
    return int(tries), int(first or 0)
