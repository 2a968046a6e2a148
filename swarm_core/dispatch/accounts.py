"""What people do about accounts of their own: make two of them one person, look, take one off."""

from __future__ import annotations

import msgspec

from swarm_core.dispatch.seeing import is_private
from swarm_core.kernel.actor import OWNER, Actor, Place
from swarm_core.people import OWNER_NUMBER, Account, Directory, LinkCode, Linked, Linking, Person
from swarm_core.policy import Action, Policy, Resource


class Owned(msgspec.Struct, frozen=True, kw_only=True):
    """An account as `surface/id`, the spaces it was seen in, and whether it is the one that
    asks."""

    account: str
    spaces: tuple[str, ...]
    here: bool


class Accounts:
    """Links accounts. Everything passes the policy."""

    def __init__(self, policy: Policy, directory: Directory, linking: Linking) -> None:
        self._policy = policy
        self._directory = directory
        self._linking = linking

    async def invite(self, actor: Actor, place: Place) -> LinkCode:
        """A code with which another account becomes the actor's, to be shown to them alone. Raises
        `TooManyPairings`."""
        self._may(actor)
        told = place if is_private(actor) else Place(surface=place.surface, space=place.space)
        return await self._linking.make(actor, _account(actor), told)

    async def link(self, actor: Actor, code: str, *, sure: bool = False) -> Linked:
        """Use a code: the actor is who made it, with all accounts of both. Where that is the
        owner nothing is done unless one is `sure`.

        Raises `WrongLink`, `TooManyTries`, `AlreadyLinked`, `OwnerLinks`.
        """
        self._may(actor)
        done = await self._linking.use(actor, _account(actor), code, sure=sure)
        person = self._directory.person(done.person) or _nobody()
        return Linked(maker=done.maker, person=person, done=done.done)

    async def remove(self, actor: Actor, account: str) -> Person:
        """Let an account of the actor's be a person of its own; returns that person. Raises
        `NotFound`, `StaysLinked`."""
        self._may(actor)
        number = await self._linking.remove(actor, account)
        return self._directory.person(number) or _nobody()

    def listing(self, actor: Actor) -> tuple[Owned, ...]:
        """Every account of the actor, the one they ask from first."""
        self._may(actor)
        number = self._directory.number_of(actor.key)
        here = f"{actor.surface}/{actor.person}"
        spaces: dict[str, list[str]] = {here: []}
        for surface, space, account in sorted(self._directory.known.seen):
            if self._directory.number(surface, account) == number:
                spaces.setdefault(f"{surface}/{account}", []).append(f"{surface}/{space}")
        return tuple(
            Owned(account=name, spaces=tuple(found), here=name == here)
            for name, found in spaces.items()
        )

    def _may(self, actor: Actor) -> None:
        self._policy.authorize(actor, Action.LINK, Resource("person", "link", actor.key))
        if self._directory.number_of(actor.key) == OWNER_NUMBER:
            # Who types at the terminal has its account, whoever that is; the owner is asked for.
            self._policy.authorize(actor, Action.MAKE_PAIRING, Resource("role", OWNER))


def _account(actor: Actor) -> Account:
    return Account(surface=actor.surface, space=actor.space, id=actor.person)


def _nobody() -> Person:
    return Person(number=0, accounts=(), spaces=(), grants=(), wishes={})
