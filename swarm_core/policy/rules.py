"""The rules: fixed for now. Denied unless a rule allows."""

from __future__ import annotations

from swarm_core.kernel.actor import OWNER, SWARM, Actor
from swarm_core.policy.model import Action, Decision, Resource

_OWNER = Decision(True, "owner-may-everything")
_SWARM = Decision(True, "swarm-acts-for-accepted-work")
_DENIED = Decision(False, "nobody-else-yet")


def decide(actor: Actor, action: Action, resource: Resource) -> Decision:  # noqa: ARG001
    """Whether `actor` may do `action` on `resource`. The owner may everything, the swarm itself
    may; nobody else may anything until people can be invited."""
    if OWNER in actor.roles:
        return _OWNER
    if actor is SWARM:
        return _SWARM
    return _DENIED
