"""One door: denied unless a rule allows, and a refusal is on record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest

from swarm_core.build import ROOMS
from swarm_core.kernel.actor import ADMIN, APPROVER, MEMBER, OWNER, SWARM, Actor
from swarm_core.kernel.errors import NotAllowed
from swarm_core.people import TERMINAL
from swarm_core.policy import Action, Policy, Resource
from swarm_core.policy.rules import decide
from swarm_core.store import Store, open_store
from swarm_core.tasks.model import Request
from swarm_core.testing import OWNER as ANA
from swarm_core.testing import ScriptedModel, finish, swarm

STRANGERS = {
    "nobody in particular": Actor(surface="discord", space="1", person="2"),
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
    things = [(action, resource) for action, resource in product(Action, RESOURCES)]
    for action, resource in things:
        with pytest.raises(NotAllowed) as caught:
            policy.authorize(actor, action, resource)
        assert caught.value.data["actor"] == actor.key
        assert caught.value.data["action"] == action.value
        assert caught.value.data["rule"] == "nobody-else-yet"
    assert len(await refusals(store)) == len(things)
    assert (await store.verify()).ok


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        (Action.CREATE_TASK, Resource("task"), True),
        (Action.CANCEL_TASK, Resource("task", "142", owner="discord/1/2"), True),
        (Action.CANCEL_TASK, Resource("task", "142", owner="discord/1/3"), False),
        (Action.TELL_TASK, Resource("task", "142", owner="discord/1/3"), False),
        (Action.TELL_TASK, Resource("task", "142", owner="discord/1/2"), True),
        (Action.READ_TASK, Resource("command", "show"), False),
        (Action.READ_TASK, Resource("conversation"), True),
        (Action.STOP, Resource("work", "discord/1/2"), True),
        (Action.STOP, Resource("work", "*"), False),
        (Action.CONFIGURE, Resource("settings"), False),
        (Action.DECIDE, Resource("price", "", owner="discord/1/2"), False),
    ],
)
def test_a_member_asks_and_looks_after_their_own(
    action: Action, resource: Resource, allowed: bool
) -> None:
    ben = Actor(surface="discord", space="1", person="2", roles=frozenset({MEMBER}))
    assert decide(ben, action, resource).allowed is allowed


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
        if actor is not SWARM or action not in (Action.DECIDE, Action.RAISE_CAP):
            policy.authorize(actor, action, resource)
    assert await refusals(store) == []


async def test_the_swarm_approves_nothing_and_nobody_a_raise_of_their_own(store: Store) -> None:
    policy = Policy(store)
    with pytest.raises(NotAllowed) as caught:
        policy.authorize(SWARM, Action.DECIDE, Resource("price", "k7m2p9xdqr", ANA.key))
    assert caught.value.data["rule"] == "only-people-approve"
    ben = Actor(surface="terminal", space="local", person="2")
    with pytest.raises(NotAllowed) as caught:
        policy.authorize(ben, Action.DECIDE, Resource("raise", "k7m2p9xdqr", ben.key))
    assert caught.value.data["rule"] == "nobody-approves-their-own-raise"
    assert policy.allows(ANA, Action.DECIDE, Resource("raise", "k7m2p9xdqr", ANA.key))


OF_BEN, OF_ANA, OF_NOBODY = (Resource("cap", "day", who) for who in ("discord/1/2", ANA.key, ""))


@pytest.mark.parametrize(
    ("role", "action", "resource", "rule"),
    [
        (MEMBER, Action.ASK_RAISE, OF_BEN, "people-ask-for-more-of-their-own"),
        (MEMBER, Action.ASK_RAISE, OF_NOBODY, "people-ask-for-more-of-their-own"),
        (MEMBER, Action.ASK_RAISE, OF_ANA, None),
        (MEMBER, Action.RAISE_CAP, OF_NOBODY, None),
        (MEMBER, Action.DECIDE, Resource("raise", "x", ANA.key), None),
        (MEMBER, Action.READ_APPROVALS, Resource("command"), None),
        (MEMBER, Action.DECIDE, Resource("command", "x", ANA.key), None),
        (APPROVER, Action.READ_APPROVALS, Resource("command"), "approvers-decide-on-raises"),
        (APPROVER, Action.DECIDE, Resource("command", "x"), "approvers-decide-on-raises"),
        (APPROVER, Action.ASK_RAISE, OF_ANA, None),
        (APPROVER, Action.RAISE_CAP, OF_ANA, None),
        (APPROVER, Action.DECIDE, Resource("raise", "x", ANA.key), "approvers-decide-on-raises"),
        (APPROVER, Action.DECIDE, Resource("price", "x", ANA.key), None),
        (ADMIN, Action.READ_APPROVALS, Resource("command"), "approvers-decide-on-raises"),
        (ADMIN, Action.DECIDE, Resource("raise", "x", ANA.key), "approvers-decide-on-raises"),
        (ADMIN, Action.ASK_RAISE, OF_ANA, "people-ask-for-more-of-their-own"),
        (ADMIN, Action.RAISE_CAP, OF_ANA, "admins-raise-for-others"),
        (ADMIN, Action.RAISE_CAP, OF_BEN, None),
        (ADMIN, Action.DECIDE, Resource("raise", "x", "discord/1/2"), None),
        (ADMIN, Action.SET_CAP, OF_NOBODY, None),
        (ADMIN, Action.THAW_BUDGET, OF_NOBODY, None),
    ],
)
def test_roles_say_who_asks_for_raises_and_who_decides(
    role: str, action: Action, resource: Resource, rule: str | None
) -> None:
    ben = Actor(surface="discord", space="1", person="2", roles=frozenset({role}))
    decision = decide(ben, action, resource)
    assert decision.allowed is (rule is not None)
    assert rule is None or decision.rule == rule


@pytest.mark.parametrize(
    ("actor", "rule"),
    [(ANA, "owner-may-everything"), (SWARM, "swarm-acts-for-accepted-work")],
    ids=["owner", "swarm"],
)
def test_what_is_allowed_names_its_rule(actor: Actor, rule: str) -> None:
    decision = decide(actor, Action.CREATE_TASK, Resource("task"))
    assert (decision.allowed, decision.rule) == (True, rule)


async def test_a_refusal_is_on_record_with_who_what_and_why(store: Store) -> None:
    actor = STRANGERS["nobody in particular"]
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
            Policy(store).authorize(
                STRANGERS["nobody in particular"], Action.STOP, Resource("work", "all")
            )
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
        stranger = STRANGERS["nobody in particular"]
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
