"""The rules: fixed for now. Denied unless a rule allows."""

from __future__ import annotations

from swarm_core.kernel.actor import OWNER, SWARM, Actor
from swarm_core.policy.model import Action, Decision, Resource

_OWNER = Decision(True, "owner-may-everything")
_SWARM = Decision(True, "swarm-acts-for-accepted-work")
_DENIED = Decision(False, "nobody-else-yet")


_ONLY_PEOPLE = Decision(False, "only-people-approve")
_OWN_RAISE = Decision(False, "nobody-approves-their-own-raise")
RAISE = "raise"
"""The kind of an approval that is about more money for what its owner does."""


def decide(actor: Actor, action: Action, resource: Resource) -> Decision:
    """Whether `actor` may do `action` on `resource`. The owner may everything, the swarm itself
    may, but for approving; nobody else may anything until people can be invited."""
    if OWNER in actor.roles:
        return _OWNER
    if action is Action.DECIDE and actor is SWARM:
        return _ONLY_PEOPLE
    if action is Action.DECIDE and resource.kind == RAISE and resource.owner == actor.key:
        return _OWN_RAISE
    if actor is SWARM:
        return _SWARM
    return _DENIED
