"""What people do about people and places: pair, give roles, wish, be forgotten, set up channels.
Everything passes the policy."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from swarm_core.budget.ledger import Ledger
from swarm_core.dispatch.fitting import fitting, hours
from swarm_core.kernel.actor import OWNER, SWARM, Actor, Place, Role
from swarm_core.kernel.errors import BadArgument, LastOwner, NotFound
from swarm_core.kernel.money import MicroUSD
from swarm_core.kernel.text import nearest
from swarm_core.people import (
    EVERYWHERE,
    OWNER_NUMBER,
    TERMINAL,
    UNDER,
    Account,
    Code,
    Directory,
    Mapped,
    Pairing,
    Person,
    Registering,
    meant,
)
from swarm_core.people.events import PlaceSet
from swarm_core.policy import Action, May, Policy, Resource
from swarm_core.store import Tx


class Members:
    """Who is here, by `directory`, and what changes that."""

    def __init__(
        self,
        policy: Policy,
        directory: Directory,
        registering: Registering,
        pairing: Pairing,
        ledger: Ledger,
    ) -> None:
        self._policy = policy
        self.directory = directory
        self._registering = registering
        self._pairing = pairing
        self._ledger = ledger

    async def resolve(self, account: Account) -> Actor:
        """Who sends an event, with the roles they hold where they are. Nobody becomes anything
        by that; somebody new has no role."""
        return await self._registering.resolve(account)

    async def arrived(
        self,
        *,
        surface: str,
        space: str,
        account: str,
        name: str = "",
        platform_roles: tuple[str, ...] = (),
    ) -> Actor:
        """The same, from what a platform says of an event's sender."""
        return await self.resolve(
            Account(
                surface=surface, space=space, id=account, name=name, platform_roles=platform_roles
            )
        )

    def listing(self, actor: Actor) -> tuple[tuple[Person, ...], tuple[Mapped, ...]]:
        """The people one sees from here, the owner first, and what the platform's roles mean."""
        self._policy.authorize(actor, Action.READ_PEOPLE, Resource("people"))
        here, everywhere = f"{actor.surface}/{actor.space}", actor.surface == TERMINAL.surface
        people = tuple(
            person
            for person in self.directory.known.people.values()
            if everywhere or here in person.spaces
        )
        mapped = tuple(m for m in self.directory.mapped if everywhere or m.scope == here)
        return people, mapped

    def find(self, actor: Actor, who: str) -> Person:
        """The person `who` means, as `meant` reads it. Raises `NotFound`, also for those who were
        never seen where the actor is."""
        here, people = f"{actor.surface}/{actor.space}", self.directory.known.people.values()
        local = actor.surface == TERMINAL.surface or who == "me"
        among = [person for person in people if local or here in person.spaces]
        found = self.directory.person(meant(self.directory, actor, who, among))
        if found is None or not (local or here in found.spaces):
            known = [word for person in among for word in (person.name, person.key) if word]
            raise NotFound(kind="person", name=who[:60], near=nearest(who, known))
        return found

    async def give(
        self, actor: Actor, who: str, role: Role, scope: str | None = None, *, take: bool = False
    ) -> tuple[Person, str]:
        """Let somebody hold `role` here, or in `scope`; `take`: no longer. Returns them as they
        are now, and where that holds. Raises `LastOwner` for the owner's own role, `NotFound`."""
        where = self._scope(actor, scope)
        self._policy.authorize(actor, Action.GRANT, Resource("role", role))
        person = self.find(actor, who)
        if role == OWNER or person.number == OWNER_NUMBER:
            raise LastOwner(role=role)
        change = self._registering.take if take else self._registering.give
        await change(actor, person.number, where, role)
        return self.directory.person(person.number) or person, where

    async def map_role(
        self, actor: Actor, platform_role: str, role: Role | None, scope: str | None = None
    ) -> str:
        """Let a role of the platform mean one of ours here, or in `scope`; None: no longer."""
        where = self._scope(actor, scope)
        self._policy.authorize(actor, Action.GRANT, Resource("role", role or ""))
        if role == OWNER:
            raise LastOwner(role=role)
        await self._registering.map_role(actor, where, platform_role, role)
        return where

    def _scope(self, actor: Actor, scope: str | None) -> str:
        """Where a role holds: the space one is in. At this machine, everywhere unless told; from
        a space nobody reaches into another."""
        here = f"{actor.surface}/{actor.space}"
        if actor.surface == TERMINAL.surface:
            return scope or EVERYWHERE
        if scope not in (None, here):
            self._policy.authorize(actor, Action.CONFIGURE, Resource("space", str(scope)))
        return scope or here

    async def invite(self, actor: Actor, role: Role, scope: str | None = None) -> Code:
        """A pairing code, to be shown once. Raises `TooManyPairings`, `LastOwner`."""
        where = self._scope(actor, scope)
        self._policy.authorize(actor, Action.MAKE_PAIRING, Resource("role", role))
        return await self._pairing.make(actor, role, where)

    async def pair(self, actor: Actor, code: str) -> Code:
        """Use a code. Raises `WrongCode`, `TooManyTries`."""
        self._policy.authorize(actor, Action.PAIR, Resource("person", "pair", actor.key))
        account = Account(surface=actor.surface, space=actor.space, id=actor.person)
        return await self._pairing.use(actor, account, code)

    async def prefer(self, actor: Actor, wish: str, value: str | None) -> Person:
        """Remember a wish of the actor; None: no longer. Raises `BadArgument`."""
        self._policy.authorize(actor, Action.SET_OWN, Resource("wish", wish, actor.key))
        if wish == "zone" and value is not None and value not in available_timezones():
            raise BadArgument(
                command="me",
                name="zone",
                value=value[:60],
                expected="the name of a time zone, like Europe/Berlin",
                example="/me zone Europe/Berlin",
            )
        if wish in ("quiet", "digest") and value is not None:
            value = hours(wish, value)
        await self._registering.prefer(actor, wish, value)
        return self.me(actor)

    def own_things(self, actor: Actor) -> None:
        """Raises `NotAllowed` unless the actor may look at what is their own."""
        self._policy.authorize(actor, Action.SET_OWN, Resource("notices", "", actor.key))

    def me(self, actor: Actor) -> Person:
        """What is known of the actor."""
        number = self.directory.number_of(actor.key)
        found = self.directory.person(number)
        return found or Person(number=0, accounts=(), spaces=(), grants=(), wishes={})

    def zone(self, actor: Actor) -> ZoneInfo | None:
        """The zone the actor wishes times in; None for the machine's."""
        name = self.me(actor).wishes.get("zone")
        return ZoneInfo(name) if name else None

    def own(self, actor: Actor, person: Person) -> bool:
        """Whether the actor is that person."""
        return person.number == self.directory.number_of(actor.key)

    def places(self, actor: Actor) -> tuple[str, ...]:
        """The spaces the actor was seen in, for the owner all that are known."""
        if OWNER in actor.roles:
            found = {f"{s}/{space}" for s, space, _ in self.directory.known.seen}
        else:
            found = set(self.me(actor).spaces)
        return tuple(sorted(found))

    def reach(self, actor: Actor, place: Place) -> None:
        """Raises `NotAllowed` unless the actor may change spaces they are not in."""
        space = f"{place.surface}/{place.space}"
        self._policy.authorize(actor, Action.CONFIGURE, Resource("space", space))

    def forgettable(self, actor: Actor, who: str) -> Person:
        """The person, when the actor may have them forgotten. Raises `NotFound`, `NotAllowed`,
        `LastOwner`: without its owner nobody could use the swarm."""
        person = self.find(actor, who)
        owner = actor.key if self.own(actor, person) else person.key
        self._policy.authorize(actor, Action.ERASE_PERSON, Resource("person", person.key, owner))
        if person.number == OWNER_NUMBER:
            raise LastOwner(role=OWNER)
        return person

    async def forget(self, actor: Actor, who: str) -> None:
        """Forget what is known of a person: accounts, roles, wishes, name. What they wrote is
        erased before that, by whoever keeps it. Raises what `forgettable` raises."""
        person = self.forgettable(actor, who)
        await self._registering.forget(actor, person.number)

    def settings_at(self, actor: Actor, place: Place) -> dict[str, str]:
        """What is set for a place."""
        self._policy.authorize(actor, Action.READ_CHANNEL, Resource("channel"))
        return self.directory.set_at(place)

    def may_set(self, actor: Actor, key: str) -> None:
        """Raises `NotAllowed` unless the actor may set that for a place."""
        self._policy.authorize(actor, Action.SET_CHANNEL, Resource("channel", key))
        if key == "workspace":
            # A folder of this machine becomes readable to all who ask there.
            self._policy.authorize(actor, Action.CONFIGURE, Resource("workspace"))

    async def set_at(
        self, actor: Actor, place: Place, key: str, value: str | None, *, for_all: bool = False
    ) -> None:
        """Set what holds in the channel of a place, with `for_all` in its whole space, as a cap
        always does; None: what is usual again. Raises `BadArgument`."""
        self.may_set(actor, key)
        if value is not None:
            value = fitting(key, value)
        thread = "" if for_all or key == "cap" else place.channel
        fact = PlaceSet(
            surface=place.surface, space=place.space, thread=thread, key=key, value=value
        )

        def bind(tx: Tx) -> None:
            if key == "cap":
                name = f"channel_day/{place.surface}/{place.space}"
                cap = None if value is None else MicroUSD(int(value))
                self._ledger.change_cap(tx, actor, name, cap)

        await self._registering.set_place(actor, fact, bind)

    async def hangs(self, place: Place, above: str) -> None:
        """`place` hangs under the channel `above`, as a thread does, and what is set there holds
        in it as well."""
        if self.directory.hangs(place, above):
            fact = PlaceSet(
                surface=place.surface,
                space=place.space,
                thread=place.channel,
                key=UNDER,
                value=above,
            )
            await self._registering.set_place(SWARM, fact, lambda _: None)

    def who_may(self, actor: Actor, action: str) -> tuple[Action, tuple[May, ...]]:
        """Which roles may do `action`, as the policies in force say. Raises `NotFound`."""
        self._policy.authorize(actor, Action.READ_POLICY, Resource("policy"))
        names = [each.value for each in Action]
        if action not in names:
            raise NotFound(kind="action", name=action[:60], near=nearest(action, names))
        return Action(action), self._policy.who_may(Action(action))

    def says(self, rule: str) -> str:
        """What a rule says to people."""
        return self._policy.rules.says(rule)
