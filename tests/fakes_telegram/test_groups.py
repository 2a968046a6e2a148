"""Groups, supergroups with topics, channels: who is in them, and what a bot is told there."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Bot, ChatMemberAdministrator
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tests.fakes.telegram import BOT, Client
from tests.fakes_telegram.rest import Rest


async def heard(rest: Rest) -> list[str]:
    """The texts the bot was told since it last asked."""
    updates = await rest.updates()
    if updates:
        await rest.updates(offset=updates[-1]["update_id"] + 1)
    return [one["message"]["text"] for one in updates if "text" in one.get("message", {})]


async def test_with_privacy_a_bot_hears_what_is_meant_for_it(hand: Client, rest: Rest) -> None:
    ana = await hand.person("Ana")
    robot = await hand.person("Robot", bot=True, username="robot_bot")
    club = await hand.supergroup("Club", ana, robot)
    await hand.say(club, ana, "nothing of yours")
    await hand.command(club, ana, "task", "dig")
    await hand.command(club, ana, "other", at="robot_bot")
    await hand.say(club, ana, "hey @waggle_bot!")
    assert await heard(rest) == ["/task dig", "hey @waggle_bot!"]
    sent = (await rest.say(club)).result["message_id"]
    reply = await hand.say(club, ana, "as you say", reply_to=sent)
    theirs = await hand.say(club, robot, "I am a robot")
    await hand.command(club, ana, "task", "again")  # the last bot to write was another
    await hand.command(club, ana, "task", "here", at="waggle_bot")
    await hand.say(club, ana, "hey @waggle_bot", reply_to=theirs)  # "replies have priority"
    assert await heard(rest) == ["as you say", "/task@waggle_bot here"]
    await hand.edit(club, reply, "as you said")
    assert [list(one)[1] for one in await rest.updates()] == ["edited_message"]


async def test_an_administrator_and_one_without_privacy_hear_all_but_bots(
    hand: Client, rest: Rest
) -> None:
    ana = await hand.person("Ana")
    robot = await hand.person("Robot", bot=True)
    club = await hand.supergroup("Club", ana, robot)
    await hand.promote(club, rights=[])
    await hand.say(club, ana, "one")
    await hand.say(club, robot, "beep")
    await hand.demote(club)
    await hand.say(club, ana, "two")
    await hand.settings(privacy=False)
    await hand.say(club, ana, "three")  # it holds for groups joined after it
    await hand.kick(club)
    await hand.do("invite", chat=club, by=ana)
    await hand.say(club, ana, "four")
    assert await heard(rest) == ["one", "four"]
    assert (await rest("getMe")).result["can_read_all_group_messages"] is True


async def test_who_writes_for_a_chat_is_nobody_in_particular(hand: Client, rest: Rest) -> None:
    ana = await hand.person("Ana")
    news = await hand.channel("News", ana)
    hive = await hand.supergroup("Hive", ana, administrator=True)
    for behalf, name in ((hive, "GroupAnonymousBot"), (news, "Channel_Bot")):
        await hand.say(hive, ana, "it is not me", behalf=behalf)
        told = (await rest.updates())[-1]["message"]
        assert (told["from"]["username"], told["sender_chat"]["id"]) == (name, behalf)
        nobody = await rest.say(told["from"]["id"])
        assert nobody.problem == (400, "Bad Request: chat not found")


async def test_coming_and_going_is_told(hand: Client, rest: Rest) -> None:
    ana, ben = await hand.person("Ana"), await hand.person("Ben")
    club = await hand.group("Club", ana)
    await hand.join(club, ben)
    await hand.leave(club, ben)
    await hand.kick(club)
    added, service, joined, left, kicked, gone = await rest.updates()
    change = added["my_chat_member"]
    assert (change["from"]["id"], change["new_chat_member"]["status"]) == (ana, "member")
    assert change["old_chat_member"]["status"] == "left"
    assert [one["id"] for one in service["message"]["new_chat_members"]] == [BOT]
    assert [one["id"] for one in joined["message"]["new_chat_members"]] == [ben]
    assert left["message"]["left_chat_member"]["id"] == ben
    assert kicked["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    assert gone["message"]["left_chat_member"]["id"] == BOT


async def test_after_a_kick_nothing_can_be_sent(bot: Bot, hand: Client) -> None:
    ana = await hand.person("Ana")
    club, hive = await hand.group("Club", ana), await hand.supergroup("Hive", ana)
    elsewhere = await hand.supergroup("Elsewhere", ana, invited=False)
    await hand.kick(club)
    await hand.kick(hive)
    for chat, words in (
        (club, "bot was kicked from the group chat"),
        (hive, "bot was kicked from the supergroup chat"),
    ):
        with pytest.raises(Forbidden, match=words):
            await bot.send_message(chat, "hello")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(elsewhere, "hello")
    await hand.do("invite", chat=hive, by=ana)
    await bot.leave_chat(hive)
    with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
        await bot.send_message(hive, "hello")
    with pytest.raises(BadRequest, match="can't be changed in private chats"):
        await bot.leave_chat(await hand.private("Ben"))


async def test_what_is_forbidden_in_a_group_is_refused(bot: Bot, hand: Client) -> None:
    ana = await hand.person("Ana")
    hive, news = await hand.supergroup("Hive", ana), await hand.channel("News", ana)
    said = await hand.say(hive, ana, "/x")
    with pytest.raises(BadRequest, match="Not enough rights to manage pinned messages"):
        await bot.pin_chat_message(hive, said)
    await hand.restrict(hive, None, "can_send_documents")
    with pytest.raises(BadRequest, match="Not enough rights to send text messages to the chat"):
        await bot.send_message(hive, "hello")
    await bot.send_document(hive, b"x", filename="x.txt")
    await hand.demote(hive)
    await hand.do("permit", chat=hive, can_send_documents=False)
    with pytest.raises(BadRequest, match="Not enough rights to send documents to the chat"):
        await bot.send_document(hive, b"x", filename="x.txt")
    await bot.send_message(news, "to all")
    await hand.promote(news, rights=["can_edit_messages"])
    with pytest.raises(BadRequest, match="Need administrator rights in the channel chat"):
        await bot.send_message(news, "to all")
    await hand.promote(hive, rights=["can_pin_messages"])
    assert await bot.pin_chat_message(hive, said)
    assert (await bot.get_chat(hive)).pinned_message
    assert await bot.unpin_chat_message(hive)
    with pytest.raises(BadRequest, match="Message to pin not found"):
        await bot.pin_chat_message(hive, 999)


async def test_who_is_there_can_be_asked(bot: Bot, hand: Client) -> None:
    ana, ben = await hand.person("Ana", last_name="Lee"), await hand.person("Ben")
    robot = await hand.person("Robot", bot=True)
    hive = await hand.supergroup("Hive", ana, ben, robot, username="the_hive")
    await hand.promote(hive, rights=["can_pin_messages"])
    await hand.promote(hive, robot)
    assert await bot.get_chat_member_count("@the_hive") == 4
    administrators = await bot.get_chat_administrators(hive)
    assert {one.user.id for one in administrators} == {ana, BOT}
    own = next(one for one in administrators if isinstance(one, ChatMemberAdministrator))
    assert (own.can_pin_messages, own.can_delete_messages) == (True, False)
    assert (await bot.get_chat_member(hive, ana)).status == "creator"
    assert (await bot.get_chat_member(hive, ben)).status == "member"
    with pytest.raises(BadRequest, match="Participant_id_invalid"):
        await bot.get_chat_member(hive, 5)
    chat = await bot.get_chat(hive)
    assert (chat.title, chat.username, chat.type) == ("Hive", "the_hive", "supergroup")
    private = await bot.get_chat(await hand.private("Cem"))
    assert private.first_name == "Cem"
    with pytest.raises(BadRequest, match="There are no administrators in the private chat"):
        await bot.get_chat_administrators(private.id)


async def test_a_group_that_became_a_supergroup_says_where_it_is(
    bot: Bot, hand: Client, rest: Rest
) -> None:
    ana = await hand.person("Ana")
    club = await hand.group("Club", ana)
    await rest.updates(offset=-1)
    await bot.send_message(club, "before")
    hive = await hand.migrate(club)
    assert hive < -1_000_000_000_000
    old, new = (await rest.updates())[-2:]
    assert (old["message"]["chat"]["id"], old["message"]["migrate_to_chat_id"]) == (club, hive)
    assert (new["message"]["chat"]["id"], new["message"]["migrate_from_chat_id"]) == (hive, club)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(club, "after")
    assert moved.value.new_chat_id == hive
    assert (await bot.get_chat(club)).type == "group"
    with pytest.raises(ValueError):
        await hand.say(club, ana, "hello?")
    assert (await bot.send_message(hive, "after")).message_id == 2  # it counts for itself


async def test_what_is_deleted_can_be_looked_at_but_not_written_to(bot: Bot, hand: Client) -> None:
    ana = await hand.private("Ana")
    club = await hand.group("Club", ana)
    await hand.do("dissolve", chat=club)
    await hand.do("deactivate", user=ana)
    for chat, words in ((club, "the group chat was deleted"), (ana, "user is deactivated")):
        with pytest.raises(Forbidden, match=words):
            await bot.send_message(chat, "hello")
        assert (await bot.get_chat(chat)).id == chat


# Topics


async def test_messages_stand_in_their_topics(hand: Client, rest: Rest) -> None:
    ana = await hand.person("Ana")
    hive = await hand.supergroup("Hive", ana, forum=True, administrator=True)
    topic = await hand.topic(hive, ana, "Digging")
    said = await hand.say(hive, ana, "here", topic=topic)
    update = (await rest.updates())[-1]["message"]
    assert (update["message_thread_id"], update["is_topic_message"]) == (topic, True)
    assert "forum_topic_created" in update["reply_to_message"]
    sent = (await rest.say(hive, message_thread_id=topic)).result
    assert sent["message_thread_id"] == topic
    # A reply stands where what it replies to does.
    reply = (await rest.say(hive, reply_parameters={"message_id": said})).result
    assert reply["message_thread_id"] == topic
    assert "message_thread_id" not in (await rest.say(hive)).result
    assert [one.get("text") for one in await hand.screen(hive, topic=topic)] == [
        None,
        "here",
        "hello",
        "hello",
    ]
    for wrong in (1, 999):
        answer = await rest.say(hive, message_thread_id=wrong)
        assert answer.problem == (400, "Bad Request: message thread not found")
    plain = await hand.supergroup("Plain", ana)
    assert "message_thread_id" not in (await rest.say(plain, message_thread_id=7)).result


async def test_topics_are_opened_named_and_closed(bot: Bot, hand: Client, rest: Rest) -> None:
    ana = await hand.person("Ana")
    hive = await hand.supergroup("Hive", ana, forum=True)

    async def asked(method: str, chat: int = hive, **told: Any) -> Any:
        answer = await rest(method, chat_id=chat, **told)
        return answer.body.get("description", "").removeprefix("Bad Request: ")

    theirs = await hand.topic(hive, ana, "Digging")
    assert await asked("createForumTopic", name="x") == "not enough rights to create a topic"
    denied = "not enough rights to close or open the topic"
    assert await asked("closeForumTopic", message_thread_id=theirs) == denied
    await hand.promote(hive, rights=["can_manage_topics"])
    assert await asked("createForumTopic", name=" ") == "name must be non-empty"
    club = await hand.group("Club", ana)
    assert await asked("createForumTopic", club, name="x") == "the chat is not a forum"
    made = await bot.create_forum_topic(hive, "Watching")
    assert await bot.edit_forum_topic(hive, made.message_thread_id, name="Waiting")
    assert await bot.close_forum_topic(hive, made.message_thread_id)
    thread = {"message_thread_id": made.message_thread_id}
    assert await asked("closeForumTopic", **thread) == "TOPIC_NOT_MODIFIED"
    assert await asked("closeForumTopic", message_thread_id=99) == "TOPIC_ID_INVALID"
    assert await asked("sendMessage", text="x", **thread) == ""  # it manages topics
    await hand.demote(hive)
    assert await asked("sendMessage", text="x", **thread) == "TOPIC_CLOSED"
    assert await bot.reopen_forum_topic(hive, made.message_thread_id)  # its own
    # Of its own topics a bot is told.
    kinds = [
        next((key for key in one.get("message", {}) if key.startswith("forum_")), None)
        for one in await rest.updates()
    ]
    assert [kind for kind in kinds if kind] == [
        "forum_topic_created",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
    ]
