"""The bot's commands and texts about it, for whom and in which language they are.

core.telegram.org/bots/api#setmycommands, #botcommandscope; tdlib/td, td/telegram/BotCommand.cpp.
"""

from __future__ import annotations

import re
from typing import Any

from tests.fakes.telegram import rights
from tests.fakes.telegram.errors import Json, Refused, told
from tests.fakes.telegram.parameters import Call, integer, string
from tests.fakes.telegram.world import Chat, World

Scope = tuple[str, int, int]
MOST = 100
_NAME = re.compile(r"[a-z0-9_]{1,32}")
# Which scope goes before which: #determining-list-of-commands
_PRIVATE = ("chat", "all_private_chats", "default")
_GROUP = ("chat", "all_group_chats", "default")
_ADMINISTRATOR = ("chat_administrators", "chat", "all_chat_administrators", "all_group_chats")


class Commands:
    def __init__(self, world: World) -> None:
        self._world = world
        self._lists: dict[tuple[Scope, str], list[Json]] = {}
        self._texts: dict[tuple[str, str], str] = {}
        self.writes = 0

    def set(self, call: Call) -> bool:
        given = call.json("commands", "commands")
        if given is not None and not isinstance(given, list):
            raise told("expected an Array of BotCommand")
        made = [_command(one) for one in given or []]
        size = sum(len(one["command"]) + len(one["description"]) for one in made)
        if len(made) > MOST or size > self._world.settings.commands_size:
            raise Refused("commands")
        key = self._scope(call), _language(call)
        self.writes += 1
        self._lists[key] = made
        if not made:
            del self._lists[key]
        scope, language = key
        self._world.note("commands", scope=list(scope), language=language, commands=made)
        return True

    def get(self, call: Call) -> list[Json]:
        """#getmycommands: those of this very scope and language, "an empty list" otherwise."""
        return self._lists.get((self._scope(call), _language(call)), [])

    def delete(self, call: Call) -> bool:
        self.writes += 1
        self._lists.pop((self._scope(call), _language(call)), None)
        return True

    def offered(self, chat: Chat, user: int) -> list[Json]:
        """What somebody is offered in a chat: #determining-list-of-commands"""
        language = self._world.languages.get(user, "")[:2]
        kinds: tuple[str, ...] = _PRIVATE if chat.kind == "private" else _GROUP
        if chat.kind != "private" and rights.administers(chat, user):
            kinds = (*_ADMINISTRATOR, "default")
        scopes: list[Scope] = [("chat_member", chat.id, user)] if chat.kind != "private" else []
        own = ("chat", "chat_administrators")
        scopes += [(kind, chat.id if kind in own else 0, 0) for kind in kinds]
        for scope in scopes:
            for tongue in (language, ""):
                if found := self._lists.get((scope, tongue)):
                    return found
        return []

    def _scope(self, call: Call) -> Scope:
        given = call.json("scope", "BotCommandScope")
        if given is None:
            return "default", 0, 0
        prefix = "can't parse BotCommandScope: "
        if not isinstance(given, dict):
            raise told(f"{prefix}BotCommandScope must be an Object")
        kind = given.get("type")
        if kind in ("default", "all_private_chats", "all_group_chats", "all_chat_administrators"):
            return kind, 0, 0
        if kind not in ("chat", "chat_administrators", "chat_member"):
            raise told(f"{prefix}Unsupported type specified")
        chat = rights.found(self._world, string(given, "chat_id"), rights.READ)
        if chat.kind == "channel":
            raise told("can't change commands in channel chats")
        if kind != "chat" and chat.kind == "private":
            raise told("can't use specified scope in private chats")
        if kind != "chat_member":
            return kind, chat.id, 0
        user = integer(given, "user_id")
        if user <= 0:
            raise told(f"{prefix}Invalid user_id specified")
        return kind, chat.id, user

    # Texts about the bot: #setmydescription, #setmyshortdescription

    def describe(self, call: Call, kind: str, most: int) -> bool:
        given = call.text(kind)
        if len(given) > most:
            # Telegram's own word for it is not known; that it refuses is documented.
            raise told(f"{kind.upper()}_TOO_LONG")
        self.writes += 1
        self._texts[kind, _language(call)] = given
        return True

    def described(self, call: Call, kind: str) -> Json:
        language = _language(call)
        return {kind: self._texts.get((kind, language)) or self._texts.get((kind, ""), "")}


def _language(call: Call) -> str:
    """BotInfoManager.cpp, validate_bot_language_code"""
    code = call.text("language_code")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise Refused("language")
    return code


def _command(one: Any) -> Json:
    if not isinstance(one, dict):
        raise told("can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if name not in one:
            raise told(f"can't parse BotCommand: Can't find field \"{name}\"")
    command = string(one, "command").strip().removeprefix("/")
    about = string(one, "description").strip()
    if not command:
        raise told("command must be non-empty")
    if len(command) > 32:
        raise told("command length must not exceed 32")
    if not about:
        raise told("command description must be non-empty")
    if len(about) > 256:
        raise told("command description length must not exceed 256")
    if not _NAME.fullmatch(command):
        raise Refused("command")
    return {"command": command, "description": about}
