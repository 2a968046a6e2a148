"""Floor 1: who may do what. One door, `Policy.authorize`, that every inbound event passes."""

from swarm_core.policy.events import PolicyRefused
from swarm_core.policy.model import Action, Decision, Resource
from swarm_core.policy.policy import Policy

__all__ = ["Action", "Decision", "Policy", "PolicyRefused", "Resource"]
