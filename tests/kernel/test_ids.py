"""Ids and actors."""

from __future__ import annotations

import pytest

from swarm_core.kernel.actor import OWNER, SWARM, Actor
from swarm_core.kernel.ids import SeededEntropy, SystemEntropy


def test_a_seed_repeats_its_bytes_and_another_does_not() -> None:
    one, same, other = SeededEntropy(1), SeededEntropy(1), SeededEntropy(2)
    drawn = [one.bytes(16), one.bytes(16)]
    assert drawn == [same.bytes(16), same.bytes(16)]
    assert drawn[0] != drawn[1]
    assert drawn[0] != other.bytes(16)


def test_the_systems_bytes_do_not_repeat() -> None:
    entropy = SystemEntropy()
    assert len({entropy.bytes(16) for _ in range(100)}) == 100
    assert len(entropy.bytes(32)) == 32


def test_an_actors_key_names_surface_space_and_person() -> None:
    actor = Actor(surface="discord", space="10", person="42", roles=frozenset({OWNER}))
    assert actor.key == "discord/10/42"
    assert SWARM.key == "swarm/core/0"


def test_an_actor_cannot_be_changed() -> None:
    actor = Actor(surface="discord", space="10", person="42")
    with pytest.raises(AttributeError):
        actor.roles = frozenset({OWNER})  # type: ignore[misc]
