"""Floor 1: people. For now one: the owner, who is whoever the operating system says owns the
swarm's process. Nobody becomes owner by writing first."""

from swarm_core.people.local import TERMINAL, actor_of, local_owner

__all__ = ["TERMINAL", "actor_of", "local_owner"]
