"""What is in the fake Discord: people, guilds, channels, messages, and who is told of a change.

Things are held as the JSON objects the documentation describes, so what is sent is what is held.
Nothing here awaits: a request's effect is whole or absent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.chat.record import Recorded
from tests.fakes.discord import shapes
from tests.fakes.discord.clock import Clock
from tests.fakes.discord.errors import Json, Refused
from tests.fakes.discord.permissions import PRIVATE, THREADS, USUAL
from tests.fakes.discord.session import Session
from tests.fakes.discord.settings import APPLICATION, Settings


@dataclass
class Guild:
    json: Json
    roles: dict[str, Json] = field(default_factory=dict)
    members: dict[str, Json] = field(default_factory=dict)


@dataclass
class Post:
    """A message, with what nobody is sent: who alone sees it, whose ping it was."""

    json: Json
    seen_by: str | None = None
    pinged: list[str] = field(default_factory=list)
    token: str | None = None
    reacted: dict[str, list[str]] = field(default_factory=dict)


class World(Recorded):
    """Everything the service holds. `record` is what tests read back, in order."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.clock: Clock
        super().__init__(Clock())
        self.settings = settings or Settings()
        self.url = ""
        self.bot = shapes.user(APPLICATION, "waggle", bot=True)
        self.owner = shapes.user(self.clock.snowflake(), "owner")
        self.team: str | None = None
        """Who owns the team that owns the application; None: the owner does so alone."""
        self.users: dict[str, Json] = {u["id"]: u for u in (self.bot, self.owner)}
        self.locales: dict[str, str] = {}
        """The language a person's client is in; it comes with interactions alone."""
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Json] = {}
        self.posts: dict[str, dict[str, Post]] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.closed_dms: set[str] = set()
        self.out: set[str] = set()
        """Guilds that are unavailable."""
        self.sessions: dict[str, Session] = {}

    # Telling the bot

    def tell(
        self,
        event: str,
        data: Json,
        *,
        intent: int | None = None,
        shown: Callable[[Session, Json], Json] | None = None,
    ) -> None:
        """Dispatch to every session that asked for `intent`; None: to all.

        docs.discord.com/developers/events/gateway#gateway-intents
        """
        for session in self.sessions.values():
            if intent is None or session.intents & intent:
                session.push(event, shown(session, data) if shown else data)

    # Finding

    def guild(self, guild_id: str) -> Guild:
        """A guild that the bot is in."""
        guild = self.guilds.get(guild_id)
        if guild is None or self.bot["id"] not in guild.members:
            raise Refused("unknown_guild")
        return guild

    def channel(self, channel_id: str) -> Json:
        """A channel that the bot can know of."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise Refused("unknown_channel")
        if channel["type"] in PRIVATE:
            if self.bot["id"] not in self.recipients(channel):
                raise Refused("missing_access")
        elif self.bot["id"] not in self.guilds[channel["guild_id"]].members:
            raise Refused("missing_access")
        return channel

    def post(self, channel_id: str, message_id: str) -> Post:
        try:
            return self.posts[channel_id][message_id]
        except KeyError:
            raise Refused("unknown_message") from None

    def recipients(self, channel: Json) -> list[str]:
        return [self.bot["id"], *(person["id"] for person in channel["recipients"])]

    def threads_of(self, guild_id: str) -> list[Json]:
        return [
            one
            for one in self.channels.values()
            if one.get("guild_id") == guild_id and one["type"] in THREADS
        ]

    def channels_of(self, guild_id: str) -> list[Json]:
        return [
            one
            for one in self.channels.values()
            if one.get("guild_id") == guild_id and one["type"] not in THREADS
        ]

    # Making

    def add_user(self, name: str, *, bot: bool = False) -> Json:
        person = shapes.user(self.clock.snowflake(), name, bot=bot)
        self.users[person["id"]] = person
        return person

    def add_guild(self, name: str, *, owner: str | None = None, invited: bool = True) -> Guild:
        """A guild whose @everyone can what people usually can; the bot is in it if `invited`."""
        guild_id = self.clock.snowflake()
        owner = owner or self.owner["id"]
        everyone = shapes.role(guild_id, "@everyone", USUAL, 0)
        guild = Guild(shapes.guild(guild_id, name, owner), {guild_id: everyone})
        self.guilds[guild_id] = guild
        self.join(guild_id, owner)
        if invited:
            self.invite(guild_id)
        return guild

    def join(self, guild_id: str, user_id: str, *, roles: list[str] | None = None) -> Json:
        guild = self.guilds[guild_id]
        member = shapes.member(self.users[user_id], self.clock.stamp(), roles or [])
        guild.members[user_id] = member
        return member

    def invite(self, guild_id: str) -> None:
        """The bot is added: docs.discord.com/developers/events/gateway-events#guild-create"""
        self.join(guild_id, self.bot["id"])
        self.tell("GUILD_CREATE", self.guild_create(guild_id), intent=1)

    def guild_json(self, guild_id: str) -> Json:
        guild = self.guilds[guild_id]
        return {**guild.json, "roles": list(guild.roles.values())}

    def guild_create(self, guild_id: str) -> Json:
        guild = self.guilds[guild_id]
        me = guild.members[self.bot["id"]]
        return {
            **self.guild_json(guild_id),
            "joined_at": me["joined_at"],
            "large": False,
            "member_count": len(guild.members),
            # Without the members intent only the bot itself: same page, "members".
            "members": [me],
            "channels": self.channels_of(guild_id),
            "threads": [
                t for t in self.threads_of(guild_id) if not t["thread_metadata"]["archived"]
            ],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def add_channel(self, guild_id: str, name: str, *, kind: int = 0, **more: Any) -> Json:
        channel = shapes.channel(self.clock.snowflake(), guild_id, name, kind, **more)
        channel["position"] = len(self.channels_of(guild_id))
        self.channels[channel["id"]] = channel
        self.posts[channel["id"]] = {}
        if self.bot["id"] in self.guilds[guild_id].members:
            self.tell("CHANNEL_CREATE", channel, intent=1)
        return channel

    def dm_with(self, user_id: str) -> Json:
        """The one DM channel of the bot and a person."""
        if user_id not in self.users or user_id == self.bot["id"]:
            raise Refused("unknown_user")
        for channel in self.channels.values():
            if channel["type"] == 1 and channel["recipients"][0]["id"] == user_id:
                return channel
        channel = shapes.dm(self.clock.snowflake(), self.users[user_id])
        self.channels[channel["id"]] = channel
        self.posts[channel["id"]] = {}
        return channel

    # Taking away

    def kick(self, guild_id: str) -> None:
        """The bot is removed: docs.discord.com/developers/events/gateway-events#guild-delete"""
        self.guilds[guild_id].members.pop(self.bot["id"], None)
        self.note("kicked", guild=guild_id)
        self.tell("GUILD_DELETE", {"id": guild_id}, intent=1)

    def remove_channel(self, channel_id: str) -> None:
        channel = self.channels.pop(channel_id)
        self.posts.pop(channel_id, None)
        self.note("channel_deleted", channel=channel_id)
        if channel["type"] in THREADS:
            told = {key: channel[key] for key in ("id", "guild_id", "parent_id", "type")}
            self.tell("THREAD_DELETE", told, intent=1)
        elif channel["type"] not in PRIVATE:
            for thread in self.threads_of(channel["guild_id"]):
                if thread["parent_id"] == channel_id:
                    del self.channels[thread["id"]], self.posts[thread["id"]]
            self.tell("CHANNEL_DELETE", channel, intent=1)
