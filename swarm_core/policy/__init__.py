"""Floor 1: who may do what. One door, `Policy.authorize`, that every inbound event passes."""

from swarm_core.policy.events import PolicyRefused
from swarm_core.policy.model import Action, Decision, Resource
from swarm_core.policy.policy import Policy
from swarm_core.policy.rules import RAISE

__all__ = ["RAISE", "Action", "Decision", "Policy", "PolicyRefused", "Resource"]
