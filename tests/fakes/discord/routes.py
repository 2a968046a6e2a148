"""What each route does, by the name of its operation in `schema.json`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.fakes.discord import shapes, threads
from tests.fakes.discord.clock import made_at
from tests.fakes.discord.command_routes import COMMANDS
from tests.fakes.discord.errors import Json, Refused, refuse
from tests.fakes.discord.permissions import PRIVATE, THREADS, need
from tests.fakes.discord.reactions import REACTIONS
from tests.fakes.discord.service import Call, Service
from tests.fakes.discord.webhooks import WEBHOOKS
from tests.fakes.discord.world import Post

Answer = tuple[int, Any]
Handler = Callable[[Service, Call], Answer]
HANDLERS: dict[str, Handler] = {
    **REACTIONS,
    **threads.THREADS,
    **COMMANDS,
    **WEBHOOKS,
}


def route(handler: Handler) -> Handler:
    HANDLERS[handler.__name__] = handler
    return handler


@route
def get_gateway(service: Service, call: Call) -> Answer:
    return 200, {"url": service.world.url.replace("http", "ws", 1)}


@route
def get_bot_gateway(service: Service, call: Call) -> Answer:
    url = service.world.url.replace("http", "ws", 1)
    return 200, {"url": url, "shards": 1, "session_start_limit": service.gateway.limits()}


@route
def get_my_user(service: Service, call: Call) -> Answer:
    me = {**service.world.bot, "mfa_enabled": True, "locale": "en-US"}
    return 200, {**me, "verified": True, "email": None}


@route
def get_user(service: Service, call: Call) -> Answer:
    person = service.world.users.get(call.at["user_id"])
    if person is None:
        raise Refused("unknown_user")
    return 200, person


@route
def get_my_oauth2_application(service: Service, call: Call) -> Answer:
    return get_my_application(service, call)


@route
def get_my_application(service: Service, call: Call) -> Answer:
    world = service.world
    mine = sum(world.bot["id"] in guild.members for guild in world.guilds.values())
    # resources/application#application-object-application-flags: the _LIMITED ones
    granted = 1 << 19 if world.settings.privileged & 1 << 15 else 0
    granted |= 1 << 15 if world.settings.privileged & 1 << 1 else 0
    made = shapes.application(world.bot["id"], world.bot, world.owner, mine, granted)
    if world.team:
        made["team"] = shapes.team(world.clock.snowflake(), world.users[world.team])
    return 200, made


# Guilds


@route
def get_guild(service: Service, call: Call) -> Answer:
    world = service.world
    guild = world.guild(call.at["guild_id"])
    body = world.guild_json(guild.json["id"])
    if call.query.get("with_counts"):
        body |= {"approximate_member_count": len(guild.members), "approximate_presence_count": 1}
    return 200, body


@route
def list_my_guilds(service: Service, call: Call) -> Answer:
    world = service.world
    mine = [g for g in world.guilds.values() if world.bot["id"] in g.members]
    return 200, [
        {
            **{key: guild.json[key] for key in ("id", "name", "icon", "banner", "features")},
            "owner": False,
            "permissions": guild.roles[guild.json["id"]]["permissions"],
        }
        for guild in mine
    ]


@route
def list_guild_channels(service: Service, call: Call) -> Answer:
    guild = service.world.guild(call.at["guild_id"])
    return 200, service.world.channels_of(guild.json["id"])


@route
def list_guild_roles(service: Service, call: Call) -> Answer:
    return 200, list(service.world.guild(call.at["guild_id"]).roles.values())


@route
def get_guild_member(service: Service, call: Call) -> Answer:
    guild = service.world.guild(call.at["guild_id"])
    if call.at["user_id"] not in guild.members:
        raise Refused("unknown_member")
    return 200, guild.members[call.at["user_id"]]


@route
def list_guild_members(service: Service, call: Call) -> Answer:
    guild = service.world.guild(call.at["guild_id"])
    if not service.world.settings.privileged & 1 << 1:  # resources/guild#list-guild-members
        raise Refused("missing_access")
    after, limit = call.query.get("after", 0), call.query.get("limit", 1)
    ordered = sorted(guild.members.items(), key=lambda item: int(item[0]))
    return 200, [one for key, one in ordered if int(key) > after][:limit]


@route
def leave_guild(service: Service, call: Call) -> Answer:
    service.world.guild(call.at["guild_id"])
    service.world.kick(call.at["guild_id"])
    return 204, None


# Channels


@route
def get_channel(service: Service, call: Call) -> Answer:
    channel = service.world.channel(call.at["channel_id"])
    need(service.world, channel)
    return 200, channel


@route
def update_channel(service: Service, call: Call) -> Answer:
    channel = service.world.channel(call.at["channel_id"])
    if channel["type"] in PRIVATE:
        raise Refused("in_dm")
    if channel["type"] in THREADS:
        return 200, threads.update(service, channel, call.body)
    need(service.world, channel, "MANAGE_CHANNELS")
    channel.update({k: v for k, v in call.body.items() if k in ("name", "topic", "nsfw")})
    service.world.tell("CHANNEL_UPDATE", channel, intent=1)
    return 200, channel


@route
def delete_channel(service: Service, call: Call) -> Answer:
    channel = service.world.channel(call.at["channel_id"])
    if channel["type"] not in PRIVATE:
        rights = "MANAGE_THREADS" if channel["type"] in THREADS else "MANAGE_CHANNELS"
        need(service.world, channel, rights)
    service.world.remove_channel(channel["id"])
    return 200, channel


@route
def create_dm(service: Service, call: Call) -> Answer:
    person = call.body.get("recipient_id")
    if person is None:
        raise refuse(("recipient_id",), "BASE_TYPE_REQUIRED", "This field is required")
    return 200, service.world.dm_with(str(person))


@route
def trigger_typing_indicator(service: Service, call: Call) -> Answer:
    channel = service.world.channel(call.at["channel_id"])
    need(service.world, channel, "SEND_MESSAGES")
    service.world.note("typing", channel=channel["id"])
    return 204, None


# Messages


def _post(service: Service, call: Call) -> tuple[Json, Post]:
    channel = service.world.channel(call.at["channel_id"])
    post = service.world.post(channel["id"], call.at["message_id"])
    if post.seen_by is not None:
        raise Refused("unknown_message")
    return channel, post


@route
def create_message(service: Service, call: Call) -> Answer:
    channel = service.world.channel(call.at["channel_id"])
    return 200, service.posting.create(channel, call.body or {}, call.files).json


@route
def get_message(service: Service, call: Call) -> Answer:
    channel, post = _post(service, call)
    need(service.world, channel, "READ_MESSAGE_HISTORY")
    return 200, post.json


@route
def list_messages(service: Service, call: Call) -> Answer:
    """docs.discord.com/developers/resources/message#get-channel-messages, newest first"""
    channel = service.world.channel(call.at["channel_id"])
    need(service.world, channel, "READ_MESSAGE_HISTORY")
    given = [key for key in ("around", "before", "after") if key in call.query]
    if len(given) > 1:  # "mutually exclusive, only one may be passed at a time"
        raise refuse((given[1],), "BASE_TYPE_CHOICES", "around, before and after are exclusive")
    limit = call.query.get("limit", 50)
    seen = [p.json for p in service.world.posts[channel["id"]].values() if p.seen_by is None]
    newest = sorted(seen, key=lambda one: int(one["id"]), reverse=True)
    if "before" in call.query:
        newest = [one for one in newest if int(one["id"]) < int(call.query["before"])]
    elif "after" in call.query:
        newest = [one for one in newest if int(one["id"]) > int(call.query["after"])][-limit:]
    elif "around" in call.query:
        middle = int(call.query["around"])
        later = [one for one in newest if int(one["id"]) > middle][-(limit // 2) :]
        newest = [*later, *(one for one in newest if int(one["id"]) <= middle)]
    return 200, newest[:limit]


@route
def update_message(service: Service, call: Call) -> Answer:
    channel, post = _post(service, call)
    need(service.world, channel)
    if post.json["author"]["id"] != service.world.bot["id"]:
        if set(call.body) - {"flags"}:
            raise Refused("other_author")
        need(service.world, channel, "MANAGE_MESSAGES")
    if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
        raise Refused("archived")
    body = {key: value for key, value in call.body.items() if key != "tts"}
    return 200, service.posting.edit(post, body, call.files).json


@route
def delete_message(service: Service, call: Call) -> Answer:
    channel, post = _post(service, call)
    if post.json["author"]["id"] != service.world.bot["id"]:
        if channel["type"] in PRIVATE:
            raise Refused("in_dm")
        need(service.world, channel, "MANAGE_MESSAGES")
    service.posting.delete(post)
    return 204, None


@route
def bulk_delete_messages(service: Service, call: Call) -> Answer:
    channel = service.world.channel(call.at["channel_id"])
    need(service.world, channel, "MANAGE_MESSAGES")
    told = [str(one) for one in call.body["messages"]]
    oldest = service.world.clock.now() - 14 * 86400
    if any(made_at(one) < oldest for one in told):
        raise Refused("too_old")
    for one in told:
        if one in service.world.posts[channel["id"]]:
            service.posting.delete(service.world.posts[channel["id"]][one])
    return 204, None


@route
def create_pin(service: Service, call: Call) -> Answer:
    return _pin(service, call, pinned=True)


@route
def delete_pin(service: Service, call: Call) -> Answer:
    return _pin(service, call, pinned=False)


def _pin(service: Service, call: Call, *, pinned: bool) -> Answer:
    channel, post = _post(service, call)
    need(service.world, channel, "PIN_MESSAGES")
    post.json["pinned"] = pinned
    told: Json = {"channel_id": channel["id"]}
    if "guild_id" in channel:
        told["guild_id"] = channel["guild_id"]
    stamp = datetime.fromisoformat(service.world.clock.stamp()).isoformat()
    told["last_pin_timestamp"] = stamp if pinned else None
    service.world.tell("CHANNEL_PINS_UPDATE", told, intent=1)
    service.posting.tell("MESSAGE_UPDATE", post)
    return 204, None
