"""What is in the fake Telegram: people, chats, messages. Who is told of a change: telling.py.

Things are held as the JSON objects the documentation describes, so what is sent is what is held.
Nothing here awaits: a request's effect is whole or absent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.chat.clock import Clock
from tests.fakes.chat.record import Recorded
from tests.fakes.telegram import shapes
from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.settings import BOT, Settings

GENERAL = 1
"""The topic of a forum in which everything is that is in no other."""


@dataclass
class Post:
    """A message, and who wrote it."""

    json: Json
    by: int
    reactions: dict[int, list[Json]] = field(default_factory=dict)


@dataclass
class Topic:
    json: Json
    by: int
    closed: bool = False


@dataclass
class Chat:
    json: Json
    members: dict[int, Json] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    permissions: Json = field(default_factory=shapes.permissions)
    pinned: list[int] = field(default_factory=list)
    reads_all: bool = False
    """Whether the bot's privacy was off when it came: it holds until it comes again."""
    last_bot: int | None = None
    migrated_to: int | None = None
    gone: bool = False
    """Its person's account, or the group itself, is deleted."""
    opened: bool = True
    """Whether a person has ever spoken to the bot here."""
    blocked: bool = False
    last_message: int = 0

    @property
    def id(self) -> int:
        return int(self.json["id"])

    @property
    def kind(self) -> str:
        return str(self.json["type"])

    @property
    def own_counter(self) -> bool:
        """Private chats and basic groups of a bot share one counter of messages."""
        return self.kind in ("supergroup", "channel")

    def status(self, user: int) -> str:
        """#chatmember"""
        return str(self.members.get(user, {"status": "left"})["status"])

    def holds(self, user: int) -> bool:
        """Whether somebody is in it."""
        one = self.members.get(user, {"status": "left"})
        return one["status"] not in ("left", "kicked") and one.get("is_member", True)


class World(Recorded):
    """Everything the service holds. `record` is what tests read back, in order."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(Clock())
        self.settings = settings or Settings()
        self.url = ""
        bot = int(self.settings.token.partition(":")[0])
        self.bot = shapes.user(bot, "Waggle", bot=True, username=self.settings.username)
        self.users: dict[int, Json] = {bot: self.bot}
        self.languages: dict[int, str] = {}
        """The language of a person's client: #user, language_code."""
        self.met: set[int] = set()
        """Whom the bot has heard of, so that an id of theirs is one to it."""
        self.chats: dict[int, Chat] = {}
        self.revoked = False
        self._last_message = 0
        self._last_user = 100_000_000
        self._last_group = 4_000_000_000

    @property
    def me(self) -> int:
        return int(self.bot["id"])

    def today(self) -> int:
        """Now, as Telegram writes instants."""
        return int(self.clock.now())

    # Finding

    def person(self, user: int) -> Json:
        """Somebody as the bot is shown them."""
        shown = dict(self.users[user])
        if user in self.languages and not shown["is_bot"]:
            shown["language_code"] = self.languages[user]
        return shown

    def known(self, user: int) -> Json | None:
        """Somebody whom the bot has heard of."""
        return self.users[user] if user in self.met else None

    def named(self, username: str) -> Chat | None:
        """A public supergroup or channel by its @username."""
        wanted = username.removeprefix("@").lower()
        for chat in self.chats.values():
            if chat.own_counter and chat.json.get("username", "").lower() == wanted:
                return chat
        return None

    # Making

    def add_user(self, name: str, *, bot: bool = False, **more: Any) -> Json:
        self._last_user += 1
        language = more.pop("language", None)
        person = shapes.user(self._last_user, name, bot=bot, **more)
        self.users[person["id"]] = person
        if language:
            self.languages[person["id"]] = language
        return person

    def add_chat(self, kind: str, title: str, owner: int, **more: Any) -> Chat:
        """A group, supergroup or channel with its owner in it."""
        self._last_group += 1
        sign = -1 if kind == "group" else -1_000_000_000_000 + 4_000_000_000
        chat_id = -self._last_group if sign == -1 else sign - self._last_group
        chat = Chat(shapes.group(chat_id, kind, title, **more))
        chat.members[owner] = shapes.owner(self.users[owner])
        self.chats[chat_id] = chat
        return chat

    def private(self, user: int) -> Chat:
        """The private chat of the bot and a person."""
        if user not in self.chats:
            chat = Chat(shapes.private(self.users[user]), opened=False)
            chat.members[user] = shapes.member(self.users[user])
            chat.members[self.me] = shapes.member(self.bot)
            self.chats[user] = chat
        return self.chats[user]

    def next_message(self, chat: Chat) -> int:
        if chat.own_counter:
            chat.last_message += 1
            return chat.last_message
        self._last_message += 1
        return self._last_message


__all__ = ["BOT", "GENERAL", "Chat", "Post", "Topic", "World"]
