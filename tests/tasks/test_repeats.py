"""The same request twice: one event is one task, the same words while it runs join it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from swarm_core.dispatch.intake import Receipt
from swarm_core.kernel.actor import OWNER, Actor, Place
from swarm_core.people import TERMINAL
from swarm_core.steps.model import Answer
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import Request, TaskState
from swarm_core.tasks.tasks import request_digest
from swarm_core.testing import MemoryCourier, ScriptedModel, request, swarm

ANA = Actor(surface="terminal", space="local", person="1000", roles=frozenset({OWNER}))
BEN = Actor(surface="terminal", space="local", person="1001", roles=frozenset({OWNER}))
World = tuple[Swarm, MemoryCourier, asyncio.Event]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A swarm whose work ends when the event is set."""
    go_on = asyncio.Event()

    async def play(assignment: object, n: int) -> Answer:
        await go_on.wait()
        return Answer(text="done")

    models = [ScriptedModel(name, play=play) for name in ("slow", "other")]
    async with swarm(tmp_path, *models) as (opened, courier):
        yield opened, courier, go_on
        go_on.set()


async def ask(opened: Swarm, text: str, actor: Actor = ANA, **fields: object) -> Receipt:
    return await opened.intake.submit(actor, request(text, **fields))


async def count(opened: Swarm) -> int:
    return len(await opened.views.listing())


async def test_the_same_event_twice_is_one_task(world: World) -> None:
    opened, courier, go_on = world
    first = await ask(opened, "do it", key="message/1")
    again = await ask(opened, "do it", key="message/1")
    edited = await ask(opened, "do something else", key="message/1")
    assert (again.task, again.repeated, again.joined) == (first.task, True, False)
    assert (edited.task, edited.repeated) == (first.task, True)
    go_on.set()
    await courier.ended(first.task)
    late = await ask(opened, "do it", key="message/1")
    assert (late.task, late.repeated, late.state) == (first.task, True, TaskState.DONE)
    assert await count(opened) == 1


async def test_the_same_event_many_times_at_once_is_one_task(world: World) -> None:
    opened, _, _ = world
    receipts = await asyncio.gather(*(ask(opened, "do it", key="message/1") for _ in range(50)))
    assert len({receipt.task for receipt in receipts}) == 1
    assert sum(not receipt.repeated for receipt in receipts) == 1
    assert await count(opened) == 1


async def test_the_same_event_is_known_after_a_restart(tmp_path: Path) -> None:
    async with swarm(tmp_path, ScriptedModel()) as (opened, _):
        first = await ask(opened, "do it", key="message/1")
        joined = await ask(opened, "do it", key="message/2")
    async with swarm(tmp_path, ScriptedModel()) as (opened, _):
        for key in ("message/1", "message/2"):
            again = await ask(opened, "do it", key=key)
            assert again.repeated
            assert again.task in (first.task, joined.task)


async def test_different_events_with_the_same_words_join_while_it_runs(world: World) -> None:
    opened, _, _ = world
    first = await ask(opened, "Do  IT", key="message/1")
    same = await ask(opened, "do it", key="message/2")
    assert (same.task, same.joined, same.repeated) == (first.task, True, False)
    again = await ask(opened, "anything", key="message/2")
    assert (again.task, again.repeated) == (first.task, True), "a joined event is known too"
    joined = [f for f in await opened.views.why(first.task) if f.event.kind == "task.joined"]
    assert len(joined) == 1
    assert await count(opened) == 1


async def test_many_at_once_join_one(world: World) -> None:
    opened, _, _ = world
    receipts = await asyncio.gather(*(ask(opened, "do it", key=str(n)) for n in range(50)))
    assert len({receipt.task for receipt in receipts}) == 1
    assert sum(receipt.joined for receipt in receipts) == 49


@pytest.mark.parametrize(
    "other",
    [
        {"actor": BEN},
        {"text": "do it not"},
        {"kind": "ask"},
        {"worker": "slow"},
        {"place": Place(surface="terminal", space="local", thread="9")},
        {"place": Place(surface="terminal", space="elsewhere")},
        {"join": False},
    ],
    ids=lambda other: "+".join(other),
)
async def test_what_differs_is_another_task(world: World, other: dict[str, object]) -> None:
    opened, _, _ = world
    asked = {"text": "do it", "place": TERMINAL}
    first = await opened.intake.submit(ANA, Request(**asked))  # type: ignore[arg-type]
    actor = other.pop("actor", ANA)
    assert isinstance(actor, Actor)
    second = await opened.intake.submit(actor, Request(**{**asked, **other}))  # type: ignore[arg-type]
    assert second.task != first.task
    assert not second.joined


async def test_after_the_end_the_same_words_are_a_new_task(world: World) -> None:
    opened, courier, go_on = world
    first = await ask(opened, "do it")
    go_on.set()
    await courier.ended(first.task)
    second = await ask(opened, "do it")
    assert second.task != first.task
    assert not second.joined


async def test_a_waiting_task_is_joined_and_a_cancelled_one_is_not(world: World) -> None:
    opened, _, _ = world
    first = await ask(opened, "do it")
    await opened.control.stop(ANA, first.task)
    waiting = await ask(opened, "do it")
    assert (waiting.task, waiting.joined, waiting.state) == (first.task, True, TaskState.WAITING)
    await opened.control.cancel(ANA, first.task)
    fresh = await ask(opened, "do it")
    assert fresh.task != first.task


async def test_joining_can_be_switched_off(tmp_path: Path) -> None:
    async with swarm(tmp_path, ScriptedModel(), tasks={"join_identical": False}) as (opened, _):
        receipts = await asyncio.gather(*(ask(opened, "do it") for _ in range(3)))
        assert len({receipt.task for receipt in receipts}) == 3


async def test_the_journal_does_not_give_away_what_was_asked(world: World) -> None:
    opened, _, _ = world
    await ask(opened, "a secret sentence")
    found = await opened.store.read(
        lambda r: r.execute("select group_concat(payload) from journal").fetchone()[0]
    )
    assert "secret" not in found
    digests = [
        request_digest(key, ANA.key, TERMINAL, request("a secret sentence"))
        for key in (b"guess", b"")
    ]
    assert not [digest for digest in digests if digest in found]


parts = st.sampled_from(["", "a", "b", "ab", "\x1f", "a\x1f", "\x1fb"])
places = st.builds(Place, surface=parts, space=parts, thread=parts)
requests = st.builds(
    Request,
    text=st.sampled_from(["x", "y", "x y", "x\x1fy"]),
    place=places,
    kind=st.sampled_from(["ask", "task"]),
    worker=st.sampled_from([None, "a", "b"]),
)


def at(surface: str, space: str) -> Request:
    return Request(text="x", place=Place(surface=surface, space=space))


@given(parts, requests, parts, requests)
@example("a", at("a", "\x1fb"), "a", at("a\x1f", "b"))
@example("a\x1f", at("a", "b"), "a", at("\x1fa", "b"))
def test_only_requests_alike_in_everything_have_one_digest(
    one: str, first: Request, two: str, second: Request
) -> None:
    same = one == two and first == second
    digests = {
        request_digest(b"k", who, asked.place, asked)
        for who, asked in ((one, first), (two, second))
    }
    assert (len(digests) == 1) is same


@given(requests)
def test_the_digest_does_not_know_how_it_was_typed(asked: Request) -> None:
    typed = msgspec.structs.replace(asked, text=f"  {asked.text.upper()}\n")
    assert request_digest(b"k", "p", asked.place, asked) == request_digest(
        b"k", "p", asked.place, typed
    )
