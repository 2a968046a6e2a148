"""What the bot may in a chat, and whether it may be there at all.

tdlib/telegram-bot-api, Client.cpp: check_chat, check_chat_access; core.telegram.org/bots/api for
what needs which right.
"""

from __future__ import annotations

from tests.fakes.telegram.errors import Refused
from tests.fakes.telegram.world import GENERAL, Chat, World

READ, EDIT, WRITE, MEMBERS = "read", "edit", "write", "members"
_WORDS = {
    "can_send_messages": "text messages",
    "can_send_documents": "documents",
    "can_send_photos": "photos",
    "can_send_voice_notes": "voice notes",
}


def found(world: World, chat_id: str, access: str) -> Chat:
    """A chat that the bot may reach so far, by its id or its @username."""
    if not chat_id:
        raise Refused("chat_empty")
    chat = world.named(chat_id) if chat_id.startswith("@") else _by_id(world, chat_id)
    if chat is None:
        raise Refused("no_chat")
    if chat.kind == "private":
        if chat.gone and access in (EDIT, WRITE):
            raise Refused("deactivated")
        return chat
    if chat.kind == "group":
        _group(chat, world.me, access)
    else:
        _supergroup(chat, world.me, access)
    return chat


def _by_id(world: World, text: str) -> Chat | None:
    try:
        chat_id = int(text)
    except ValueError:
        return None
    if chat_id in world.met and chat_id != world.me:
        # Known from a group: their chat may be looked at before they have opened it.
        return world.private(chat_id)
    chat = world.chats.get(chat_id)
    if chat is None or world.me in chat.members or "username" in chat.json:
        return chat
    return None


def _group(chat: Chat, me: int, access: str) -> None:
    if chat.migrated_to is not None:
        if access in (WRITE, MEMBERS):
            raise Refused("upgraded", parameters={"migrate_to_chat_id": chat.migrated_to})
        return
    if chat.gone and access in (WRITE, MEMBERS):
        raise Refused("chat_deleted")
    if chat.gone or access == READ:
        return
    if chat.status(me) == "kicked":
        raise Refused("kicked", kind="group")
    if not chat.holds(me):
        raise Refused("left", kind="group")


def _supergroup(chat: Chat, me: int, access: str) -> None:
    if chat.status(me) == "kicked":
        raise Refused("kicked", kind=chat.kind)
    public = "username" in chat.json
    if not chat.holds(me) and (access in (EDIT, WRITE) if public else True):
        raise Refused("left", kind=chat.kind)


def writable(world: World, chat: Chat, right: str = "can_send_messages") -> None:
    """Whether the bot may send such a thing there."""
    if chat.kind == "private":
        person = world.users[chat.id]
        if person["is_bot"]:
            raise Refused("to_bot")
        if chat.blocked:
            raise Refused("blocked")
        if not chat.opened:
            raise Refused("stranger")
        return
    if chat.kind == "channel":
        if not has(world, chat, "can_post_messages"):
            raise Refused("channel_admin")
        return
    if not may(world, chat, right):
        raise Refused("no_right_to_send", what=_WORDS[right])


def administers(chat: Chat, user: int) -> bool:
    return chat.status(user) in ("creator", "administrator")


def has(world: World, chat: Chat, right: str) -> bool:
    """An administrator's right of the bot."""
    one = chat.members.get(world.me, {})
    return bool(one.get("status") == "administrator" and one.get(right))


def may(world: World, chat: Chat, right: str) -> bool:
    """What everybody may unless it is taken from all or from one; administrators may."""
    one = chat.members.get(world.me, {"status": "left"})
    if administers(chat, world.me):
        return True
    if one["status"] == "restricted" and not one[right]:
        return False
    return bool(chat.permissions[right])


def topic(world: World, chat: Chat, thread: int) -> int | None:
    """The topic to write to; outside of forums the parameter means nothing."""
    if not thread:
        return None
    if chat.kind == "private":
        raise Refused("no_thread")
    if not chat.json.get("is_forum"):
        return None
    if thread == GENERAL or thread not in chat.topics:
        raise Refused("no_thread")
    opened = chat.topics[thread]
    # github.com/tdlib/telegram-bot-api: who manages topics writes in closed ones
    if opened.closed and not has(world, chat, "can_manage_topics"):
        raise Refused("topic_closed")
    return thread
