"""Pairing: whoever holds a code becomes somebody here, with the role it was made for."""

from __future__ import annotations

import asyncio

from swarm_core.kernel.actor import OWNER, Actor, Role
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.errors import LastOwner, TooManyPairings, WaggleError, WrongCode
from swarm_core.kernel.ids import Entropy
from swarm_core.people import codes, trying
from swarm_core.people import events as ev
from swarm_core.people.directory import Directory
from swarm_core.people.local import TERMINAL
from swarm_core.people.model import OWNER_NUMBER, Account, Code
from swarm_core.people.registering import meet, refresh
from swarm_core.store import Store, Tx


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
        number = await trying.fitting(self._store, "pairings", typed)

        def use(tx: Tx) -> Code | WaggleError:
            if (refused := trying.spent(tx, account)) is not None:
                return refused
            row = tx.execute(
                "delete from pairings where id = ? and expires > ? returning role, scope, expires",
                (number, tx.at),
            ).fetchone()
            if row is None:
                return WrongCode(left=trying.counted(tx, account))
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
