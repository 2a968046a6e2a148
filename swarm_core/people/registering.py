"""Keeping what is known of people: who was met, what they hold and wish."""

from __future__ import annotations

from collections.abc import Callable

from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.people import events as ev
from swarm_core.people.directory import Directory, read
from swarm_core.people.model import OWNER_NUMBER, Account
from swarm_core.store import Store, Tx


def meet(tx: Tx, actor: Actor, account: Account, person: int | None = None) -> int:
    """The number of whoever has `account`, recorded where it is new; `person`: it is theirs now,
    whoever had it."""
    rows = tx.execute(
        "select space, person from person_accounts where surface = ? and account = ?",
        (account.surface, account.id),
    ).fetchall()
    before = rows[0][1] if rows else None
    number = person or before or new_number(tx)
    if account.name:
        tx.execute("insert or replace into person_names values(?,?)", (number, account.name[:80]))
    if number != before or account.space not in [row[0] for row in rows]:
        met = ev.PersonMet(
            person=number, surface=account.surface, space=account.space, account=account.id
        )
        tx.append(met, actor)
    return int(number)


def new_number(tx: Tx) -> int:
    """Never one that was given out before."""
    row = tx.execute("select number from person_last").fetchone()
    return max(int(row[0]) if row else 0, OWNER_NUMBER) + 1


async def refresh(store: Store, directory: Directory) -> None:
    """Take what is stored into memory."""
    directory.known = await store.read(read)


class Registering:
    """Writes about people. Whether the actor may is asked before."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    async def open(self) -> None:
        await refresh(self._store, self._directory)

    async def resolve(self, account: Account) -> Actor:
        """Who sends this, with the roles they hold there; somebody new is given a number."""
        known = self._directory.known
        there = (account.surface, account.space, account.id) in known.seen
        number = self._directory.number(account.surface, account.id)
        person = known.people.get(number)
        named = not account.name or bool(person and person.name == account.name[:80])
        if not (there and named):
            forced = number if number == OWNER_NUMBER else None
            await self._store.write(lambda tx: meet(tx, SWARM, account, forced))
            await refresh(self._store, self._directory)
        return self._directory.actor(account)

    async def give(self, actor: Actor, number: int, scope: str, role: str) -> None:
        await self._append(actor, ev.RoleGiven(person=number, scope=scope, role=role))

    async def take(self, actor: Actor, number: int, scope: str, role: str) -> None:
        await self._append(actor, ev.RoleTaken(person=number, scope=scope, role=role))

    async def map_role(
        self, actor: Actor, scope: str, platform_role: str, role: str | None
    ) -> None:
        """From here on who has the platform's role in `scope` holds ours."""
        fact = ev.RoleMapped(scope=scope, platform_role=platform_role, role=role)
        await self._append(actor, fact)

    async def prefer(self, actor: Actor, wish: str, value: str | None) -> None:
        number = self._directory.number_of(actor.key)
        await self._append(actor, ev.PersonPreferred(person=number, wish=wish, value=value))

    async def set_place(self, actor: Actor, fact: ev.PlaceSet, also: Callable[[Tx], None]) -> None:
        """Set it, and do `also` in the same transaction."""

        def set_it(tx: Tx) -> None:
            tx.append(fact, actor)
            also(tx)

        await self._store.write(set_it, first=True)
        await refresh(self._store, self._directory)

    async def forget(self, actor: Actor, number: int) -> None:
        """What is known of a person goes: accounts, roles, wishes, names."""

        def forget(tx: Tx) -> None:
            tx.append(ev.PersonForgotten(person=number), actor)
            tx.execute("delete from person_names where person = ?", (number,))
            tx.execute("delete from link_codes where person = ?", (number,))

        await self._store.write(forget, first=True)
        await refresh(self._store, self._directory)

    async def _append(
        self,
        actor: Actor,
        fact: ev.RoleGiven | ev.RoleTaken | ev.RoleMapped | ev.PersonPreferred,
    ) -> None:
        await self._store.write(lambda tx: tx.append(fact, actor), first=True)
        await refresh(self._store, self._directory)
