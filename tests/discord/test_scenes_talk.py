"""Scenes of people in conversation with the swarm, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anthropic  # noqa: F401  # it is loaded before the time of a test runs
from aiohttp import web

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.ids import TaskId
from swarm_core.steps.model import Conclusion, Run
from tests.discord.bench import bench
from tests.discord.test_asking import echo
from tests.discord.test_delivery import Tomorrow
from tests.discord.test_edits import Slow, says
from tests.discord.test_undoing import button
from tests.fakes.models import FakeModels, serving
from tests.providers.benches import reach
from tests.workers.scenes import CLAUDE, PRICES
from tests.worlds import Custom, Gate, over

ONE = TaskId(1)


@asynccontextmanager
async def a_page(text: str, gate: Gate | None = None) -> AsyncIterator[tuple[str, list[str]]]:
    """A page somewhere, which comes once it may, and how often it was fetched."""
    fetched: list[str] = []

    async def serve(request: web.Request) -> web.Response:
        fetched.append(request.path)
        if gate:
            await gate()
        return web.Response(text=text)

    app = web.Application()
    app.router.add_get("/news", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/news", fetched
    finally:
        await runner.cleanup()


def with_a_model(fake: FakeModels, *answers: str | dict[str, Any]) -> dict[str, Any]:
    """A swarm whose workers are a real adapter on the fake model server, which answers this: a
    text, or a call of a tool."""
    queue = [
        {"text": each}
        if isinstance(each, str)
        else {"tools": [{"name": name, "input": given} for name, given in each.items()]}
        for each in answers
    ]
    fake.script(models={CLAUDE: {"prices": PRICES}}, queue=queue)
    return {
        "providers": {"anthropic": reach("anthropic", fake.url)},
        "models": {CLAUDE: PRICES},
        "tasks": {"link_similar": False},
        "egress": {"allow": ["127.0.0.1"]},
    }


async def test_scene_2_a_page_is_fetched_once_and_made_shorter_from_memory(tmp_path: Path) -> None:
    async with a_page("The bees have moved.") as (url, fetched), serving() as model:
        long, short = "The page says at length that the bees have moved.", "Bees moved."
        fake = with_a_model(model, {"http_get": {"url": url}}, long, short)
        async with bench(tmp_path) as at, at.on_discord(**fake):
            said = await at.hand.dm(at.ana, f"What does {url} say?")
            channel = said["channel_id"]
            await says(at, "says at length", channel)
            await at.hand.dm(at.ana, "shorter")
            await says(at, "Bees moved.", channel)
        bodies = [one["body"] for one in model.service.requests]
    assert fetched == ["/news"]
    assert "says at length" in str(bodies[-1])
    assert "shorter" in str(bodies[-1])


async def test_scene_4_only_ana_steers_her_task(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_discord(Custom(slow)) as swarm:
        await at.hand.command(at.channel, at.ana, "ask", text="plan a trip")
        receipt = await says(at, "#1")
        await at.known(swarm, receipt)
        await at.hand.say(at.channel, at.ben, "by car", reply_to=receipt)
        offered = await says(at, "Only ana steers #1.")
        assert await swarm.ears.heard(ONE, 0) == ()
        (message,) = [m for m in await at.hand.messages(at.channel) if m["id"] == offered]
        pressed = button(message, "Ask separately")
        await at.hand.press(at.channel, offered, at.ben, pressed)
        slow.gate.open()
        await says(at, "You said: by car")
        await over(swarm, ONE, TaskId(2))
        second = (await swarm.views.task(TaskId(2))).task
    assert second.person == f"discord/{at.guild}/{at.ben}"


async def test_scene_5_the_prompt_has_only_the_edited_correction(tmp_path: Path) -> None:
    gate = Gate()
    async with a_page("Timetables.", gate) as (url, _), serving() as model:
        fake = with_a_model(model, {"http_get": {"url": url}}, "Here is the trip.")
        async with bench(tmp_path) as at, at.on_discord(**fake) as swarm:
            await at.hand.say(at.channel, at.ana, f"<@{at.bot}> plan a trip")
            await gate.reached.wait()
            receipt = await says(at, "#1")
            await at.known(swarm, receipt)
            told = await at.hand.say(at.channel, at.ana, "by aeroplane", reply_to=receipt)
            await says(at, "before its next step")
            await at.hand.do("edit", channel=at.channel, message=told, text="by train")
            await says(at, "told what the message says now")
            gate.open()
            await says(at, "Here is the trip.")
        last = str(model.service.requests[-1]["body"])
    assert "by train" in last
    assert "aeroplane" not in last


async def test_scene_6_forty_mentions_are_one_list_and_no_model_is_called(tmp_path: Path) -> None:
    asked: list[str] = []

    async def counted(assignment: Assignment, run: Run) -> Conclusion:
        asked.append(assignment.text)
        return await echo(assignment, run)

    async with bench(tmp_path) as at:
        async with at.on_discord(Custom(counted)) as swarm:
            await at.hand.say(at.channel, at.ben, f"<@{at.bot}> first")
            await says(at, "You said: first")
            await over(swarm, ONE)
        for n in range(40):
            who = at.ana if n % 4 == 3 else at.ben
            await at.hand.say(at.channel, who, f"<@{at.bot}> old {n}")
        await at.hand.advance(90_000)
        async with at.on_discord(Custom(counted), clock=Tomorrow()):
            listed = await says(at, "40 messages were meant for me")
            assert asked == ["first"]
        async with at.on_discord(Custom(counted), clock=Tomorrow()) as swarm:
            (message,) = [m for m in await at.hand.messages(at.channel) if m["id"] == listed]
            assert "20 more follow" in message["content"]
            (pressed,) = [
                each["custom_id"]
                for row in message["components"]
                for each in row["components"]
                if each["label"].endswith(": old 5")
            ]
            for _ in range(2):
                again = await at.hand.press(at.channel, listed, at.ben, pressed, stale=True)
                await at.hand.answered(again)
            await says(at, "You said: old 5")
            await says(at, "39 messages were meant for me")
            assert asked == ["first", "old 5"]
            skip = button(message, "Skip all")
            done = await at.hand.press(at.channel, listed, at.ben, skip, stale=True)
            answer = (await at.hand.answered(done))["message"]
            assert "29 messages are let go of. 10 of others are left." in answer["content"]
            await says(at, "10 messages were meant for me")
            await at.hand.press(at.channel, listed, at.ana, skip, stale=True)
            await says(at, "is decided on")
            assert len(await swarm.views.listing()) == 2
        notes = [m for m in await at.hand.messages(at.channel) if "meant for me" in m["content"]]
    assert len(notes) == 1


async def test_scene_9_a_newcomer_taps_an_example_and_is_answered(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        async with at.on_discord(Custom(echo), discord={"welcome": True}) as swarm:
            hello = await says(at, "Press an example")
            newcomer = await at.hand.person("nina", at.guild)
            (message,) = [m for m in await at.hand.messages(at.channel) if m["id"] == hello]
            pressed = button(message, "What can you do?")
            await at.hand.press(at.channel, hello, newcomer, pressed)
            await says(at, "You said: What can you do?")
            task = (await swarm.views.task(ONE)).task
            asked = await at.hand.command(at.channel, newcomer, "help")
            shown = await at.hand.answered(asked)
        async with at.on_discord(Custom(echo), discord={"welcome": True}):
            await at.hand.wait("commands")
            other = await at.hand.guild("Elsewhere", invited=False)
            there = await at.hand.channel(other, "lobby")
            await at.hand.do("invite", guild=other)
            await says(at, "Press an example", there)
        hellos = [m for m in await at.hand.messages(at.channel) if "Press an ex" in m["content"]]
    assert task.person == f"discord/{at.guild}/{newcomer}"
    assert (task.kind, task.state) == ("ask", "done")
    assert shown["ephemeral"]
    assert len(hellos) == 1
