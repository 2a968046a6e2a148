"""Reactions: docs.discord.com/developers/resources/message#create-reaction."""

from __future__ import annotations

import re
from typing import Any

from tests.fakes.discord.errors import Json, Refused
from tests.fakes.discord.permissions import PRIVATE, need
from tests.fakes.discord.service import Call, Service
from tests.fakes.discord.world import Post

Answer = tuple[int, Any]
GUILD_REACTIONS, DIRECT_REACTIONS = 1 << 10, 1 << 13
_CUSTOM = re.compile(r"^[A-Za-z0-9_]{2,32}:\d+$")


def _post(service: Service, call: Call) -> tuple[Json, Post]:
    channel = service.world.channel(call.at["channel_id"])
    post = service.world.post(channel["id"], call.at["message_id"])
    if post.seen_by is not None:
        raise Refused("unknown_message")
    return channel, post


def _emoji(text: str) -> str:
    if _CUSTOM.match(text) or re.search(r"[A-Za-z]", text) or not text or len(text) > 16:
        raise Refused("unknown_emoji")
    return text


def react(service: Service, channel: Json, post: Post, user: str, emoji: str) -> None:
    """As anyone; twice is once."""
    who = post.reacted.setdefault(emoji, [])
    if user in who:
        return
    who.append(user)
    _refresh(service, post)
    told = _told(channel, post, user, emoji)
    author = {"message_author_id": post.json["author"]["id"]}
    if "guild_id" in channel:
        author["member"] = service.world.guilds[channel["guild_id"]].members[user]
    colours = {"burst": False, "type": 0}
    _tell(service, channel, "MESSAGE_REACTION_ADD", {**told, **author, **colours})
    service.world.note(
        "react", channel=channel["id"], message=told["message_id"], user=user, emoji=emoji
    )


def unreact(service: Service, channel: Json, post: Post, user: str, emoji: str) -> None:
    who = post.reacted.get(emoji, [])
    if user not in who:
        return
    who.remove(user)
    _refresh(service, post)
    told = _told(channel, post, user, emoji)
    _tell(service, channel, "MESSAGE_REACTION_REMOVE", {**told, "burst": False, "type": 0})
    service.world.note("unreact", message=told["message_id"], user=user, emoji=emoji)


def _told(channel: Json, post: Post, user: str, emoji: str) -> Json:
    told: Json = {
        "user_id": user,
        "channel_id": channel["id"],
        "message_id": post.json["id"],
        "emoji": {"id": None, "name": emoji},
    }
    if "guild_id" in channel:
        told["guild_id"] = channel["guild_id"]
    return told


def _tell(service: Service, channel: Json, event: str, data: Json) -> None:
    private = channel["type"] in PRIVATE
    service.world.tell(event, data, intent=DIRECT_REACTIONS if private else GUILD_REACTIONS)


def _refresh(service: Service, post: Post) -> None:
    bot = service.world.bot["id"]
    counted = [(emoji, who) for emoji, who in post.reacted.items() if who]
    made = [
        {
            "emoji": {"id": None, "name": emoji},
            "count": len(who),
            "count_details": {"burst": 0, "normal": len(who)},
            "burst_colors": [],
            "me_burst": False,
            "me": bot in who,
        }
        for emoji, who in counted
    ]
    post.json.pop("reactions", None)
    if made:
        post.json["reactions"] = made


def add(service: Service, call: Call) -> Answer:
    channel, post = _post(service, call)
    emoji = _emoji(call.at["emoji_name"])
    needs = ["READ_MESSAGE_HISTORY"]
    if not post.reacted.get(emoji):
        needs.append("ADD_REACTIONS")
    need(service.world, channel, *needs)
    if emoji not in post.reacted and len(post.reacted) >= 20:
        raise Refused("reactions")
    react(service, channel, post, service.world.bot["id"], emoji)
    return 204, None


def remove(service: Service, call: Call) -> Answer:
    channel, post = _post(service, call)
    user: str = call.at.get("user_id") or service.world.bot["id"]
    if user != service.world.bot["id"]:
        need(service.world, channel, "MANAGE_MESSAGES")
    unreact(service, channel, post, user, _emoji(call.at["emoji_name"]))
    return 204, None


def clear(service: Service, call: Call) -> Answer:
    channel, post = _post(service, call)
    need(service.world, channel, "MANAGE_MESSAGES")
    post.reacted.clear()
    _refresh(service, post)
    told = {"channel_id": channel["id"], "message_id": post.json["id"]}
    if "guild_id" in channel:
        told["guild_id"] = channel["guild_id"]
    _tell(service, channel, "MESSAGE_REACTION_REMOVE_ALL", told)
    return 204, None


def listed(service: Service, call: Call) -> Answer:
    channel, post = _post(service, call)
    need(service.world, channel, "READ_MESSAGE_HISTORY")
    who = sorted(post.reacted.get(_emoji(call.at["emoji_name"]), []), key=int)
    after = int(call.query.get("after", 0))
    limit = call.query.get("limit", 25)
    return 200, [service.world.users[one] for one in who if int(one) > after][:limit]


REACTIONS = {
    "add_my_message_reaction": add,
    "delete_my_message_reaction": remove,
    "delete_user_message_reaction": remove,
    "delete_all_message_reactions": clear,
    "list_message_reactions_by_emoji": listed,
}
