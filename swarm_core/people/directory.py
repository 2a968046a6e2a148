"""Who is who, in memory: asked by every check and every lease, so it never waits for the disk.

What can go wrong: what is in memory is not what is stored. So it is read anew, whole, after every
write of this room, and put in place in one assignment; whoever looks meanwhile sees one or the
other, never half.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from swarm_core.kernel.actor import MEMBER, OWNER, ROLES, Actor, Place, Role, is_direct
from swarm_core.people.local import TERMINAL, local_owner
from swarm_core.people.model import (
    EVERYWHERE,
    OWNER_NUMBER,
    Account,
    Grant,
    Mapped,
    Person,
)
from swarm_core.store import Rows

UNDER = "under"
"""The key by which a place keeps which channel it hangs under. People cannot set it."""

Numbers = Mapping[tuple[str, str], int]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """All that is stored, as one value."""

    numbers: Numbers = {}
    """Person by surface and account."""
    seen: frozenset[tuple[str, str, str]] = frozenset()
    people: Mapping[int, Person] = {}
    mapped: Mapping[tuple[str, str], Role] = {}
    places: Mapping[tuple[str, str, str], Mapping[str, str]] = {}
    merged: Mapping[int, int] = {}
    """Who somebody is now that was a person of their own before."""
    parted: Mapping[int, int] = {}
    """Whose account somebody was who is a person of their own now."""


class Directory:
    """Answers about people. `owners` are the accounts that settings say are the owner's."""

    def __init__(self, owners: frozenset[tuple[str, str]] = frozenset()) -> None:
        self.owners = owners
        self.known = Known()

    def number(self, surface: str, account: str) -> int:
        """The person behind an account; 0: nobody is known by it."""
        if surface == TERMINAL.surface or (surface, account) in self.owners:
            return OWNER_NUMBER
        return self.known.numbers.get((surface, account), 0)

    def number_of(self, key: str) -> int:
        """The person behind a stored key."""
        surface, _, rest = key.partition("/")
        if surface == "person" and rest.isdecimal():
            return self.known.merged.get(int(rest), int(rest))
        return self.number(surface, rest.rpartition("/")[2])

    def whose(self, key: str) -> str:
        """One name for all accounts and places of a person: `person/7`; of whom nobody knows,
        the key itself."""
        number = self.number_of(key)
        return f"person/{number}" if number else key

    def were_one(self, key: str, other: str) -> bool:
        """Whether the people behind two keys are one person, or were: who takes an account off
        is nobody else by that."""
        mine, theirs = self._roots(key), self._roots(other)
        return bool(mine & theirs)

    def _roots(self, key: str) -> frozenset[int]:
        found, number = set[int](), self.number_of(key)
        while number and number not in found:
            found.add(number)
            before = self.known.parted.get(number, 0)
            number = self.known.merged.get(before, before)
        return frozenset(found)

    def once(self, name: str) -> tuple[str, ...]:
        """The names that `name`, one of `whose`, has taken in."""
        number = self.number_of(name)
        return tuple(f"person/{other}" for other, now in self.known.merged.items() if now == number)

    def name_of(self, key: str) -> str:
        """What to call the person behind a stored key."""
        person = self.person(self.number_of(key))
        return person.name if person and person.name else self.whose(key)

    def called(self, key: str) -> str:
        """The name of the person behind a stored key; the key itself where there is none."""
        person = self.person(self.number_of(key))
        return person.name if person and person.name else key

    def person(self, number: int) -> Person | None:
        found = self.known.people.get(self.known.merged.get(number, number))
        if found is None and number == OWNER_NUMBER:
            return Person(number=number, accounts=(), spaces=(), grants=(), wishes={})
        return found

    def keys_of(self, actor: Actor) -> tuple[str, ...]:
        """Every key under which that person has done something; the actor's own first."""
        number = self.number_of(actor.key)
        if not number:
            return (actor.key,)
        keys = (
            f"{surface}/{space}/{account}"
            for surface, space, account in self.known.seen
            if self.number(surface, account) == number
        )
        return tuple(dict.fromkeys((actor.key, *sorted(keys))))

    def roles(self, account: Account) -> frozenset[Role]:
        """The roles somebody holds where they are: by the settings, by an owner's word, by what
        the platform says and an owner has said that it means. Whoever was given one anywhere is
        heard where they are alone, on whatever surface."""
        number = self.number(account.surface, account.id)
        scope = f"{account.surface}/{account.space}"
        person = self.person(number)
        given = person.grants if person else ()
        found = {grant.role for grant in given if grant.scope in (scope, EVERYWHERE)}
        found |= {
            self.known.mapped[scope, role]
            for role in account.platform_roles
            if (scope, role) in self.known.mapped
        }
        if number == OWNER_NUMBER:
            found.add(OWNER)
        if given and is_direct(account.space):
            found.add(MEMBER)
        return frozenset(found & set(ROLES))

    def actor(self, account: Account) -> Actor:
        if account.surface == TERMINAL.surface:
            return local_owner(int(account.id))
        return Actor(
            surface=account.surface,
            space=account.space,
            person=account.id,
            roles=self.roles(account),
        )

    def actor_of(self, key: str) -> Actor:
        """The person a stored key names, with the roles they hold now by anybody's word but the
        platform's, who is not asked again."""
        if key.startswith("person/"):
            person = self.person(self.number_of(key))
            first = next(iter(person.accounts), "") if person else ""
            surface, _, account = first.partition("/")
            return Actor(surface=surface or "person", space="", person=account, key=key)
        surface, space, account = _parts(key)
        return self.actor(Account(surface=surface, space=space, id=account))

    def wishes_of(self, actor: Actor) -> Mapping[str, str]:
        """What a person wishes, wherever they ask from."""
        person = self.person(self.number_of(actor.key))
        return person.wishes if person else {}

    def set_at(self, place: Place) -> dict[str, str]:
        """What is set for a place: that of its channel before that of the one it hangs under,
        before that of its space."""
        own = dict(self._set(place, place.channel))
        above = own.pop(UNDER, "")
        found = {**self.set_for_all(place), **self._set(place, above), **own}
        found.pop(UNDER, None)
        return found

    def set_for_all(self, place: Place) -> Mapping[str, str]:
        """What is set for the whole space of a place."""
        return self._set(place, "")

    def _set(self, place: Place, channel: str) -> Mapping[str, str]:
        return self.known.places.get((place.surface, place.space, channel), {})

    def hangs(self, place: Place, above: str) -> bool:
        """Whether it has to be kept that `place` hangs under the channel `above`: something is
        set there, which holds here too."""
        return bool(self._set(place, above)) and self._set(place, place.channel).get(UNDER) != above

    def set_for(self, key: str, places: Iterable[Place]) -> str | None:
        """What is set under `key` for the first of `places` that has it; None for none."""
        found = self.known.places
        each = (found.get((p.surface, p.space, p.thread), {}).get(key) for p in places)
        return next((value for value in each if value is not None), None)

    def workspace(self, place: Place, usual: Path | None) -> Path | None:
        """The folder that may be read there: in a chat none, unless the owner has set one."""
        if place.surface == TERMINAL.surface:
            return usual
        folder = self.set_at(place).get("workspace")
        return Path(folder) if folder else None

    @property
    def mapped(self) -> tuple[Mapped, ...]:
        return tuple(
            Mapped(scope=scope, platform_role=theirs, role=ours)
            for (scope, theirs), ours in sorted(self.known.mapped.items())
        )


