"""The door."""

from __future__ import annotations

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import NotAllowed
from swarm_core.kernel.text import escaped
from swarm_core.policy.events import PolicyRefused
from swarm_core.policy.model import Action, Resource
from swarm_core.policy.rules import decide
from swarm_core.store import Store


class Policy:
    """Every inbound event of any kind passes `authorize`; a refusal is a fact."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def allows(self, actor: Actor, action: Action, resource: Resource) -> bool:
        """Whether it would be allowed. A question, so nothing is recorded."""
        return decide(actor, action, resource).allowed

    def authorize(self, actor: Actor, action: Action, resource: Resource) -> None:
        """Return when it is allowed, else record the refusal and raise `NotAllowed`."""
        decision = decide(actor, action, resource)
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
