"""Places that go while something is under way there, and come again."""

from __future__ import annotations

from pathlib import Path

from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Conclusion, Run
from tests.discord.bench import bench
from tests.discord.test_asking import echo
from tests.fakes.discord.threads import make
from tests.worlds import Custom, Gate


async def test_a_server_that_throws_it_out_keeps_its_tasks_and_gets_cards_when_it_is_back(
    tmp_path: Path,
) -> None:
    gate = Gate()

    async def slow(assignment: Assignment, run: Run) -> Conclusion:
        await gate()
        return await echo(assignment, run)

    async with bench(tmp_path) as at, at.on_discord(Custom(slow)) as swarm:
        asked = await at.hand.command(at.channel, at.ben, "ask", text="hello")
        await at.hand.answered(asked)
        await at.hand.do("kick", guild=at.guild)
        await at.hand.wait("request", operation="update_message", status=403)
        since = await at.hand.now()
        await at.hand.do("invite", guild=at.guild)
        await at.hand.wait("commands", since=since)
        (card, *_) = await at.hand.posted(at.channel, since=since)
        gate.open()
        await at.hand.wait("create", nonce="waggle-1-0", channel=at.channel)
        (task,) = await swarm.views.listing()
    assert "hello" in card["embeds"][0]["title"]
    assert task.text == "hello"


async def test_a_thread_that_is_deleted_in_the_middle_sends_the_answer_to_the_asker(
    tmp_path: Path,
) -> None:
    gate = Gate()

    async def slow(assignment: Assignment, run: Run) -> Conclusion:
        await gate()
        return await echo(assignment, run)

    async with bench(tmp_path) as at, at.on_discord(Custom(slow)):
        world = at.fake.service.world
        channel, number = world.channels[at.channel], world.clock.snowflake()
        thread = make(at.fake.service, channel, number, {"name": "talk"}, 11)["id"]
        await at.hand.say(thread, at.ben, f"<@{at.bot}> hello")
        await at.hand.wait("create", channel=thread, author=at.bot)
        await at.hand.do("remove_channel", channel=thread)
        gate.open()
        (direct,) = await at.hand.wait("create", nonce="waggle-1-0")
        counts = await at.hand.counts()
    assert direct["channel"] not in (thread, at.channel)
    assert "You said: hello" in direct["json"]["content"]
    assert counts["invalid_requests"] == 0
