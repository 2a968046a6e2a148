"""The published description: which parameters a method has, and of what an answer is made.

`schema.json` is extracted from PaulSonOfLars/telegram-bot-api-spec. The service passes over what it
does not know and reads what it can of a wrong type (tdlib/telegram-bot-api, Client.cpp: it asks for
its own parameters by name), so a request is not held to it: what is `odd` in one is counted, since
a bot that sends it means something by it that will not happen. Our answers are held to it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from tests.fakes.telegram.errors import Json

_PLAIN: dict[str, type] = {"Integer": int, "String": str, "Boolean": bool, "Float": float}


@cache
def described() -> Json:
    return json.loads((Path(__file__).parent / "schema.json").read_text(encoding="utf-8"))


def methods() -> Json:
    return described()["methods"]


def reactions() -> list[str]:
    """#reactiontypeemoji"""
    return described()["reactions"]


@cache
def by_lower() -> dict[str, str]:
    """Methods by their names in small letters: "All methods are case-insensitive"."""
    return {name.lower(): name for name in methods()}


def undocumented(method: str, answer: Any) -> list[str]:
    """What in our own `answer` the description does not know; empty when all is as documented."""
    return wrong(answer, methods()[method]["answer"], method)


def wrong(value: Any, spelled: str, path: str = "") -> list[str]:
    """Where `value` is not of the type `spelled` ("Integer|String", "Array of User")."""
    best: list[str] | None = None
    for choice in spelled.split("|"):
        found = _wrong(value, choice, path)
        if not found:
            return []
        if best is None or len(found) < len(best):
            best = found
    return best or []


def _wrong(value: Any, name: str, path: str) -> list[str]:
    if name.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{path}: not an array"]
        inner = name.removeprefix("Array of ")
        return [one for at, item in enumerate(value) for one in wrong(item, inner, f"{path}[{at}]")]
    if plain := _PLAIN.get(name):
        fits = isinstance(value, plain) and isinstance(value, bool) == (plain is bool)
        return [] if fits else [f"{path}: not {name}"]
    shape = described()["types"].get(name)
    if shape is None:
        return []
    if not isinstance(value, dict):
        return [f"{path}: not {name}"]
    if "one_of" in shape:
        return wrong(value, "|".join(shape["one_of"]), path)
    known, found = shape["fields"], list[str]()
    for key, spelled in known.items():
        if key in value:
            found += wrong(value[key], spelled.rstrip("!"), f"{path}.{key}")
        elif spelled.endswith("!"):
            found.append(f"{path}.{key}: missing")
    found += [f"{path}.{key}: not documented" for key in value if key not in known]
    if "type" in known and isinstance(value.get("type"), str):
        found += _tagged(value["type"], name, path)
    return found


# Of types that are told apart by `type` or `status`, the word of each.
TAGS = {
    "ReactionTypeEmoji": "emoji",
    "ReactionTypeCustomEmoji": "custom_emoji",
    "MessageOriginUser": "user",
    "MessageOriginHiddenUser": "hidden_user",
    "BotCommandScopeDefault": "default",
    "BotCommandScopeAllPrivateChats": "all_private_chats",
    "BotCommandScopeAllGroupChats": "all_group_chats",
    "BotCommandScopeAllChatAdministrators": "all_chat_administrators",
    "BotCommandScopeChat": "chat",
    "BotCommandScopeChatAdministrators": "chat_administrators",
    "BotCommandScopeChatMember": "chat_member",
}


def _tagged(word: str, name: str, path: str) -> list[str]:
    return [] if TAGS.get(name, word) == word else [f"{path}.type: not {TAGS[name]}"]


# Documented, but nothing comes of them here.
UNBUILT = {
    "allow_paid_broadcast",
    "business_connection_id",
    "cache_time",
    "certificate",
    "direct_messages_topic_id",
    "disable_content_type_detection",
    "has_spoiler",
    "icon_custom_emoji_id",
    "inline_message_id",
    "ip_address",
    "is_big",
    "message_effect_id",
    "rich_message",
    "show_caption_above_media",
    "suggested_post_parameters",
    "thumbnail",
    "video_start_timestamp",
}


def odd(method: str, told: dict[str, str]) -> list[str]:
    """What in a request the service passes over, or reads as something else than was written."""
    known, found = methods()[method]["fields"], list[str]()
    for name, text in told.items():
        if name not in known:
            found.append(f"{name}: no such parameter")
        elif name in UNBUILT:
            found.append(f"{name}: the fake does nothing with it")
        elif text:
            found += _odd(name, text, known[name].rstrip("!"))
    return found


def _odd(name: str, text: str, spelled: str) -> list[str]:
    choices = spelled.split("|")
    if "String" in choices or "InputFile" in choices:
        return []
    if choices == ["Boolean"]:
        return [] if text.lower() in ("true", "false") else [f"{name}: not Boolean"]
    try:
        value = json.loads(text)
    except ValueError:
        return [f"{name}: not {spelled}"]
    return wrong(value, spelled, name)
