"""Messages changed and deleted, which counts as long as nobody has read them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.ids import TaskId
from swarm_core.steps.model import Conclusion, Run
from tests.discord.bench import Bench, bench
from tests.discord.test_asking import echo
from tests.fakes.discord.client import PATIENCE
from tests.worlds import LONGEST, Custom, Gate, kinds, over

ONE, TWO = TaskId(1), TaskId(2)


class Slow:
    """Answers once it may; one at a time."""

    def __init__(self) -> None:
        self.gate = Gate()

    async def __call__(self, assignment: Assignment, run: Run) -> Conclusion:
        await self.gate()
        return await echo(assignment, run)


async def says(at: Bench, words: str, channel: str | None = None) -> str:
    """Wait until a message of the bot holds `words`; its id."""
    where, since = channel or at.channel, 0
    async with asyncio.timeout(PATIENCE):
        while True:
            since += len(await at.hand.record(since))
            for message in await at.hand.messages(where):
                if message["author"]["id"] == at.bot and words in str(message):
                    return str(message["id"])
            await at.hand.record(since, wait=PATIENCE)


async def test_a_question_edited_before_it_is_read_is_asked_as_it_stands_then(
    tmp_path: Path,
) -> None:
    slow = Slow()
    one: Any = {"limits": {"concurrency": 1}}
    async with bench(tmp_path) as at, at.on_discord(Custom(slow), **one) as swarm:
        await at.hand.say(at.channel, at.ana, f"<@{at.bot}> first")
        await slow.gate.reached.wait()
        second = await at.hand.say(at.channel, at.ben, f"<@{at.bot}> buy milk")
        await says(at, "#2")
        await at.hand.do("edit", channel=at.channel, message=second, text=f"<@{at.bot}> buy bread")
        await says(at, "as the message says now")
        slow.gate.open()
        await says(at, "You said: buy bread")
        facts = await kinds(swarm, TWO)
        why = await swarm.views.whole(TWO)
    assert facts.count("task.amended") == 1
    assert "milk" not in str(why)


async def test_a_question_deleted_before_it_is_read_is_withdrawn(tmp_path: Path) -> None:
    slow = Slow()
    one: Any = {"limits": {"concurrency": 1}}
    async with bench(tmp_path) as at, at.on_discord(Custom(slow), **one) as swarm:
        await at.hand.say(at.channel, at.ana, f"<@{at.bot}> first")
        await slow.gate.reached.wait()
        second = await at.hand.say(at.channel, at.ben, f"<@{at.bot}> buy milk")
        await says(at, "#2")
        await at.hand.do("delete", channel=at.channel, message=second)
        await over(swarm, TWO)
        await says(at, "#2 was cancelled")
        slow.gate.open()
        await over(swarm, ONE)
        task = (await swarm.views.task(TWO)).task
    assert (task.state, task.attempts) == ("cancelled", 0)
    assert task.failure_data == {"actor": f"discord/{at.guild}/{at.ben}"}


async def test_what_was_read_before_is_said_to_have_been_and_goes_on(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_discord(Custom(slow)) as swarm:
        said = await at.hand.say(at.channel, at.ben, f"<@{at.bot}> buy milk")
        await says(at, "#1")
        await slow.gate.reached.wait()
        await at.hand.do("edit", channel=at.channel, message=said, text=f"<@{at.bot}> buy bread")
        await says(at, "was read before the edit")
        await at.hand.do("delete", channel=at.channel, message=said)
        await says(at, "read before its message was deleted, and goes on")
        slow.gate.open()
        await over(swarm, ONE)
        await says(at, "You said: buy milk")


async def test_after_the_end_an_edit_is_answered_in_words_and_a_deletion_by_nothing(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)):
        one = await at.hand.say(at.channel, at.ben, f"<@{at.bot}> one")
        await says(at, "You said: one")
        await at.hand.do("edit", channel=at.channel, message=one, text=f"<@{at.bot}> two")
        await says(at, "was over before the edit")
        before = len(await at.posted(3))
        await at.hand.do("delete", channel=at.channel, message=one)
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> three")
        await says(at, "You said: three")
        after = await at.posted(before + 2)
    assert len(after) == before + 2


async def test_a_link_that_was_looked_up_is_no_edit(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_discord(Custom(slow)):
        said = await at.hand.say(at.channel, at.ben, f"<@{at.bot}> see https://example.org")
        await says(at, "#1")
        await slow.gate.reached.wait()
        post = at.fake.service.world.posts[at.channel][said]
        at.fake.service.posting.tell("MESSAGE_UPDATE", post)
        other = await at.hand.say(at.channel, at.ben, "an aside")
        await at.hand.do("edit", channel=at.channel, message=other, text="another aside")
        await at.hand.do("edit", channel=at.channel, message=said, text=f"<@{at.bot}> or not")
        await says(at, "was read before the edit")
        slow.gate.open()
        await says(at, "You said: see")
        posts = await at.posted(3)
    assert len(posts) == 3


async def test_an_edit_that_changes_more_than_words_is_asked_back(tmp_path: Path) -> None:
    slow = Slow()
    one: Any = {"limits": {"concurrency": 1}}
    async with bench(tmp_path) as at, at.on_discord(Custom(slow), **one) as swarm:
        await at.hand.say(at.channel, at.ana, f"<@{at.bot}> first")
        await slow.gate.reached.wait()
        second = await at.hand.say(at.channel, at.ben, f"<@{at.bot}> buy milk")
        await says(at, "#2")
        text = f"<@{at.bot}> /task buy milk --priority 9"
        await at.hand.do("edit", channel=at.channel, message=second, text=text)
        await says(at, "only the words of #2 change")
        assert (await swarm.views.task(TWO)).task.text == "buy milk"


async def test_an_edited_price_is_asked_about_anew(tmp_path: Path) -> None:
    dear = Custom(echo, "rich", words=("dear",), most=900_000)
    slow = Slow()
    workers = (dear, Custom(slow, "plain", words=("first", "cheap")))
    one: Any = {"limits": {"concurrency": 1}}
    async with bench(tmp_path) as at, at.on_discord(*workers, **one) as swarm:
        await at.hand.say(at.channel, at.ana, f"<@{at.bot}> first")
        await slow.gate.reached.wait()
        said = await at.hand.say(at.channel, at.ana, f"<@{at.bot}> cheap thing")
        await says(at, "#2")
        text = f"<@{at.bot}> dear thing"
        await at.hand.do("edit", channel=at.channel, message=said, text=text)
        asked = await says(at, "waits for a yes to its price")
        found = (await swarm.views.task(TWO)).task
        assert (found.worker, found.state) == ("rich", "waiting")
        text = f"<@{at.bot}> cheap again"
        await at.hand.do("edit", channel=at.channel, message=said, text=text)
        while (await swarm.views.task(TWO)).task.state != "ready":
            await swarm.store.write(lambda tx: None)
        assert (await swarm.views.task(TWO)).task.worker == "plain"
        slow.gate.open()
        await says(at, "You said: cheap again")
    assert asked


async def test_somebody_elses_deletion_of_words_to_a_task_takes_them_back(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_discord(Custom(slow)) as swarm:
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> plan a trip")
        receipt = await says(at, "#1")
        await at.known(swarm, receipt)
        told = await at.hand.say(at.channel, at.ben, "by train", reply_to=receipt)
        await says(at, "reads this before its next step")
        await at.hand.do("delete", channel=at.channel, message=told)
        await says(at, "What was deleted is not told to #1")
        heard = await swarm.ears.heard(ONE, 0)
        slow.gate.open()
        await over(swarm, ONE)
    assert heard == ()


async def test_the_same_words_to_a_task_come_once_however_often_they_are_delivered(
    tmp_path: Path,
) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_discord(Custom(slow)) as swarm:
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> plan a trip")
        receipt = await says(at, "#1")
        await at.known(swarm, receipt)
        told = await at.hand.say(at.channel, at.ben, "by train", reply_to=receipt)
        await says(at, "reads this before its next step")
        post = at.fake.service.world.posts[at.channel][told]
        at.fake.service.posting.tell("MESSAGE_CREATE", post)
        more = await at.hand.say(at.channel, at.ben, "and slowly", reply_to=receipt)
        await at.hand.wait("create", nonce=f"reply-{more}-0"[-25:])
        assert await swarm.ears.heard(ONE, 0) == ("by train", "and slowly")
        slow.gate.open()
        await over(swarm, ONE)


@pytest.mark.parametrize("deleted", [False, True], ids=["edited", "deleted"])
async def test_an_edit_right_after_the_message_is_not_lost(tmp_path: Path, deleted: bool) -> None:
    """The gateway brings both before anything of the first is on disk."""
    slow = Slow()
    one: Any = {"limits": {"concurrency": 1}}
    async with bench(tmp_path) as at, at.on_discord(Custom(slow), **one) as swarm:
        await at.hand.say(at.channel, at.ana, f"<@{at.bot}> first")
        await slow.gate.reached.wait()
        release, locked = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def hold(tx: object) -> None:
            loop.call_soon_threadsafe(locked.set)
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result(LONGEST)

        holding = asyncio.create_task(swarm.store.write(hold))
        await locked.wait()
        said = await at.hand.say(at.channel, at.ben, f"<@{at.bot}> buy milk")
        if deleted:
            await at.hand.do("delete", channel=at.channel, message=said)
        else:
            text = f"<@{at.bot}> buy bread"
            await at.hand.do("edit", channel=at.channel, message=said, text=text)
        release.set()
        await holding
        await says(at, "#2 was cancelled" if deleted else "as the message says now")
        task = (await swarm.views.task(TWO)).task
        slow.gate.open()
    assert task.state == ("cancelled" if deleted else "ready")
    assert deleted or task.text == "buy bread"
