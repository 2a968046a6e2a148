"""One door: denied unless a rule allows, and a refusal is on record."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest

from swarm_core.build import ROOMS
from swarm_core.kernel.actor import ADMIN, APPROVER, MEMBER, OWNER, SWARM, Actor
from swarm_core.kernel.errors import BadPolicy, NotAllowed, NotFound
from swarm_core.people import TERMINAL
from swarm_core.policy import SHIPPED_POLICIES, Action, Policy, Resource, Sending
from swarm_core.policy.engine import NO_RULE, Asked, Rules
from swarm_core.policy.model import Decision
from swarm_core.policy.reading import SCHEMA, statements
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


@pytest.mark.parametrize("who", [name for name in STRANGERS if name != "a member"])
async def test_whoever_has_no_role_may_do_nothing(store: Store, who: str) -> None:
    policy, actor = Policy(store), STRANGERS[who]
    things = list(product(Action, RESOURCES))
    for action, resource in things:
        with pytest.raises(NotAllowed) as caught:
            policy.authorize(actor, action, resource)
        assert caught.value.data["actor"] == actor.key
        assert caught.value.data["action"] == action.value
        assert caught.value.data["rule"] in {rule.id for rule in policy.rules.rules}
        assert caught.value.data["instead"]
    assert len(await refusals(store)) == len(things)
    assert (await store.verify()).ok


def test_every_action_is_named_by_a_rule_and_every_rule_names_actions_there_are() -> None:
    rules = Rules([SHIPPED_POLICIES])
    unnamed = [action.value for action in Action if not rules.naming(action)]
    assert unnamed == []
    known = {action.value for action in Action}
    assert {name for rule in rules.rules for name in rule.actions} <= known


def test_a_refusal_names_the_rule_of_whoever_may() -> None:
    member = STRANGERS["a member"]
    policy = Policy(None)  # type: ignore[arg-type]
    refused = policy.decide(member, Action.CREATE_TASK, Resource("task"))
    assert (refused.allowed, refused.rule) == (False, "operators-make-tasks")
    refused = policy.decide(member, Action.SET_CAP, Resource("cap", "day"))
    assert (refused.allowed, refused.rule) == (False, "owner-keeps-the-swarm")


def test_policies_of_ones_own_are_checked_by_line_and_then_hold(tmp_path: Path) -> None:
    own = tmp_path / "policies"
    own.mkdir()
    file = own / "quiet.cedar"
    policy = Policy(None, folders=(own,))  # type: ignore[arg-type]
    wrong = {
        'permit (principal, action == Action::"nix", resource);': "nix",
        "permit (principal, action, resource) when { context.own ;": "unexpected",
        'permit (principal, action == Action::"task.read", resource);': "@id",
        '@id("members-ask") @says("x") forbid (principal, action, resource);': "already",
        '@id("x") @says("x") forbid (principal, action, resource) when { context.nix };': "nix",
    }
    for text, told in wrong.items():
        file.write_text(f"// ; a comment\n\n{text}\n")
        problem = policy.check((own,))[0]
        assert (problem.file, problem.line) == (str(file), 3)
        assert told in problem.problem
        with pytest.raises(BadPolicy):
            policy.decide(STRANGERS["a member"], Action.CREATE_TASK, Resource("ask"))
    file.write_text(
        '@id("ben-rests") @says("Ben rests today; ask tomorrow.")\n'
        'forbid (principal == Person::"discord/1/2", action == Action::"task.create", resource);\n'
    )
    assert policy.check((own,)) == []
    refused = policy.decide(STRANGERS["a member"], Action.CREATE_TASK, Resource("ask"))
    assert (refused.rule, refused.instead) == ("ben-rests", "Ben rests today; ask tomorrow.")
    other = Actor(surface="discord", space="1", person="3", roles=frozenset({MEMBER}))
    assert policy.allows(other, Action.CREATE_TASK, Resource("ask"))


async def test_rules_are_read_ahead_and_what_is_wrong_is_told_to_whoever_asks(
    tmp_path: Path,
) -> None:
    file = tmp_path / "quiet.cedar"
    file.write_text("permit (")
    policy = Policy(None, folders=(tmp_path,))  # type: ignore[arg-type]
    await policy.prepare()
    with pytest.raises(BadPolicy):
        policy.decide(STRANGERS["a member"], Action.CREATE_TASK, Resource("ask"))
    file.write_text("")
    await policy.prepare()
    file.write_text("permit (")
    assert policy.allows(STRANGERS["a member"], Action.CREATE_TASK, Resource("ask"))


EVENTS = [action for action in Action if action.value.startswith("event.")]


@pytest.mark.parametrize("action", EVENTS)
def test_every_kind_of_event_passes_the_door(action: Action) -> None:
    policy = Policy(None)  # type: ignore[arg-type]
    assert not policy.allows(STRANGERS["nobody in particular"], action, Resource("event"))
    inside = action not in (Action.API, Action.WEBHOOK)
    assert policy.allows(STRANGERS["a member"], action, Resource("event")) is inside


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
        (MEMBER, Action.READ_APPROVALS, Resource("command"), "members-reach-approvals"),
        (APPROVER, Action.ASK_RAISE, OF_ANA, None),
        (APPROVER, Action.RAISE_CAP, OF_ANA, None),
        (APPROVER, Action.DECIDE, Resource("raise", "x", ANA.key), "approvers-decide-on-raises"),
        (APPROVER, Action.DECIDE, Resource("price", "x", ANA.key), "approvers-decide-on-raises"),
        (ADMIN, Action.ASK_RAISE, OF_ANA, "admins-ask-for-anybody"),
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
    decision = Policy(None).decide(ben, action, resource)  # type: ignore[arg-type]
    assert decision.allowed is (rule is not None)
    assert rule is None or decision.rule == rule


async def test_a_refusal_is_on_record_with_who_what_and_why(store: Store) -> None:
    actor = STRANGERS["a member"]
    with pytest.raises(NotAllowed) as caught:
        Policy(store).authorize(actor, Action.CANCEL_TASK, Resource("task", "142"))
    assert caught.value.data["resource"] == "task 142"
    assert await refusals(store) == [
        (
            actor.key,
            {
                "action": "task.cancel",
                "resource": "task/142",
                "rule": "admins-see-and-stop-everybodys-work",
            },
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
        elsewhere = {Action.CANCEL_TASK, Action.RETRY_TASK}  # there is no such task for them
        for action, door in doors.items():
            with pytest.raises(NotFound if action in elsewhere else NotAllowed):
                await door()
        assert [fact["action"] for _, fact in await refusals(opened.store)] == [
            action.value for action in doors if action not in elsewhere
        ]
        assert await opened.views.task(done.task.id) == before
        assert len(await opened.views.listing()) == 1
        assert (await opened.views.status()).stops == ()


def test_a_decision_names_why(store: Store) -> None:
    policy, task = Policy(store), Resource("task")
    assert policy.decide(ANA, Action.READ_TASK, task) == Decision(True, "owner-may-everything")
    own = policy.decide(SWARM, Action.READ_TASK, task)
    assert own == Decision(True, "swarm-acts-for-accepted-work")
    assert policy.decide(SWARM, Action.DECIDE, task) == Decision(False, "only-people-approve")


def test_the_lines_of_statements_count_comments_and_strings(tmp_path: Path) -> None:
    lines = (
        "// a; b",
        '@says("two; \\" lines',
        '\\"\\\\")',
        "permit (a);",
        "",
        '  forbid (b); "c;',
        '" permit',
        "",
        "// end",
    )
    text = "\n".join(lines)
    found = list(statements(tmp_path, text))
    assert [(each.line, each.text.strip().splitlines()[-1]) for each in found] == [
        (2, "permit (a);"),
        (6, "forbid (b);"),
        (6, "// end"),
    ]


def test_what_cannot_be_read_is_a_problem_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_bytes(b"\xff")
    slots = "permit (principal == ?principal, action, resource);"
    (tmp_path / "b.cedar").write_text(slots)
    (tmp_path / "c.cedar").write_text("permit (principal")
    told = Policy(None).check((tmp_path, tmp_path / "none"))  # type: ignore[arg-type]
    assert {(Path(each.file).name, each.line) for each in told} == {
        ("a.cedar", 1),
        ("b.cedar", 1),
        ("c.cedar", 1),
        ("none", 1),
    }
    said = {Path(each.file).name: each.problem for each in told}
    assert "template" in said["b.cedar"]
    assert said["none"] == "there is no such folder"


def test_other_policies_hold_once_they_are_adopted(tmp_path: Path) -> None:
    policy = Policy(None)  # type: ignore[arg-type]
    asked = (STRANGERS["a member"], Action.CREATE_TASK, Resource("ask"))
    first = policy.read(())
    assert not policy.adopt(first, ())
    assert policy.allows(*asked)
    assert not policy.adopt(policy.read(()), ())
    (tmp_path / "rest.cedar").write_text(
        '@id("all-rest") @says("Ask tomorrow.") forbid (principal, action, resource);'
    )
    assert policy.adopt(policy.read((tmp_path,)), (tmp_path,))
    assert policy.decide(*asked) == Decision(False, "all-rest", "Ask tomorrow.")
    assert policy.rules.says("all-rest") == "Ask tomorrow."
    assert policy.rules.says("nothing-like-it") == ""


def test_where_no_rule_allows_it_to_anybody_none_is_named(tmp_path: Path) -> None:
    asked = Asked(
        person="person/2",
        roles=frozenset({MEMBER}),
        action=Action.CREATE_TASK,
        kind="ask",
        name="",
        own=False,
        nobodys=False,
        surface="",
        space="",
    )
    shutil.copy(SHIPPED_POLICIES / SCHEMA, tmp_path)
    (tmp_path / "never.cedar").write_text(
        '@id("reads") @says("Read.") permit (principal, action == Action::"task.read", resource);'
    )
    assert Rules((tmp_path,)).decide(asked) == Decision(False, NO_RULE)


def test_who_may_is_asked_of_the_rules_in_force() -> None:
    policy = Policy(None)  # type: ignore[arg-type]
    found = {each.role: each for each in policy.who_may(Action.CANCEL_TASK)}
    assert (found[MEMBER].own, found[MEMBER].others) == (True, False)
    assert (found[ADMIN].own, found[ADMIN].others) == (True, True)
    assert (found[""].own, found[""].others) == (False, False)
    asks = [each for each in policy.who_may(Action.CREATE_TASK) if each.role == MEMBER]
    assert "ask" in {each.kind for each in asks}
    refused = policy.decide(STRANGERS["nobody at all"], Action.CANCEL_TASK, Resource("task"))
    assert found[""].rule == refused.rule


def test_a_policy_may_ask_for_all_that_is_known_of_a_question(tmp_path: Path) -> None:
    member = STRANGERS["a member"]
    asked = (member, Action.TOOL, Resource("tool.read", "secrets/a"))
    for known in ('context.name like "secrets/*"', 'context.surface == "discord"'):
        (tmp_path / "own.cedar").write_text(
            '@id("not-here") @says("Ask elsewhere.") forbid (principal, action, resource)'
            f' when {{ {known} && context.space == "1" }};'
        )
        policy = Policy(None, folders=(tmp_path,))  # type: ignore[arg-type]
        assert policy.decide(*asked).rule == "not-here"
        other = Actor(surface="telegram", space="2", person="2", roles=member.roles)
        assert policy.decide(other, Action.TOOL, Resource("tool.read", "b")).rule != "not-here"


def test_what_another_account_of_the_same_person_asked_for_is_ones_own(store: Store) -> None:
    policy = Policy(store, whose=lambda key: key.rpartition("/")[2])
    ben = STRANGERS["a member"]
    assert policy.own(ben, ben.key)
    assert policy.own(ben, "telegram/9/2")
    assert not policy.own(ben, "discord/1/3")


FETCH = Resource("tool.http_get", "https://example.com/?q=secret")


@pytest.mark.parametrize("who", ["the owner at the terminal", "a member"])
async def test_after_words_of_others_nothing_is_sent_but_what_was_named_or_agreed_to(
    store: Store, who: str
) -> None:
    policy, actor = Policy(store), ANA if who.startswith("the owner") else STRANGERS[who]

    def decided(**sending: bool) -> tuple[bool, str]:
        found = policy.decide(actor, Action.TOOL, FETCH, Sending(**sending))
        return found.allowed, found.rule

    assert decided(sends=True)[0]
    assert decided(tainted=True)[0]
    assert decided(sends=True, tainted=True) == (False, "words-of-others-send-nothing")
    assert decided(sends=True, tainted=True, named=True)[0]
    assert decided(sends=True, tainted=True, agreed=True)[0]
    with pytest.raises(NotAllowed, match="words-of-others-send-nothing"):
        policy.authorize(actor, Action.TOOL, FETCH, Sending(sends=True, tainted=True))


async def test_an_owner_may_have_nothing_sent_at_all(store: Store, tmp_path: Path) -> None:
    (tmp_path / "own.cedar").write_text(
        '@id("nothing")\n@says("Ask without the room.")\n'
        'forbid (principal, action == Action::"tool.call", resource)\n'
        "when { context.sends && context.tainted };\n"
    )
    policy = Policy(store, folders=(tmp_path,))
    assert policy.check((tmp_path,)) == []
    agreed = Sending(sends=True, tainted=True, named=True, agreed=True)
    assert policy.decide(ANA, Action.TOOL, FETCH, agreed).rule == "nothing"


async def test_whoever_asked_says_yes_to_an_address_and_no_approver_for_them(store: Store) -> None:
    policy, member = Policy(store), STRANGERS["a member"]
    approver = Actor(surface="discord", space="1", person="3", roles=frozenset({APPROVER}))
    own = Resource("address", "k7", owner=member.key)
    assert policy.allows(member, Action.DECIDE, own)
    assert not policy.allows(approver, Action.DECIDE, own)
    assert policy.allows(ANA, Action.DECIDE, own)