def _parts(key: str) -> tuple[str, str, str]:
    surface, _, rest = key.partition("/")
    space, _, account = rest.rpartition("/")  # a space may hold one itself: `dm/7`
    return surface, space, account


def read(rows: Rows) -> Known:
    """Everything that is stored."""
    seen = rows.execute("select surface, space, account, person from person_accounts").fetchall()
    names = dict(rows.execute("select person, name from person_names").fetchall())
    grants: dict[int, list[Grant]] = {}
    for number, scope, role in rows.execute(
        "select person, scope, role from person_roles"
    ).fetchall():
        grants.setdefault(number, []).append(Grant(scope=scope, role=role))
    wishes: dict[int, dict[str, str]] = {}
    for number, wish, value in rows.execute("select person, wish, value from wishes").fetchall():
        wishes.setdefault(number, {})[wish] = value
    places: dict[tuple[str, str, str], dict[str, str]] = {}
    for surface, space, thread, key, value in rows.execute("select * from places").fetchall():
        places.setdefault((surface, space, thread), {})[key] = value
    accounts: dict[int, dict[str, None]] = {}
    spaces: dict[int, dict[str, None]] = {}
    for surface, space, account, number in seen:
        accounts.setdefault(number, {})[f"{surface}/{account}"] = None
        spaces.setdefault(number, {})[f"{surface}/{space}"] = None
    numbers = {row[3] for row in seen} | grants.keys() | wishes.keys()
    people = {
        number: Person(
            number=number,
            accounts=tuple(accounts.get(number, ())),
            spaces=tuple(spaces.get(number, ())),
            grants=tuple(grants.get(number, ())),
            wishes=wishes.get(number, {}),
            name=names.get(number, ""),
        )
        for number in sorted(numbers)
    }
    mapped = {
        (row[0], row[1]): row[2]
        for row in rows.execute("select scope, platform_role, role from platform_roles").fetchall()
    }
    merged, parted = (
        dict(rows.execute(f"select other, person from {table}").fetchall())  # noqa: S608
        for table in ("person_merged", "person_parted")
    )
    return Known(
        merged=merged,
        parted=parted,
        numbers={(row[0], row[2]): row[3] for row in seen},
        seen=frozenset((row[0], row[1], row[2]) for row in seen),
        people=people,
        mapped=mapped,
        places=places,
    )
