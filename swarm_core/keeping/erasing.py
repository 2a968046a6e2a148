"""Everything one person wrote, erased at their wish.

Texts and what was remembered for them go, from the tables, from memory, from pages the database
had freed, and from the log beside it: the file is written anew. Amounts, instants and hashes stay,
so the ledger adds up and the chain holds. A task that has not ended needs its texts, so it has to
be cancelled first.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from operator import methodcaller
from pathlib import Path

import msgspec

from swarm_core.dispatch.control import Control
from swarm_core.keeping.backups import Backups
from swarm_core.keeping.events import PersonErased
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import AlreadyEnded, NotFound, PersonAtWork
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.text import nearest
from swarm_core.policy import Action, Policy, Resource
from swarm_core.store import Rows, Store, Tx
from swarm_core.tasks.similar import Similar

_AT_ONCE = 1_000
MOST_NAMED = 20


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a person, or was until `done`: the `people` are the keys they have in
    different places, `open` their unfinished tasks, `copies` files and folders that hold texts of
    theirs besides the database: backups, and state that a restore put aside."""

    people: tuple[str, ...]
    tasks: int
    texts: int
    remembered: int
    open: tuple[TaskId, ...]
    copies: tuple[str, ...]
    done: bool = False


class Erasing:
    """Finds and erases what a person wrote."""

    def __init__(
        self, store: Store, policy: Policy, control: Control, similar: Similar, backups: Backups
    ) -> None:
        self._store = store
        self._policy = policy
        self._control = control
        self._similar = similar
        self._backups = backups

    async def look(self, actor: Actor, who: str) -> Erasure:
        """What erasing `who` would erase. Raises `NotAllowed` or `NotFound`."""
        self._policy.authorize(actor, Action.ERASE_PERSON, Resource("person", who, who))
        found, _ = await self._find(who)
        return found

    async def erase(
        self, actor: Actor, who: str, *, cancel: bool = False, copies: bool = False
    ) -> Erasure:
        """Erase it. `who` is a person's key (`chat/10/7`), or surface and person (`chat/7`)
        for them in all places. `cancel` ends their open tasks first, `copies` deletes backups and
        what a restore has put aside. Raises `NotAllowed`, `NotFound` or `PersonAtWork`."""
        self._policy.authorize(actor, Action.ERASE_PERSON, Resource("person", who, who))
        found, ids = await self._find(who)
        if cancel and found.open:
            for task in found.open:
                try:
                    await self._control.cancel(actor, task)
                except AlreadyEnded:
                    continue
            found, ids = await self._find(who)
        await self._store.write(lambda tx: self._begin(tx, actor, found))
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            await self._store.write(methodcaller("erase_bodies", part))
        self._similar.forget(frozenset(found.people))
        await self._store.compact()
        if copies:
            await asyncio.to_thread(_delete, found.copies)
            await self._backups.make(actor)
            found = msgspec.structs.replace(found, copies=())
        return msgspec.structs.replace(found, done=True)

    def _begin(self, tx: Tx, actor: Actor, found: Erasure) -> None:
        """Record it. A kill afterwards leaves some texts; the same command erases the rest."""
        still = _open(tx, found.people)
        if still:
            raise PersonAtWork(
                person=found.people[0], tasks=tuple(f"#{task}" for task in still[:MOST_NAMED])
            )
        tx.append(PersonErased(people=found.people, tasks=found.tasks, texts=found.texts), actor)
        for key in found.people:
            tx.execute("delete from remembered where person = ?", (key,))
            tx.execute(
                "delete from buttons where person = ?1"
                " or task in (select id from tasks where person = ?1)",
                (key,),
            )

    async def _find(self, who: str) -> tuple[Erasure, list[int]]:
        copies = await asyncio.to_thread(self._copies)
        return await self._store.read(lambda rows: _found(rows, who, copies))

    def _copies(self) -> tuple[str, ...]:
        aside = [each for each in self._store.folder.glob("before-*") if each.is_dir()]
        return (*(kept.file for kept in self._backups.all()), *(str(each) for each in aside))


def _found(rows: Rows, who: str, copies: tuple[str, ...]) -> tuple[Erasure, list[int]]:
    known = [
        row[0]
        for row in rows.execute(
            "select person from tasks union select actor from journal"
            " union select actor from bodies where actor is not null"
            " union select person from remembered order by 1"
        ).fetchall()
    ]
    people = tuple(key for key in known if _is(key, who))
    if not people:
        raise NotFound(kind="person", name=who[:80], near=nearest(who, known))
    keys = msgspec.json.encode(people).decode()
    ids = [
        row[0]
        for row in rows.execute(
            "select id from bodies where (content is not null or blob is not null)"
            " and (actor in (select value from json_each(?1)) or task in"
            " (select id from tasks where person in (select value from json_each(?1))))",
            (keys,),
        ).fetchall()
    ]
    of_them = "person in (select value from json_each(?))"
    (tasks,) = rows.execute(f"select count(*) from tasks where {of_them}", (keys,)).fetchone()  # noqa: S608
    (remembered,) = rows.execute(
        f"select count(*) from remembered where {of_them}",  # noqa: S608
        (keys,),
    ).fetchone()
    found = Erasure(
        people=people,
        tasks=tasks,
        texts=len(ids),
        remembered=remembered,
        open=_open(rows, people),
        copies=copies,
    )
    return found, ids


def _open(rows: Rows | Tx, people: Sequence[str]) -> tuple[TaskId, ...]:
    found = rows.execute(
        "select id from tasks where ended is null"
        " and person in (select value from json_each(?)) order by id",
        (msgspec.json.encode(list(people)).decode(),),
    )
    return tuple(TaskId(row[0]) for row in found.fetchall())


def _is(key: str, who: str) -> bool:
    if key == who:
        return True
    surface, _, person = who.partition("/")
    return (
        "/" not in person
        and person != ""
        and (key.startswith(f"{surface}/") and key.endswith(f"/{person}"))
    )


def _delete(copies: Sequence[str]) -> None:
    for each in map(Path, copies):
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink(missing_ok=True)
