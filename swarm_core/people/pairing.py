"""Pairing: whoever holds a code becomes somebody here, with the role it was made for."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from swarm_core.kernel.actor import OWNER, Actor, Role
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.errors import (
    LastOwner,
    TooManyPairings,
    TooManyTries,
    WaggleError,
    WrongCode,
)
from swarm_core.kernel.ids import Entropy
from swarm_core.people import codes
from swarm_core.people import events as ev
from swarm_core.people.directory import Directory
from swarm_core.people.local import TERMINAL
from swarm_core.people.model import OWNER_NUMBER, Account, Code
from swarm_core.people.registering import meet, refresh
from swarm_core.store import Rows, Store, Tx

_HOUR = 3_600_000_000


class Pairing:
    """Makes codes and takes them."""

    def __init__(self, store: Store, directory: Directory, entropy: Entropy) -> None:
        self._store = store
        self._directory = directory
        self._entropy = entropy

    async def make(self, actor: Actor, role: Role, scope: str) -> Code:
        """A code for `role` in `scope`; one for the owner's own account only at the terminal.

        Raises `LastOwner`, `TooManyPairings`. Whether the actor may is asked before.
        """
        if role == OWNER and actor.surface != TERMINAL.surface:
            raise LastOwner(role=role)
        code = codes.draw(self._entropy)
        salt = self._entropy.bytes(16)
        stored = await asyncio.to_thread(codes.hashed, code, salt)

        def make(tx: Tx) -> Micros:
            tx.execute("delete from pairings where expires <= ?", (tx.at,))
            (open_ones,) = tx.execute("select count(*) from pairings").fetchone()
            if open_ones >= codes.MOST_OPEN:
                raise TooManyPairings(most=codes.MOST_OPEN)
            expires = to_micros(tx.now + codes.LIFE)
            tx.execute(
                "insert into pairings(salt, hash, role, scope, expires) values(?,?,?,?,?)",
                (salt, stored, role, scope, expires),
            )
            tx.append(ev.PairingMade(role=role, scope=scope, expires=expires), actor)
            return expires

        expires = await self._store.write(make, first=True)
        return Code(code=codes.shown(code), role=role, scope=scope, expires=expires)

    async def use(self, actor: Actor, account: Account, typed: str) -> Code:
        """Take a code for `account`, at most once. A wrong one counts, also across restarts.

        Raises `WrongCode`, `TooManyTries`.
        """
        code = codes.normal(typed)
        opened = await self._store.read(_open)
        number = await asyncio.to_thread(_fitting, code, opened)

        def use(tx: Tx) -> Code | WaggleError:
            who = (account.surface, account.id)
            tx.execute("delete from pairing_tries where at <= ?", (tx.at - _HOUR,))
            (tries, first) = tx.execute(
                "select count(*), min(at) from pairing_tries where surface = ? and account = ?",
                who,
            ).fetchone()
            if tries >= codes.MOST_TRIES:
                left = timedelta(microseconds=first + _HOUR - tx.at)
                return TooManyTries(minutes=-(-left // timedelta(minutes=1)))
            row = tx.execute(
                "delete from pairings where id = ? and expires > ? returning role, scope, expires",
                (number, tx.at),
            ).fetchone()
            if row is None:
                tx.execute("insert into pairing_tries values(?,?,?)", (*who, tx.at))
                return WrongCode(left=codes.MOST_TRIES - tries - 1)
            role, scope, expires = row
            person = meet(tx, actor, account, OWNER_NUMBER if role == OWNER else None)
            if role != OWNER:
                tx.append(ev.RoleGiven(person=person, scope=scope, role=role), actor)
            tx.append(ev.PairingUsed(person=person, role=role, scope=scope), actor)
            return Code(code="", role=role, scope=scope, expires=expires)

        # A wrong try has to be kept, so it is a result: what is raised undoes the transaction.
        done = await self._store.write(use, first=True)
        await refresh(self._store, self._directory)
        if isinstance(done, WaggleError):
            raise done
        return done


def _open(rows: Rows) -> list[tuple[int, bytes, bytes]]:
    return rows.execute("select id, salt, hash from pairings order by id").fetchall()


def _fitting(code: str, opened: list[tuple[int, bytes, bytes]]) -> int:
    return next((n for n, salt, stored in opened if codes.fits(code, salt, stored)), 0)
