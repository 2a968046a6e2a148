"""What the door can change of guilds, and what the bot is told of it."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord import shapes
from tests.fakes.discord.errors import Json
from tests.fakes.discord.permissions import BITS, USUAL
from tests.fakes.discord.service import Service

MEMBERS = 1 << 1


def bits(names: list[str]) -> int:
    return sum(BITS[name] for name in names)


def user(service: Service, *, name: str, bot: bool = False) -> Json:
    return service.world.add_user(name, bot=bot)


def locale(service: Service, *, user: str, locale: str) -> Json:
    """The language of a person's client: reference#locales"""
    service.world.locales[user] = locale
    return {}


def guild(service: Service, *, name: str, owner: str | None = None, invited: bool = True) -> Json:
    return service.world.add_guild(name, owner=owner, invited=invited).json


def invite(service: Service, *, guild: str) -> Json:
    service.world.invite(guild)
    return {}


def kick(service: Service, *, guild: str) -> Json:
    """The bot is removed from a guild."""
    service.world.kick(guild)
    return {}


def outage(service: Service, *, guild: str, over: bool = False) -> Json:
    """The guild is unavailable, or is so no longer: events/gateway#guild-availability. A session
    that begins meanwhile is not told of it until then."""
    world = service.world
    if over:
        world.out.discard(guild)
        whole = {**world.guild_create(guild), "unavailable": False}
        world.tell("GUILD_CREATE", whole, intent=1)
    else:
        world.out.add(guild)
        world.tell("GUILD_DELETE", {"id": guild, "unavailable": True}, intent=1)
    return {}


def channel(service: Service, *, guild: str, name: str, kind: int = 0, **more: Any) -> Json:
    return service.world.add_channel(guild, name, kind=kind, **more)


def remove_channel(service: Service, *, channel: str) -> Json:
    service.world.remove_channel(channel)
    return {}


def overwrite(
    service: Service,
    *,
    channel: str,
    target: str,
    allow: list[str] | None = None,
    deny: list[str] | None = None,
) -> Json:
    """Permissions of a role or a person in one channel, by name."""
    where = service.world.channels[channel]
    guild = service.world.guilds[where["guild_id"]]
    made = {
        "id": target,
        "type": 0 if target in guild.roles else 1,
        "allow": str(bits(allow or [])),
        "deny": str(bits(deny or [])),
    }
    others = [one for one in where["permission_overwrites"] if one["id"] != target]
    where["permission_overwrites"] = [*others, made]
    service.world.tell("CHANNEL_UPDATE", where, intent=1)
    return {}


def role(service: Service, *, guild: str, name: str, permissions: list[str] | None = None) -> Json:
    world = service.world
    held = world.guilds[guild].roles
    made = shapes.role(world.clock.snowflake(), name, bits(permissions or []), len(held))
    held[made["id"]] = made
    world.tell("GUILD_ROLE_CREATE", {"guild_id": guild, "role": made}, intent=1)
    return made


def permit(
    service: Service, *, guild: str, role: str, permissions: list[str] | None = None
) -> Json:
    """Set what a role may do; None: what people usually may."""
    made = service.world.guilds[guild].roles[role]
    made["permissions"] = str(USUAL if permissions is None else bits(permissions))
    service.world.tell("GUILD_ROLE_UPDATE", {"guild_id": guild, "role": made}, intent=1)
    return made


def remove_role(service: Service, *, guild: str, role: str) -> Json:
    world = service.world
    del world.guilds[guild].roles[role]
    for member in world.guilds[guild].members.values():
        if role in member["roles"]:
            member["roles"].remove(role)
    world.tell("GUILD_ROLE_DELETE", {"guild_id": guild, "role_id": role}, intent=1)
    return {}


def member(service: Service, *, guild: str, user: str, roles: list[str] | None = None) -> Json:
    """Somebody joins, or has other roles from now on."""
    world = service.world
    held = world.guilds[guild].members
    if user not in held:
        made = world.join(guild, user, roles=roles)
        world.tell("GUILD_MEMBER_ADD", {**made, "guild_id": guild}, intent=MEMBERS)
        return made
    held[user]["roles"] = roles or []
    told = {**held[user], "guild_id": guild}
    if user == world.bot["id"]:
        # Of itself an app is told without the intent: events/gateway#list-of-intents
        world.tell("GUILD_MEMBER_UPDATE", told)
    else:
        world.tell("GUILD_MEMBER_UPDATE", told, intent=MEMBERS)
    return held[user]


def leave(service: Service, *, guild: str, user: str) -> Json:
    world = service.world
    del world.guilds[guild].members[user]
    told = {"guild_id": guild, "user": world.users[user]}
    world.tell("GUILD_MEMBER_REMOVE", told, intent=MEMBERS)
    return {}


def thread(service: Service, *, thread: str, archived: bool, locked: bool = False) -> Json:
    """A moderator archives, locks or opens a thread."""
    made = service.world.channels[thread]
    made["thread_metadata"] |= {
        "archived": archived,
        "locked": locked,
        "archive_timestamp": service.world.clock.stamp(),
    }
    service.world.tell("THREAD_UPDATE", made, intent=1)
    return made


def open_thread(service: Service, *, channel: str, user: str, name: str) -> Json:
    """Somebody opens a thread: topics/threads"""
    world = service.world
    parent, number = world.channels[channel], world.clock.snowflake()
    made = shapes.thread(number, parent, name, user, 11, world.clock.stamp())
    world.channels[number] = made
    world.posts[number] = {}
    world.tell("THREAD_CREATE", {**made, "newly_created": True}, intent=1)
    return made


def close_dms(service: Service, *, user: str, closed: bool = True) -> Json:
    """Somebody allows no direct messages."""
    (service.world.closed_dms.add if closed else service.world.closed_dms.discard)(user)
    return {}


ACTS = {
    act.__name__: act
    for act in (
        user,
        locale,
        guild,
        invite,
        kick,
        outage,
        channel,
        remove_channel,
        overwrite,
        role,
        permit,
        remove_role,
        member,
        leave,
        thread,
        open_thread,
        close_dms,
    )
}
