"""Floor 1: who may do what. One door, `Policy.authorize`, that every inbound event passes. The
rules are Cedar policies: those in `data/policies`, and an owner's own besides."""

from swarm_core.policy.engine import RAISE
from swarm_core.policy.events import PolicyRefused
from swarm_core.policy.model import NOTHING_SENT, Action, Decision, May, Problem, Resource, Sending
from swarm_core.policy.policy import SHIPPED_POLICIES, Policy

__all__ = [
    "NOTHING_SENT",
    "RAISE",
    "SHIPPED_POLICIES",
    "Action",
    "Decision",
    "May",
    "Policy",
    "PolicyRefused",
    "Problem",
    "Resource",
    "Sending",
]
