"""Which messages of groups a bot is told of: core.telegram.org/bots/features#privacy-mode."""

from __future__ import annotations

from tests.fakes.telegram.entities import covered
from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.rights import administers
from tests.fakes.telegram.world import Chat, World

_SERVICE = (
    "new_chat_members",
    "left_chat_member",
    "new_chat_title",
    "group_chat_created",
    "supergroup_chat_created",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
)


def service(message: Json) -> bool:
    """Whether it says what happened instead of what somebody said."""
    return any(name in message for name in _SERVICE)


def sees(world: World, chat: Chat, message: Json) -> bool:
    """Whether the bot is told of a message that somebody else has written."""
    if chat.kind != "private" and not chat.holds(world.me):
        # Client.cpp, need_skip_update_message: but its own leaving
        return message.get("left_chat_member", {}).get("id") == world.me
    robot = message.get("from", {}).get("is_bot") and "sender_chat" not in message
    if robot and not service(message):
        # core.telegram.org/bots/faq#why-doesn-39t-my-bot-see-messages-from-other-bots
        return False
    if chat.kind in ("private", "channel") or service(message):
        return True
    if chat.reads_all or administers(chat, world.me):
        return True
    return _meant(world, chat, message)


def _meant(world: World, chat: Chat, message: Json) -> bool:
    replied = message.get("reply_to_message", {})
    if replied.get("from", {}).get("id") == world.me and not _topic_of(message, replied):
        return True
    if replied.get("from", {}).get("is_bot"):
        return False  # "Replies have the highest priority": /bots/faq
    me = f"@{world.bot['username']}".lower()
    text = message.get("text") or message.get("caption") or ""
    for one in message.get("entities") or message.get("caption_entities") or ():
        words = covered(text, one).lower()
        if one["type"] == "bot_command":
            to = words.partition("@")[2]
            # "if the bot was the last bot to send a message to the group"; none has: all are told
            if f"@{to}" == me or (not to and chat.last_bot in (None, world.me)):
                return True
        # @BotFather, of /setprivacy: "messages that … mention the bot by username"
        if one["type"] == "mention" and words == me:
            return True
        if one["type"] == "text_mention" and one["user"]["id"] == world.me:
            return True
    return False


def _topic_of(message: Json, replied: Json) -> bool:
    """In a topic, what replies to nothing else replies to the message that opened it."""
    return "forum_topic_created" in replied and bool(message.get("is_topic_message"))
