"""Telegram's objects with the fields the documentation gives them, and no others."""

from __future__ import annotations

from typing import Any

from tests.fakes.telegram.errors import Json


def user(user_id: int, name: str, *, bot: bool = False, **more: Any) -> Json:
    """core.telegram.org/bots/api#user: a username, a last name and a language may be missing."""
    told = {key: value for key, value in more.items() if value is not None}
    return {"id": user_id, "is_bot": bot, "first_name": name, **told}


def me(bot: Json, *, reads_all: bool) -> Json:
    """#getme: the only place with what the bot can."""
    return {
        **bot,
        "can_join_groups": True,
        "can_read_all_group_messages": reads_all,
        "supports_inline_queries": False,
        "supports_guest_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
    }


def private(person: Json) -> Json:
    """#chat"""
    shown = ("id", "first_name", "last_name", "username")
    return {**{key: value for key, value in person.items() if key in shown}, "type": "private"}


def group(chat_id: int, kind: str, title: str, **more: Any) -> Json:
    told = {key: value for key, value in more.items() if value}
    return {"id": chat_id, "type": kind, "title": title, **told}


def whole(chat: Json, permissions: Json, pinned: Json | None) -> Json:
    """#chatfullinfo"""
    made: Json = {
        **chat,
        "accent_color_id": chat["id"] % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            chat["type"] == "private",
        ),
    }
    if chat["type"] in ("group", "supergroup"):
        made["permissions"] = permissions
    if "username" in chat:
        made["active_usernames"] = [chat["username"]]
    if pinned:
        made["pinned_message"] = pinned
    return made


SENDING = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
)
CHANGING = (
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
ADMINISTRATOR = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
OF_GROUPS = ("can_pin_messages", "can_manage_topics")
OF_CHANNELS = ("can_post_messages", "can_edit_messages")


def permissions() -> Json:
    """#chatpermissions, as a new group has them: everybody writes, administrators change."""
    return {**dict.fromkeys(SENDING, True), **dict.fromkeys(CHANGING, False)}


def owner(person: Json) -> Json:
    """#chatmemberowner"""
    return {"status": "creator", "user": person, "is_anonymous": False}


def administrator(person: Json, kind: str, rights: set[str] | None, *, editable: bool) -> Json:
    """#chatmemberadministrator; `rights` None: all that this kind of chat has."""
    own = OF_CHANNELS if kind == "channel" else OF_GROUPS
    if rights and (wrong := rights - {*ADMINISTRATOR, *own}):
        raise ValueError(f"administrators of a {kind} have no {sorted(wrong)}")
    given = {name: rights is None or name in rights for name in (*ADMINISTRATOR, *own)}
    return {
        "status": "administrator",
        "user": person,
        "can_be_edited": editable,
        "is_anonymous": False,
        **given,
        "can_manage_chat": True,
    }


def member(person: Json, status: str = "member", **more: Any) -> Json:
    """#chatmembermember, #chatmemberleft; an `until_date` of 0 is for ever."""
    return {"status": status, "user": person, **more}


def banned(person: Json) -> Json:
    return member(person, "kicked", until_date=0)


def restricted(person: Json, allowed: set[str]) -> Json:
    """#chatmemberrestricted"""
    names = (*SENDING, *CHANGING)
    given = {name: name in allowed for name in names}
    return member(person, "restricted", is_member=True, until_date=0, **given)
