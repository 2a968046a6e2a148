"""People: the owner is who owns the process, and nobody becomes owner otherwise."""

from __future__ import annotations

import pytest

from swarm_core.kernel.actor import MEMBER, OWNER, SWARM, Actor
from swarm_core.people import TERMINAL, actor_of, local_owner


def test_the_owner_of_the_process_is_the_owner() -> None:
    owner = local_owner(1000)
    assert owner.roles == {OWNER}
    assert (owner.surface, owner.space, owner.person) == ("terminal", "local", "1000")
    assert (TERMINAL.surface, TERMINAL.space, TERMINAL.thread) == ("terminal", "local", "")


def test_a_stored_key_names_the_same_person_again() -> None:
    assert actor_of(local_owner(1000).key) == local_owner(1000)
    somebody = Actor(surface="discord", space="10", person="42", roles=frozenset({MEMBER}))
    assert actor_of(somebody.key) == somebody


@pytest.mark.parametrize(
    "key", ["discord/10/42", "swarm/core/0", "discord/terminal/0", "Terminal/local/0", "//"]
)
def test_nobody_is_owner_by_their_key_alone(key: str) -> None:
    actor = actor_of(key)
    assert actor.roles == ({MEMBER} if key.startswith("discord/") else frozenset())
    assert actor is not SWARM


@pytest.mark.parametrize("key", ["terminal/local/ana", "terminal/local/", "nothing", ""])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(ValueError):
        actor_of(key)
