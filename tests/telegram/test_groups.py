"""What a group sees: what is meant for the bot is answered there, all else is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.messages import spoken
from tests.telegram.bench import Bench, bench
from tests.telegram.looking import ME, ONE, TWO, Later, echo, standing, texts
from tests.worlds import Custom, over

SAY_GERMAN = spoken("de")


async def last(at: Bench, chat: int, user: int) -> None:
    """One more that is answered: everything said in the chat before was taken in by then."""
    await at.hand.say(chat, user, f"@{ME} last of all")
    await at.said(chat, "You said: last of all")


@pytest.mark.parametrize("privacy", [True, False], ids=["privacy", "everything shown"])
async def test_talk_among_people_and_commands_of_other_bots_are_left_alone(
    tmp_path: Path, privacy: bool
) -> None:
    async with bench(tmp_path, privacy=privacy) as at, at.on_telegram(Custom(echo)) as swarm:
        said = await at.hand.say(at.group, at.ana, "what do you think, Ben?")
        await at.hand.say(at.group, at.ben, "hm", reply_to=said)
        await at.hand.command(at.group, at.ben, "ask", "anything?", at="other_bot")
        await at.hand.command(at.group, at.ben, "weather")
        await at.hand.edit(at.group, said, "what do you think, all?")
        await last(at, at.group, at.ana)
        done = await texts(swarm)
        posts = await standing(at, at.group)
    assert done == ["last of all"]
    assert len(posts) == 2


async def test_commands_mentions_and_replies_to_the_bot_are_requests(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_telegram(Custom(echo)) as swarm:
        first = await at.hand.command(at.group, at.ben, "ask", "one", at=ME)
        one = await at.said(at.group, "You said: one")
        await at.hand.command(at.group, at.ben, "ask", "two")
        await at.said(at.group, "You said: two")
        await at.hand.say(at.group, at.ben, f"three, @{ME}")
        await at.said(at.group, "You said: three,")
        await at.hand.say(at.group, at.ben, "four", reply_to=one["message_id"])
        four = await at.said(at.group, "You said: four")
        tasks = {task.text: task for task in await swarm.views.listing()}
        receipt = (await standing(at, at.group, "#1"))[0]
    assert set(tasks) == {"one", "two", "three,", "four"}
    assert tasks["four"].place == tasks["one"].place, "a reply goes on with its conversation"
    assert tasks["two"].place != tasks["one"].place
    assert receipt["reply_to_message"]["message_id"] == first
    assert "ben" in four["text"], "the answer calls whoever asked"


async def test_everything_in_a_topic_replies_to_its_first_message_and_is_talk_all_the_same(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, privacy=False) as at, at.on_telegram(Custom(echo)) as swarm:
        forum = await at.hand.supergroup("forum", at.ana, at.ben, forum=True)
        await at.hand.promote(forum)
        topic = await at.hand.topic(forum, at.ana, "plans")
        await at.hand.say(forum, at.ben, "talk among people", topic=topic)
        await at.hand.say(forum, at.ana, f"@{ME} in the topic", topic=topic)
        answer = await at.said(forum, "You said: in the topic")
        await at.hand.say(forum, at.ben, f"@{ME} in general")
        general = await at.said(forum, "You said: in general")
        await at.hand.say(forum, at.ben, "going on", topic=topic, reply_to=answer["message_id"])
        on = await at.said(forum, "You said: going on")
        tasks = {task.text: task.place.thread for task in await swarm.views.listing()}
    assert set(tasks) == {"in the topic", "in general", "going on"}
    assert answer["message_thread_id"] == on["message_thread_id"] == topic
    assert "message_thread_id" not in general
    assert tasks["in the topic"] == tasks["going on"] == f"{forum}:{topic}"


async def test_a_strangers_group_is_told_once_and_nothing_of_it_costs(tmp_path: Path) -> None:
    async with bench(tmp_path, privacy=False) as at, at.on_telegram(Custom(echo)) as swarm:
        mallory = await at.hand.private("mallory")
        theirs = await at.hand.supergroup("theirs", mallory, at.ben)
        await at.said(theirs, "I do not answer here yet")
        said = await at.hand.say(theirs, mallory, f"@{ME} spend something")
        await at.hand.command(theirs, mallory, "task", "spend more", at=ME)
        await at.hand.edit(theirs, said, f"@{ME} spend it all")
        await at.hand.say(theirs, at.ben, f"@{ME} me too")
        since = await at.hand.now()
        await at.hand.say(mallory, mallory, "directly then")
        await at.said(mallory, "/pair CODE", since=since)
        await at.hand.say(theirs, mallory, f"@{ME} and again")
        await last(at, at.group, at.ana)
        done = await texts(swarm)
        posts = await standing(at, theirs)
        # Whoever keeps the swarm speaks there, and from then on it is served.
        await at.hand.join(theirs, at.ana)
        await at.hand.say(theirs, at.ana, f"@{ME} welcome")
        await at.said(theirs, "You said: welcome")
        await at.hand.say(theirs, mallory, f"@{ME} thanks")
        await at.said(theirs, "You said: thanks")
    assert done == ["last of all"]
    assert len(posts) == 1


async def test_who_was_met_in_a_served_group_may_write_directly(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_telegram(Custom(echo)) as swarm:
        await at.said(at.ben, "/pair CODE")
        since = await at.hand.now()
        await at.hand.say(at.ben, at.ben, "before")
        await at.said(at.ben, "/pair CODE", since=since)
        await at.hand.say(at.group, at.ben, f"@{ME} hello")
        await at.said(at.group, "You said: hello")
        await at.hand.say(at.ben, at.ben, "after")
        await at.said(at.ben, "You said: after")
        assert await texts(swarm) == ["hello", "after"]
        places = [task.place for task in await swarm.views.listing()]
    assert places[0].space == "dm"


async def test_settings_that_name_groups_have_only_those_served(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        other = await at.hand.supergroup("other", at.ben, at.ana)
        chosen = {"chats": [str(other)]}
        async with at.on_telegram(Custom(echo), telegram=chosen) as swarm:
            await at.hand.say(at.group, at.ana, f"@{ME} here")
            await at.said(at.group, "I do not answer here yet")
            await at.hand.say(other, at.ben, f"@{ME} there")
            await at.said(other, "You said: there")
            await over(swarm, ONE)
            assert await texts(swarm) == ["there"]


async def test_what_is_for_one_persons_eyes_is_answered_directly(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_telegram(Custom(echo)):
        await at.hand.command(at.group, at.ben, "help", at=ME)
        told = await at.said(at.group, "I have answered you directly.")
        direct = await at.said(at.ben, "/ask")
        since = await at.hand.now()
        await at.hand.command(at.group, at.ana, "budget", at=ME)
        await at.said(at.group, "I have answered you directly.", since=since)
        since = await at.hand.now()
        await at.hand.command(at.group, at.ana, "pair", "--role", "member", at=ME)
        await at.said(at.group, "I have answered you directly.", since=since)
        await at.said(at.ana, "/pair ", since=since)
        everything = "\n".join(post.get("text", "") for post in await standing(at, at.group))
    assert told
    assert direct
    assert "/pair" not in everything
    assert "$" not in everything


async def test_who_never_pressed_start_is_told_how_to_be_answered(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_telegram(Custom(echo)):
        nina = await at.hand.person("nina")
        await at.hand.join(at.group, nina)
        await at.hand.command(at.group, nina, "help", at=ME)
        told = await at.said(at.group, "may not write to you first")
        await at.hand.say(at.group, nina, f"@{ME} a question all the same")
        await at.said(at.group, "You said: a question all the same")
    assert f"t.me/{ME}" in str(told)


async def test_a_refusal_is_said_where_it_is_looked_for(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_telegram(Custom(echo)) as swarm:
        asked = await at.hand.command(at.group, at.ben, "task", "dig", at=ME)
        refused = await at.said(at.group, "Operators make tasks")
        since = await at.hand.now()
        await at.hand.command(at.group, at.ben, "aks", "anything", at=ME)
        typo = await at.said(at.group, "Nothing was done", since=since)
        assert await texts(swarm) == []
    assert refused["reply_to_message"]["message_id"] == asked
    assert "aks" in typo["text"]


async def test_roles_of_a_group_are_what_an_owner_says_they_are(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_telegram(Custom(echo)) as swarm:
        await at.hand.command(at.group, at.ben, "task", "too early", at=ME)
        await at.said(at.group, "Operators make tasks")
        space = f"telegram/{at.group}"
        await at.hand.command(
            at.ana, at.ana, "people", "map", "administrator", "operator", "--space", space
        )
        await at.said(at.ana, "operator")
        since = await at.hand.now()
        await at.hand.command(at.group, at.ben, "task", "not yet", at=ME)
        await at.said(at.group, "Operators make tasks", since=since)
        await at.hand.promote(at.group)
        await at.hand.promote(at.group, at.ben)
        await at.hand.command(at.group, at.ben, "task", "dig", at=ME)
        await at.said(at.group, "You said: dig")
        since = await at.hand.now()
        await at.hand.demote(at.group, at.ben)
        await at.hand.command(at.group, at.ben, "task", "too late", at=ME)
        await at.said(at.group, "Operators make tasks", since=since)
        assert await texts(swarm) == ["dig"]


async def test_bots_and_anonymous_administrators_are_left_alone(tmp_path: Path) -> None:
    async with bench(tmp_path, privacy=False) as at, at.on_telegram(Custom(echo)) as swarm:
        await at.hand.say(at.group, at.ana, f"@{ME} as the group", behalf=at.group)
        await last(at, at.group, at.ana)
        await over(swarm, ONE)
        assert await texts(swarm) == ["last of all"]


async def test_somebodys_client_says_their_language_and_a_group_may_have_its_own(
    tmp_path: Path,
) -> None:
    away = 80_000.0
    async with bench(tmp_path) as at:
        async with at.on_telegram(Custom(echo)) as swarm:
            greta = await at.hand.person("greta", language="de")
            await at.hand.join(at.group, greta)
            await at.hand.say(at.group, greta, f"@{ME} hallo")
            receipt = await at.said(at.group, "#1")
            await at.hand.say(at.group, at.ben, f"@{ME} hello")
            english = await at.said(at.group, "#2")
            await over(swarm, ONE, TWO)
            await at.hand.command(at.group, at.ana, "channel", "set", "language", "de", at=ME)
            await at.said(at.ana, "language is set here")
        await at.hand.say(at.group, at.ben, f"@{ME} and now")
        await at.hand.advance(away)
        async with at.on_telegram(Custom(echo), clock=Later(away)):
            await at.said(at.group, SAY_GERMAN("connection.away", count=1, more=0)[:40])
    assert "ist angenommen" in receipt["text"]
    assert "accepted" in english["text"]
