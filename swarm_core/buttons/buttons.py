"""Putting buttons down and taking presses up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.clock import to_micros
from swarm_core.kernel.errors import ButtonGone, ButtonOfAnother, ButtonUsed
from swarm_core.kernel.ids import Entropy, TaskId
from swarm_core.store import Rows, Store, Tx

KEPT = timedelta(days=30)
_LENGTH = 16
"""Bytes of an id: 32 characters; the strictest service takes 64."""
_SWEPT = 200
"""Rows past their time that go with each write."""
_encode = msgspec.json.Encoder(order="deterministic").encode


class Choice(msgspec.Struct, frozen=True, array_like=True):
    """What it is called, and the command line. `sure`: a person is asked once more before it is
    carried out; `typed`: what a person has already filled in where the line has blanks."""

    label: str
    line: str
    sure: bool = False
    typed: dict[str, str] = {}


class Making(msgspec.Struct, frozen=True, kw_only=True):
    """A button to be: where it is shown; for `person` alone or for anyone there; for what `task`.

    One choice is a button, several are those under "More" or of a list to pick from. `once`: the
    first press uses it up.
    """

    choices: tuple[Choice, ...]
    place: Place
    person: str | None = None
    task: TaskId | None = None
    once: bool = False
    kept: timedelta = KEPT


class Pressed(msgspec.Struct, frozen=True, kw_only=True):
    choices: tuple[Choice, ...]
    task: TaskId | None

    @property
    def choice(self) -> Choice | None:
        """What was chosen; None when there is a choice to be offered first."""
        return self.choices[0] if len(self.choices) == 1 else None

    @property
    def line(self) -> str | None:
        """The command line; None when there is a choice to be offered first."""
        return self.choice.line if self.choice else None


class Buttons:
    """The buttons of all places. They outlive restarts."""

    def __init__(self, store: Store, entropy: Entropy) -> None:
        self._store = store
        self._entropy = entropy

    async def put(self, makings: Sequence[Making]) -> tuple[str, ...]:
        """An id for each, committed together. Raises ValueError for one without a choice."""
        if not all(making.choices for making in makings):
            raise ValueError("a button needs a choice")
        ids = tuple(_id(self._entropy.bytes(_LENGTH)) for _ in makings)
        if ids:
            await self._store.write(lambda tx: _put(tx, ids, makings), first=True)
        return ids

    async def take(
        self, button: str, actor: Actor, place: Place, picked: str | None = None
    ) -> Pressed:
        """What the press of `button` by `actor` means; `picked` is the place in a list, counted
        from 0. Raises `ButtonGone` when there is none of that id at this place or in this list or
        its time is over, `ButtonOfAnother` when it is somebody else's, or `ButtonUsed`."""
        return await self._store.write(
            lambda tx: _take(tx, button, actor.key, place, picked), first=True
        )

    async def place(self, button: str) -> Place | None:
        """Where it is shown; None for one that is not there."""

        def read(rows: Rows) -> Place | None:
            where = "select place from buttons where id = ?"
            found = rows.execute(where, (button,)).fetchone()
            return msgspec.json.decode(found[0], type=Place) if found else None

        return await self._store.read(read)

    async def left(self, ids: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Those of `ids` that can still be pressed, in their order, each with what it is called."""
        now = to_micros(self._store.clock.now())

        def read(rows: Rows) -> dict[str, str]:
            found = rows.execute(
                "select id, choices from buttons where used is null and expires > ?"
                " and id in (select value from json_each(?))",
                (now, _encode(ids).decode()),
            ).fetchall()
            return {row[0]: _choices(row[1])[0].label for row in found}

        found = await self._store.read(read)
        return tuple((each, found[each]) for each in ids if each in found)

    async def use_up(self, ids: Sequence[str], person: str | None) -> int:
        """Take these out of use, those of `person` alone if one is named. Returns how many."""

        def use(tx: Tx) -> int:
            return tx.execute(
                "update buttons set used = ?1 where used is null and expires > ?1"
                " and (?2 is null or person = ?2) and id in (select value from json_each(?3))",
                (tx.at, person, _encode(ids).decode()),
            ).rowcount

        return await self._store.write(use, first=True)


def _choices(stored: str) -> tuple[Choice, ...]:
    return msgspec.json.decode(stored, type=tuple[Choice, ...])


def _id(drawn: bytes) -> str:
    return drawn.hex()


def _put(tx: Tx, ids: Sequence[str], makings: Sequence[Making]) -> None:
    tx.execute(
        "delete from buttons where id in (select id from buttons where expires <= ? limit ?)",
        (tx.at, _SWEPT),
    )
    for button, making in zip(ids, makings, strict=True):
        tx.execute(
            "insert into buttons(id, choices, place, person, task, once, expires)"
            " values(?,?,?,?,?,?,?)",
            (
                button,
                _encode(making.choices).decode(),
                _encode(making.place).decode(),
                making.person,
                making.task,
                making.once,
                to_micros(tx.now + making.kept),
            ),
        )


def _take(tx: Tx, button: str, person: str, place: Place, picked: str | None) -> Pressed:
    row = tx.execute(
        "select choices, task, person, once, used from buttons"
        " where id = ? and place = ? and expires > ?",
        (button, _encode(place).decode(), tx.at),
    ).fetchone()
    if row is None:
        raise ButtonGone
    choices, task, owner, once, used = row
    if owner is not None and owner != person:
        raise ButtonOfAnother
    if used is not None:
        raise ButtonUsed
    made = _choices(choices)
    if picked is not None:
        if not (picked.isascii() and picked.isdecimal() and int(picked) < len(made)):
            raise ButtonGone
        made = (made[int(picked)],)
    if once:
        tx.execute("update buttons set used = ? where id = ?", (tx.at, button))
    return Pressed(choices=made, task=TaskId(task) if task is not None else None)
