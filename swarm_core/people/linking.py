"""Linking: two accounts become one person, and an account becomes a person of its own again.

What can go wrong: a code is guessed, read from the database or used twice; somebody becomes the
owner by a code that somebody else made; a code still counts when its maker is another person by
now. So codes are kept like those of pairing and live ten minutes; everything is looked at in the
write that links; and a code counts only while its maker is who they were when they made it.
"""

from __future__ import annotations

import asyncio

import msgspec

from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.clock import to_micros
from swarm_core.kernel.errors import (
    AlreadyLinked,
    NotFound,
    OwnerLinks,
    StaysLinked,
    TooManyPairings,
    WaggleError,
    WrongLink,
)
from swarm_core.kernel.ids import Entropy
from swarm_core.people import codes, trying
from swarm_core.people import events as ev
from swarm_core.people.directory import Directory
from swarm_core.people.local import TERMINAL
from swarm_core.people.model import OWNER_NUMBER, Account, LinkCode
from swarm_core.people.registering import meet, new_number, refresh
from swarm_core.store import Rows, Store, Tx

MOST_OPEN = 50
"""Codes at once: each that is tried is held against all of them."""


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """What a code did: whose account one is now, as `surface/id`; with `done` False nothing, as
    that is the owner and was not said to be meant."""

    maker: str
    person: int
    done: bool


class Linking:
    """Makes codes that link, takes them, and takes accounts off."""

    def __init__(self, store: Store, directory: Directory, entropy: Entropy) -> None:
        self._store = store
        self._directory = directory
        self._entropy = entropy

    async def make(self, actor: Actor, account: Account, told: Place) -> LinkCode:
        """A code of whoever has `account`, in place of one they made before; when it is used,
        they are told at `told`. Raises `TooManyPairings`."""
        code = codes.draw(self._entropy)
        salt = self._entropy.bytes(16)
        stored = await asyncio.to_thread(codes.hashed, code, salt)

        def make(tx: Tx) -> LinkCode:
            person = self._holder(tx, account) or meet(tx, actor, account)
            tx.execute("delete from link_codes where expires <= ? or person = ?", (tx.at, person))
            (open_ones,) = tx.execute("select count(*) from link_codes").fetchone()
            if open_ones >= MOST_OPEN:
                raise TooManyPairings(most=MOST_OPEN)
            expires = to_micros(tx.now + codes.LINK_LIFE)
            where = msgspec.json.encode(told).decode()
            tx.execute(
                "insert into link_codes(salt, hash, person, surface, account, told, expires)"
                " values(?,?,?,?,?,?,?)",
                (salt, stored, person, account.surface, account.id, where, expires),
            )
            owners = person == OWNER_NUMBER
            return LinkCode(code=codes.shown(code), expires=expires, owners=owners)

        made = await self._store.write(make, first=True)
        await refresh(self._store, self._directory)
        return made

    async def use(self, actor: Actor, account: Account, typed: str, *, sure: bool) -> Joined:
        """Make whoever has `account`, with all their accounts, the person that made the code. A
        wrong one counts as one of pairing does.

        Raises `WrongLink`, `TooManyTries`, `AlreadyLinked`, `OwnerLinks`.
        """
        number = await trying.fitting(self._store, "link_codes", typed)

        def use(tx: Tx) -> Joined | WaggleError:
            if (refused := trying.spent(tx, account)) is not None:
                return refused
            row = tx.execute(
                "select person, surface, account, told from link_codes"
                " where id = ? and expires > ?",
                (number, tx.at),
            ).fetchone()
            made_by = Account(surface=row[1], space="", id=row[2]) if row else None
            if made_by is None or self._holder(tx, made_by) != row[0]:
                return WrongLink(left=trying.counted(tx, account))
            person, maker = int(row[0]), f"{made_by.surface}/{made_by.id}"
            other = self._holder(tx, account) or meet(tx, actor, account)
            if other == person:
                return AlreadyLinked(maker=maker)
            if other == OWNER_NUMBER:
                return OwnerLinks(maker=maker)
            if person == OWNER_NUMBER and not sure:
                return Joined(maker=maker, person=person, done=False)
            tx.execute("delete from link_codes where person in (?, ?)", (person, other))
            fact = ev.PersonLinked(
                person=person,
                other=other,
                maker=maker,
                account=f"{account.surface}/{account.id}",
                told=msgspec.json.decode(row[3], type=Place),
            )
            tx.append(fact, actor)
            tx.execute(
                "update or ignore person_names set person = ? where person = ?", (person, other)
            )
            tx.execute("delete from person_names where person = ?", (other,))
            return Joined(maker=maker, person=person, done=True)

        # A wrong try has to be kept, so it is a result: what is raised undoes the transaction.
        done = await self._store.write(use, first=True)
        await refresh(self._store, self._directory)
        if isinstance(done, WaggleError):
            raise done
        return done

    async def remove(self, actor: Actor, name: str) -> int:
        """Let the actor's account `name`, a `surface/id`, be a person of its own; returns their
        number. Raises `NotFound`, `StaysLinked`."""
        surface, _, id_ = name.partition("/")

        def remove(tx: Tx) -> int:
            number = self._holder(tx, Account(surface=actor.surface, space="", id=actor.person))
            fixed = surface == TERMINAL.surface or (surface, id_) in self._directory.owners
            if fixed and number == OWNER_NUMBER:
                raise StaysLinked(account=name, why="settings")
            found = accounts_of(tx, number) if number else ()
            if name not in found:
                raise NotFound(kind="account", name=name[:60], near=found)
            if len(found) == 1 and number != OWNER_NUMBER:
                raise StaysLinked(account=name, why="")
            other = new_number(tx)
            fact = ev.AccountRemoved(person=number, other=other, surface=surface, account=id_)
            tx.append(fact, actor)
            tx.execute("delete from link_codes where surface = ? and account = ?", (surface, id_))
            return other

        other = await self._store.write(remove, first=True)
        await refresh(self._store, self._directory)
        return other

    def _holder(self, tx: Tx, account: Account) -> int:
        """The person behind an account as this write finds it; 0 for nobody."""
        surface, id_ = account.surface, account.id
        if surface == TERMINAL.surface or (surface, id_) in self._directory.owners:
            return OWNER_NUMBER
        row = tx.execute(
            "select person from person_accounts where surface = ? and account = ?", (surface, id_)
        ).fetchone()
        return int(row[0]) if row else 0


def accounts_of(rows: Rows | Tx, person: int) -> tuple[str, ...]:
    """Every account of a person, as `surface/id`."""
    found = rows.execute(
        "select distinct surface || '/' || account as name from person_accounts where person = ?"
        " order by name",
        (person,),
    ).fetchall()
    return tuple(row[0] for row in found)
