"""The rules in force: policies parsed once, asked many times.

What can go wrong: a policy that does not parse is left out and with it a prohibition; a check on
the way of every event costs a parse. So policies that do not hold as a whole are never put in
force, and everything about them but the request is made once. A decision depends on nothing but
what the request holds, so the same request again is answered from memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from swarm_core.kernel.actor import ROLES, Role
from swarm_core.kernel.errors import BadPolicy
from swarm_core.policy import reading
from swarm_core.policy.model import NOTHING_SENT, Action, Decision, Sending

RAISE = "raise"
"""The kind of an approval that is about more money for what its owner does."""
NO_RULE = "nothing-allows-it"
_REMEMBERED = 4_096
_ABOVE: dict[Role, tuple[Role, ...]] = {
    "owner": ("admin",),
    "admin": ("operator", "approver"),
    "operator": ("member",),
    "approver": ("member",),
    "member": (),
}
"""Each role, and those whose rights it also has."""
_json = msgspec.json.Encoder()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request as policies see it."""

    person: str
    roles: frozenset[Role]
    action: Action
    kind: str
    name: str
    own: bool
    nobodys: bool
    surface: str
    space: str
    sending: Sending = NOTHING_SENT


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One policy. `actions` empty: it is about all of them."""

    id: str
    says: str
    actions: frozenset[str]


class Rules:
    """Decides. Made from folders of policies, the shipped one first; raises `BadPolicy`."""

    def __init__(self, folders: Sequence[Path]) -> None:
        import cedarpy

        self._cedar = cedarpy
        schema = (folders[0] / reading.SCHEMA).read_text("utf-8")
        problems = reading.check(folders, schema)
        if problems:
            first = problems[0]
            raise BadPolicy(
                file=first.file, line=first.line, problem=first.problem, more=len(problems) - 1
            )
        self.text = "\n".join(each.text for each in reading.read(folders)[0])
        self._policies, self.rules = _parsed(self.text)
        self._by_id = {rule.id: rule for rule in self.rules}
        self.decide = lru_cache(_REMEMBERED)(self._decide)
        self._entities = lru_cache(_REMEMBERED)(self._made_entities)

    def says(self, rule: str) -> str:
        """What a rule says to people; '' of one there is not."""
        return self._by_id[rule].says if rule in self._by_id else ""

    def naming(self, action: Action) -> tuple[Rule, ...]:
        """The policies that name `action`, leaving out those that are about all."""
        return tuple(rule for rule in self.rules if action.value in rule.actions)

    def _decide(self, asked: Asked) -> Decision:
        found = self._is_authorized(asked)
        return self._nothing_allows(asked) if found.rule == NO_RULE else found

    def _is_authorized(self, asked: Asked) -> Decision:
        context = {
            "own": asked.own,
            "nobodys": asked.nobodys,
            "name": asked.name,
            "surface": asked.surface,
            "space": asked.space,
            "sends": asked.sending.sends,
            "tainted": asked.sending.tainted,
            "named": asked.sending.named,
            "agreed": asked.sending.agreed,
        }
        found = self._cedar.is_authorized(
            {
                "principal": {"type": "Person", "id": asked.person},
                "action": {"type": "Action", "id": asked.action.value},
                "resource": {"type": "Thing", "id": asked.kind},
                "context": _json.encode(context).decode(),
            },
            self._policies,
            self._entities(asked.person, asked.roles),
        )
        why = sorted(found.diagnostics.id_annotations_by_reason.values())
        if found.allowed:
            return Decision(True, why[0])
        if why:
            return Decision(False, why[0], self._by_id[why[0]].says)
        return Decision(False, NO_RULE)

    def _nothing_allows(self, asked: Asked) -> Decision:
        """What would allow it to the least of the roles that may do it; where none may, because
        it is another's, what allows it to whose it is."""
        for own in (asked.own, True):
            for role in reversed(ROLES):
                roles = frozenset({*asked.roles, role})
                other = self._is_authorized(msgspec.structs.replace(asked, roles=roles, own=own))
                if other.allowed and (roles != asked.roles or own != asked.own):
                    return Decision(False, other.rule, self._by_id[other.rule].says)
        return Decision(False, NO_RULE)

    def _made_entities(self, person: str, roles: frozenset[Role]) -> Any:
        held = [role for role in ROLES if role in roles]
        graph = [_entity("Role", role, above) for role, above in _ABOVE.items()]
        graph.append(_entity("Person", person, held))
        return self._cedar.Entities.from_json_str(_json.encode(graph).decode())


def _entity(sort: str, name: str, roles: Sequence[Role]) -> dict[str, Any]:
    parents = [{"type": "Role", "id": role} for role in roles]
    return {"uid": {"type": sort, "id": name}, "attrs": {}, "parents": parents}


@lru_cache(4)
def _parsed(text: str) -> tuple[Any, tuple[Rule, ...]]:
    """The set to decide by and its rules; the same text is parsed once."""
    import cedarpy

    nodes = cedarpy.policies_to_pst(text).static_policies.values()
    return cedarpy.PolicySet.from_str(text), tuple(_rule(node) for node in nodes)


def _rule(node: Any) -> Rule:
    scope = node.action
    named = getattr(scope, "entities", None) or (getattr(scope, "entity", None),)
    return Rule(
        id=node.annotations["id"],
        says=node.annotations["says"],
        actions=frozenset(entity.id for entity in named if entity is not None),
    )
