"""Topics, groups that change under the bot, and what it finds there after a restart."""

from __future__ import annotations

from pathlib import Path

from tests.telegram.bench import bench
from tests.telegram.looking import ME, ONE, Later, Slow, echo, shows, standing, texts
from tests.worlds import Custom, over


async def test_buttons_and_questions_work_in_a_topic(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow)) as swarm:
        forum = await at.hand.supergroup("forum", at.ana, at.ben, forum=True)
        topic = await at.hand.topic(forum, at.ana, "plans")
        await at.hand.say(forum, at.ana, f"@{ME} plan a trip", topic=topic)
        receipt = await at.said(forum, "#1")
        await slow.gate.reached.wait()
        card = await shows(at, forum, "running", of=receipt["message_id"])
        await at.press(card, "Tell it…", at.ana)
        asked = await at.said(forum, "Reply to this")
        await at.hand.say(forum, at.ana, "by train", topic=topic, reply_to=asked["message_id"])
        told = await at.said(forum, "before its next step")
        assert await swarm.ears.heard(ONE, 0) == ("by train",)
        await at.press(card, "Cancel", at.ana)
        await over(swarm, ONE)
        await shows(at, forum, "cancelled", of=receipt["message_id"])
        posts = await standing(at, forum)
    assert asked["message_thread_id"] == told["message_thread_id"] == topic
    assert {each["message_thread_id"] for each in posts if "#1" in each["text"]} == {topic}


async def test_a_supergroup_is_known_by_what_it_was_after_a_restart(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        async with at.on_telegram(Custom(echo)):
            small = await at.hand.group("small", at.ana, at.ben)
            await at.hand.command(small, at.ben, "ask", "one", at=ME)
            await at.said(small, "You said: one")
        large = await at.hand.migrate(small)
        async with at.on_telegram(Custom(echo)) as swarm:
            await at.hand.command(large, at.ben, "ask", "two", at=ME)
            two = await at.said(large, "You said: two")
        async with at.on_telegram(Custom(echo)) as swarm:
            await at.hand.say(large, at.ben, "three", reply_to=two["message_id"])
            await at.said(large, "You said: three")
            tasks = {task.text: task.place for task in await swarm.views.listing()}
    assert {place.space for place in tasks.values()} == {str(small)}
    assert tasks["three"] == tasks["two"] != tasks["one"]


async def test_a_group_that_takes_the_bot_back_is_answered_there(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow)) as swarm:
        await at.hand.command(at.group, at.ben, "ask", "hello", at=ME)
        receipt = await at.said(at.group, "#1")
        await slow.gate.reached.wait()
        await shows(at, at.group, "running", of=receipt["message_id"])
        await at.hand.kick(at.group)
        await at.hand.command(at.ana, at.ana, "cancel", "99")
        await at.said(at.ana, "There is no")
        await at.hand.do("invite", chat=at.group, by=at.ana)
        slow.gate.open()
        await at.said(at.group, "You said: hello")
        await over(swarm, ONE)
        assert await texts(swarm) == ["hello"]


async def test_a_group_in_which_the_bot_may_not_write_is_answered_directly(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow)) as swarm:
        await at.hand.command(at.group, at.ben, "ask", "hello", at=ME)
        await at.said(at.group, "#1")
        await slow.gate.reached.wait()
        await at.hand.restrict(at.group)
        slow.gate.open()
        told = await at.said(at.ben, "You said: hello")
        await over(swarm, ONE)
    assert "I cannot write any more" in told["text"]


async def test_what_came_after_a_quiet_week_stands_in_the_list_as_well(tmp_path: Path) -> None:
    """Numbers of updates begin anywhere then, and may be lower than those of before."""
    away = 80_000.0
    async with bench(tmp_path) as at:
        async with at.on_telegram(Custom(echo)):
            await at.hand.say(at.group, at.ben, f"@{ME} first")
            await at.said(at.group, "You said: first")
        await at.hand.say(at.group, at.ben, f"@{ME} old")
        await at.hand.advance(away)
        async with at.on_telegram(Custom(echo), clock=Later(away)):
            await at.said(at.group, "One message was meant for me")
            (*_, given) = (one["ids"] for one in await at.hand.wait("given") if one["ids"])
        while (await at.hand.do("quiet_week"))["next"] > given[0]:
            pass
        await at.hand.say(at.group, at.ben, f"@{ME} older")
        await at.hand.advance(away)
        async with at.on_telegram(Custom(echo), clock=Later(2 * away)) as swarm:
            await at.said(at.group, "2 messages were meant for me")
            assert await texts(swarm) == ["first"]


async def test_a_button_of_a_message_that_is_gone_works_in_its_topic(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow)):
        forum = await at.hand.supergroup("forum", at.ana, at.ben, forum=True)
        topic = await at.hand.topic(forum, at.ana, "plans")
        await at.hand.say(forum, at.ana, f"@{ME} plan a trip", topic=topic)
        await slow.gate.reached.wait()
        receipt = await at.said(forum, "#1")
        card = await shows(at, forum, "running", of=receipt["message_id"])
        rows = card["reply_markup"]["inline_keyboard"]
        cancel = next(b["callback_data"] for row in rows for b in row if b["text"] == "Cancel")
        await at.hand.delete(forum, card["message_id"])
        since = await at.hand.now()
        press = await at.hand.press(forum, card["message_id"], at.ana, cancel, stale=True)
        assert "no longer" not in (await at.hand.answered(press))["text"]
        told = await at.said(forum, "#1 was cancelled", since=since)
    assert told["message_thread_id"] == topic
