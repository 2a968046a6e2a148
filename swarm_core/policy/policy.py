"""The door."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from swarm_core.kernel.actor import OWNER, ROLES, SWARM, Actor
from swarm_core.kernel.errors import BadPolicy, NotAllowed
from swarm_core.kernel.text import escaped
from swarm_core.policy import reading
from swarm_core.policy.engine import RAISE, Asked, Rules
from swarm_core.policy.events import PolicyRefused
from swarm_core.policy.model import (
    KINDS,
    NOTHING_SENT,
    Action,
    Decision,
    May,
    Problem,
    Resource,
    Sending,
)
from swarm_core.store import Store

SHIPPED_POLICIES = Path(__file__).resolve().parents[2] / "data" / "policies"
_OWNER = Decision(True, "owner-may-everything")
_SWARM = Decision(True, "swarm-acts-for-accepted-work")
_ONLY_PEOPLE = Decision(False, "only-people-approve")


class Policy:
    """Every inbound event of any kind passes `authorize`; a refusal is a fact.

    `whose` names the person behind a stored key, the same for all accounts of one person.
    """

    def __init__(
        self,
        store: Store,
        whose: Callable[[str], str] = str,
        folders: Sequence[Path] = (),
    ) -> None:
        self._store = store
        self.whose = whose
        self._folders = (SHIPPED_POLICIES, *folders)
        self._rules: Rules | None = None
        self.were_one: Callable[[str, str], bool] = lambda mine, theirs: mine == theirs
        """Whether two keys are of one person, or were; set by the composition root."""

    def read(self, folders: Sequence[Path]) -> Rules:
        """The policies of these folders and the shipped ones, to `adopt`. Reads files; raises
        `BadPolicy`."""
        return Rules((SHIPPED_POLICIES, *folders))

    def adopt(self, rules: Rules, folders: Sequence[Path]) -> bool:
        """From here on these hold. Returns whether anybody was judged by others before."""
        before, self._rules = self._rules, rules
        self._folders = (SHIPPED_POLICIES, *folders)
        return before is not None and before.text != rules.text

    def allows(
        self, actor: Actor, action: Action, resource: Resource, sending: Sending = NOTHING_SENT
    ) -> bool:
        """Whether it would be allowed. A question, so nothing is recorded."""
        return self.decide(actor, action, resource, sending).allowed

    def authorize(
        self, actor: Actor, action: Action, resource: Resource, sending: Sending = NOTHING_SENT
    ) -> None:
        """Return when it is allowed, else record the refusal and raise `NotAllowed`."""
        decision = self.decide(actor, action, resource, sending)
        if decision.allowed:
            return
        # What a model or a tool names may hold what cannot be stored; the refusal has to be.
        kind, name = escaped(resource.kind), escaped(resource.name)
        fact = PolicyRefused(action=action.value, resource=f"{kind}/{name}", rule=decision.rule)
        self._store.post(lambda tx: tx.append(fact, actor))
        raise NotAllowed(
            actor=actor.key,
            action=action.value,
            resource=f"{kind} {name}".strip(),
            rule=decision.rule,
            instead=decision.instead,
        )

    def decide(
        self, actor: Actor, action: Action, resource: Resource, sending: Sending = NOTHING_SENT
    ) -> Decision:
        """What holds, and by which rule. The person at this machine, who could change every
        policy, and the swarm at what it has accepted are not asked about; so a machine with one
        person does not load the rules. What a worker sends out after it has read words of others
        may be those others' wish, so that is asked about, whoever it works for."""
        if actor is SWARM:
            return _ONLY_PEOPLE if action in (Action.DECIDE, Action.RAISE_CAP) else _SWARM
        theirs = sending.sends and sending.tainted
        if OWNER in actor.roles and actor.surface == "terminal" and not theirs:
            return _OWNER
        return self.rules.decide(
            Asked(
                person=escaped(self.whose(actor.key)),
                roles=actor.roles,
                action=action,
                kind=escaped(resource.kind),
                name=escaped(resource.name),
                own=self._theirs(actor, action, resource),
                nobodys=resource.owner == "",
                surface=escaped(actor.surface),
                space=escaped(actor.space),
                sending=sending,
            )
        )

    def own(self, actor: Actor, owner: str) -> bool:
        """Whether what `owner` has is the actor's, whichever account it was asked from."""
        return owner != "" and (owner == actor.key or self.whose(owner) == self.whose(actor.key))

    def _theirs(self, actor: Actor, action: Action, resource: Resource) -> bool:
        """Whether it is the actor's own. Of more money it stays so for an account taken off since:
        nobody is somebody else by that."""
        more = action is Action.RAISE_CAP or (action is Action.DECIDE and resource.kind == RAISE)
        if more and resource.owner and self.were_one(actor.key, resource.owner):
            return True
        return self.own(actor, resource.owner)

    async def prepare(self) -> None:
        """Read the rules off the loop, for who will soon be asked about: the first of them would
        hold up everybody else. What is wrong with them is told to whoever asks."""
        if self._rules is None:
            with suppress(BadPolicy):
                rules = await asyncio.to_thread(Rules, self._folders)
                self._rules = self._rules or rules

    @property
    def rules(self) -> Rules:
        """Those in force, read when they are first needed."""
        if self._rules is None:
            self._rules = Rules(self._folders)
        return self._rules

    def check(self, folders: Sequence[Path] = ()) -> list[Problem]:
        """What is wrong with the shipped policies and those of `folders`."""
        schema = (SHIPPED_POLICIES / reading.SCHEMA).read_text("utf-8")
        return reading.check((SHIPPED_POLICIES, *folders), schema)

    def who_may(self, action: Action) -> tuple[May, ...]:
        """For each role, and nobody's, what it may; asked of the rules in force."""
        found = []
        for kind in KINDS.get(action, ("",)):
            for role in (*ROLES, ""):
                held = frozenset({role}) if role else frozenset()
                own, others = (
                    self.rules.decide(
                        Asked(
                            person="person/0",
                            roles=held,
                            action=action,
                            kind=kind,
                            name="",
                            own=mine,
                            nobodys=False,
                            surface="",
                            space="",
                        )
                    )
                    for mine in (True, False)
                )
                rule = own.rule if own.allowed else others.rule
                found.append(
                    May(role=role, kind=kind, own=own.allowed, others=others.allowed, rule=rule)
                )
        return tuple(found)
