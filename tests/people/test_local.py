"""People: the owner is who owns the process, and nobody becomes owner otherwise."""

from __future__ import annotations

from swarm_core.kernel.actor import OWNER
from swarm_core.people import TERMINAL, local_owner


def test_the_owner_of_the_process_is_the_owner() -> None:
    owner = local_owner(1000)
    assert owner.roles == {OWNER}
    assert (owner.surface, owner.space, owner.person) == ("terminal", "local", "1000")
    assert (TERMINAL.surface, TERMINAL.space, TERMINAL.thread) == ("terminal", "local", "")
