"""What reaches people on Discord when posts are lost, places are gone, and after restarts."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.clock import SystemClock
from swarm_core.steps.model import Conclusion, Run
from swarm_core.swarm import Swarm
from tests.discord.bench import bench
from tests.discord.test_asking import echo
from tests.worlds import Custom, Gate


@pytest.mark.parametrize("told", [True, False], ids=["nonce told", "nonce not told"])
async def test_a_lost_answer_is_found_in_the_history_however_late(
    tmp_path: Path, told: bool
) -> None:
    async with bench(tmp_path, nonce_window=0.0) as at, at.on_discord(Custom(echo)) as swarm:
        await at.hand.fault("lost", operation="create_message", count=1)
        await at.hand.command(at.channel, at.ben, "ask", text="hello")
        await at.posted(2)
        if not told:
            for post in at.fake.service.world.posts[at.channel].values():
                post.json.pop("nonce", None)
        await at.hand.wait("request", operation="list_messages")
        await swarm.outbox.close()
        posts = await at.posted(2)
        counts = await at.hand.counts()
    assert len(posts) == 2
    assert counts["created"] == 2


async def test_what_a_deleted_channel_cannot_take_goes_to_the_asker(tmp_path: Path) -> None:
    gate = Gate()

    async def slow(assignment: Assignment, run: Run) -> Conclusion:
        await gate()
        return await echo(assignment, run)

    async with bench(tmp_path) as at, at.on_discord(Custom(slow)):
        asked = await at.hand.command(at.channel, at.ben, "ask", text="hello")
        await at.hand.answered(asked)
        await at.hand.do("remove_channel", channel=at.channel)
        gate.open()
        direct = (await at.hand.wait("create", nonce="waggle-1-0"))[0]
    assert "You said: hello" in direct["json"]["content"]
    assert direct["channel"] != at.channel


async def test_what_nobody_can_be_given_fails_and_is_recorded(tmp_path: Path) -> None:
    gate = Gate()

    async def slow(assignment: Assignment, run: Run) -> Conclusion:
        await gate()
        return await echo(assignment, run)

    async with bench(tmp_path) as at, at.on_discord(Custom(slow)) as swarm:
        asked = await at.hand.command(at.channel, at.ben, "ask", text="hello")
        await at.hand.answered(asked)
        at.fake.service.world.closed_dms.add(at.ben)
        await at.hand.do("remove_channel", channel=at.channel)
        gate.open()
        await at.hand.wait("request", operation="create_message", status=403)
        while len(found := await notices(swarm)) < 2:
            await swarm.store.write(lambda tx: None)
    # The owner is told, at the terminal, when there is one.
    assert found == [("ended", "failed"), ("undelivered", "pending")]


async def notices(swarm: Swarm) -> list[tuple[str, str]]:
    """What is to be told, of what kind and how it stands."""
    rows = await swarm.store.read(
        lambda rows: rows.execute("select kind, state from notices order by id").fetchall()
    )
    return [tuple(row) for row in rows]


async def test_a_restart_brings_the_card_back_and_the_answer_comes_once(tmp_path: Path) -> None:
    gate = Gate()

    async def slow(assignment: Assignment, run: Run) -> Conclusion:
        await gate()
        return await echo(assignment, run)

    async with bench(tmp_path) as at:
        async with at.on_discord(Custom(slow)):
            await at.hand.command(at.channel, at.ben, "ask", text="hello")
            (card, *_) = await at.hand.wait("edit")
        since = await at.hand.now()
        async with at.on_discord(Custom(slow)):
            (again, *_) = await at.hand.wait("edit", since=since)
            gate.open()
            posts = await at.posted(2)
        counts = await at.hand.counts()
    assert card["message"] == again["message"] == posts[0]["id"]
    assert "You said: hello" in posts[1]["content"]
    assert counts["command_writes"] == 1


async def test_an_answer_that_came_while_nobody_was_there_waits(tmp_path: Path) -> None:
    gate = Gate()

    async def slow(assignment: Assignment, run: Run) -> Conclusion:
        await gate()
        return await echo(assignment, run)

    async with bench(tmp_path) as at, at.on_discord(Custom(slow)) as swarm:
        asked = await at.hand.command(at.channel, at.ben, "ask", text="hello")
        await at.hand.answered(asked)
        await at.hand.do("cut")
        gate.open()
        posts = await at.posted(2)
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> still there?")
        await at.posted(4)
        counts = await at.hand.counts()
        assert len(await swarm.views.listing()) == 2
    assert "You said: hello" in posts[1]["content"]
    assert counts["created"] == 4


async def test_nobody_is_mentioned_but_the_asker_and_nothing_is_unfurled(tmp_path: Path) -> None:
    bait = "@everyone <@&{0}> <@{0}> [free](https://evil.example) discord.gg/abc"

    async def hostile(assignment: Assignment, run: Run) -> Conclusion:
        return Conclusion(state="done", text=bait.format(assignment.actor.space))

    async with bench(tmp_path) as at, at.on_discord(Custom(hostile)):
        await at.hand.command(at.channel, at.ben, "ask", text="@everyone")
        await at.posted(2)
        made = await at.hand.wait("create", count=2)
    assert sorted(each["pinged"] for each in made) == [[], [at.ben]]
    # 128 only says that the answer is being made, as on a busy machine: nothing to unfurl.
    assert all(each["json"]["flags"] & (4 | 128) for each in made)


class Tomorrow(SystemClock):
    """A swarm that is started a day later."""

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=90_000)


async def test_what_was_said_while_it_was_away_is_answered_when_young_and_listed_when_old(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        async with at.on_discord(Custom(echo)):
            await at.hand.say(at.channel, at.ben, f"<@{at.bot}> first")
            await at.posted(2)
        for n in range(3):
            await at.hand.say(at.channel, at.ben, f"<@{at.bot}> old {n}")
        await at.hand.advance(90_000)
        await at.hand.say(at.channel, at.ana, "talk among people")
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> young")
        async with at.on_discord(Custom(echo), clock=Tomorrow()) as swarm:
            posts = await at.posted(5)
            (listed,) = (post for post in posts if "meant for me while" in post["content"])
            (young,) = (post for post in posts if "You wrote this while" in post["content"])
            (row,) = listed["components"]
            ids = [each["custom_id"] for each in row["components"]]
            for _ in range(2):
                pressed = await at.hand.press(at.channel, listed["id"], at.ben, ids[0], stale=True)
                await at.hand.answered(pressed)
            await at.posted(7)
            texts = [task.text for task in reversed(await swarm.views.listing())]
    assert len(ids) == 4
    assert "young" in str(young["referenced_message"])
    assert texts == ["first", "young", "old 0"]
