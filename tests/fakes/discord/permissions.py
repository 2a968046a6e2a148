"""Who may do what: docs.discord.com/developers/topics/permissions#permission-hierarchy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.discord.errors import Json, Refused

if TYPE_CHECKING:
    from tests.fakes.discord.world import World

BITS = {
    "ADMINISTRATOR": 1 << 3,
    "MANAGE_CHANNELS": 1 << 4,
    "ADD_REACTIONS": 1 << 6,
    "VIEW_CHANNEL": 1 << 10,
    "SEND_MESSAGES": 1 << 11,
    "MANAGE_MESSAGES": 1 << 13,
    "EMBED_LINKS": 1 << 14,
    "ATTACH_FILES": 1 << 15,
    "READ_MESSAGE_HISTORY": 1 << 16,
    "MENTION_EVERYONE": 1 << 17,
    "USE_APPLICATION_COMMANDS": 1 << 31,
    "MANAGE_THREADS": 1 << 34,
    "CREATE_PUBLIC_THREADS": 1 << 35,
    "CREATE_PRIVATE_THREADS": 1 << 36,
    "SEND_MESSAGES_IN_THREADS": 1 << 38,
    "PIN_MESSAGES": 1 << 51,
}
ALL = (1 << 53) - 1
USUAL = sum(
    BITS[name]
    for name in BITS
    if name
    not in ("ADMINISTRATOR", "MANAGE_CHANNELS", "MANAGE_MESSAGES", "MANAGE_THREADS", "PIN_MESSAGES")
)
THREADS = (10, 11, 12)
PRIVATE = (1, 3)


def of(world: World, channel: Json, user: str) -> int:
    """The permission bits of `user` in `channel`; in a DM everything its members can."""
    if channel["type"] in PRIVATE:
        return USUAL if user in world.recipients(channel) else 0
    guild = world.guilds[channel["guild_id"]]
    if channel["type"] in THREADS:
        channel = world.channels[channel["parent_id"]]
    if guild.json["owner_id"] == user:
        return ALL
    member = guild.members.get(user)
    if member is None:
        return 0
    held = [guild.json["id"], *member["roles"]]
    base = 0
    for role in held:
        base |= int(guild.roles[role]["permissions"])
    if base & BITS["ADMINISTRATOR"]:
        return ALL
    return _overwritten(base, channel.get("permission_overwrites", []), held, user)


def _overwritten(base: int, overwrites: list[Json], held: list[str], user: str) -> int:
    by_id = {one["id"]: one for one in overwrites}
    if everyone := by_id.get(held[0]):
        base = base & ~int(everyone["deny"]) | int(everyone["allow"])
    allow = deny = 0
    for role in held[1:]:
        if one := by_id.get(role):
            allow |= int(one["allow"])
            deny |= int(one["deny"])
    base = base & ~deny | allow
    if own := by_id.get(user):
        base = base & ~int(own["deny"]) | int(own["allow"])
    return base


def need(world: World, channel: Json, *names: str) -> None:
    """Refuse the bot what it may not do here."""
    has = of(world, channel, world.bot["id"])
    if not has & BITS["VIEW_CHANNEL"]:
        raise Refused("missing_access")
    for name in names:
        if name == "SEND_MESSAGES" and channel["type"] in THREADS:
            name = "SEND_MESSAGES_IN_THREADS"
        if not has & BITS[name]:
            raise Refused("missing_permissions")
