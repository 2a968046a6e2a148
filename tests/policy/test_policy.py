"""One door: denied unless a rule allows, and a refusal is on record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest

from swarm_core.build import ROOMS
from swarm_core.kernel.actor import MEMBER, OWNER, SWARM, Actor
from swarm_core.kernel.errors import NotAllowed
from swarm_core.people import TERMINAL
from swarm_core.policy import Action, Policy, Resource
from swarm_core.store import Store, open_store
from swarm_core.tasks.model import Request
from swarm_core.testing import OWNER as ANA
from swarm_core.testing import ScriptedModel, finish, swarm

STRANGERS = {
    "nobody in particular": Actor(surface="discord", space="1", person="2"),
    "a member": Actor(surface="discord", space="1", person="2", roles=frozenset({MEMBER})),
    "somebody at the terminal": Actor(surface="terminal", space="local", person="0"),
    "an owner by another word": Actor(
        surface="discord", space="1", person="2", roles=frozenset({"Owner", "owner ", "own"})
    ),
    "somebody with the name of the swarm": Actor(surface="swarm", space="core", person="0"),
    "somebody with the owner's key": Actor(
        surface="terminal", space="local", person="9", key=ANA.key
    ),
    "nobody at all": Actor(surface="", space="", person=""),
}
RESOURCES = [Resource("task"), Resource("task", "142", owner="discord/1/2"), Resource("", "")]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "state", ROOMS) as opened:
        yield opened


async def refusals(store: Store) -> list[tuple[str, dict[str, Any]]]:
    await store.write(lambda tx: None)
    rows = await store.read(
        lambda r: r.execute(
            "select actor, payload from journal where kind = 'policy.refused' order by seq"
        ).fetchall()
    )
    return [(actor, msgspec.json.decode(payload)) for actor, payload in rows]


async def test_a_refusal_is_recorded_whatever_the_name_of_the_thing_holds(store: Store) -> None:
    stranger = STRANGERS["nobody in particular"]
    with pytest.raises(NotAllowed) as caught:
        Policy(store).authorize(stranger, Action.TOOL, Resource("tool.read", "a\udcff\ud800/b"))
    ((_, refused),) = await refusals(store)
    assert refused["resource"] == "tool.read/a\\udcff\\ud800/b"
    assert caught.value.data["resource"] == "tool.read a\\udcff\\ud800/b"


@pytest.mark.parametrize("who", STRANGERS)
async def test_whoever_is_not_the_owner_may_do_nothing(store: Store, who: str) -> None:
    policy, actor = Policy(store), STRANGERS[who]
    for action, resource in product(Action, RESOURCES):
        with pytest.raises(NotAllowed) as caught:
            policy.authorize(actor, action, resource)
        assert caught.value.data["actor"] == actor.key
        assert caught.value.data["action"] == action.value
        assert caught.value.data["rule"] == "nobody-else-yet"
    assert len(await refusals(store)) == len(Action) * len(RESOURCES)
    assert (await store.verify()).ok


@pytest.mark.parametrize(
    "actor",
    [ANA, Actor(surface="discord", space="1", person="2", roles=frozenset({OWNER, MEMBER})), SWARM],
    ids=["at the terminal", "elsewhere", "the swarm itself"],
)
async def test_the_owner_and_the_swarm_may_do_everything_without_a_word(
    store: Store, actor: Actor
) -> None:
    policy = Policy(store)
    for action, resource in product(Action, RESOURCES):
        policy.authorize(actor, action, resource)
    assert await refusals(store) == []


async def test_a_refusal_is_on_record_with_who_what_and_why(store: Store) -> None:
    actor = STRANGERS["a member"]
    with pytest.raises(NotAllowed) as caught:
        Policy(store).authorize(actor, Action.CANCEL_TASK, Resource("task", "142"))
    assert caught.value.data["resource"] == "task 142"
    assert await refusals(store) == [
        (
            actor.key,
            {"action": "task.cancel", "resource": "task/142", "rule": "nobody-else-yet"},
        )
    ]


async def test_a_refusal_is_on_record_after_a_restart(tmp_path: Path) -> None:
    async with open_store(tmp_path / "state", ROOMS) as store:
        with pytest.raises(NotAllowed):
            Policy(store).authorize(STRANGERS["a member"], Action.STOP, Resource("work", "all"))
    async with open_store(tmp_path / "state", ROOMS) as store:
        assert len(await refusals(store)) == 1


async def test_a_refusal_is_raised_even_when_it_cannot_be_recorded(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(NotAllowed):
        Policy(store).authorize(
            Actor(surface="\ud800 no text", space="1", person="2"), Action.TOOL, Resource("tool")
        )
    await refusals(store)
    assert "could not be written" in caplog.text
    assert (await store.verify()).ok


async def test_every_door_of_the_swarm_refuses_a_stranger_and_changes_nothing(
    tmp_path: Path,
) -> None:
    async with swarm(tmp_path, ScriptedModel()) as (opened, courier):
        done = await finish(opened, courier, "do it")
        before = await opened.views.task(done.task.id)
        stranger = STRANGERS["a member"]
        doors = {
            Action.CREATE_TASK: lambda: opened.intake.submit(
                stranger, Request(text="let me", place=TERMINAL)
            ),
            Action.CANCEL_TASK: lambda: opened.control.cancel(stranger, done.task.id),
            Action.RETRY_TASK: lambda: opened.control.retry(stranger, done.task.id),
            Action.STOP: lambda: opened.control.stop(stranger, "all"),
            Action.RESUME: lambda: opened.control.resume(stranger, "all"),
        }
        for door in doors.values():
            with pytest.raises(NotAllowed):
                await door()
        assert [fact["action"] for _, fact in await refusals(opened.store)] == [
            action.value for action in doors
        ]
        assert await opened.views.task(done.task.id) == before
        assert len(await opened.views.listing()) == 1
        assert (await opened.views.status()).stops == ()
