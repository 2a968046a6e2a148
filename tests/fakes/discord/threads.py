"""Threads: docs.discord.com/developers/topics/threads and …/resources/channel#start-thread-…"""

from __future__ import annotations

from typing import Any

from tests.fakes.discord import shapes
from tests.fakes.discord.errors import Json, Refused
from tests.fakes.discord.permissions import THREADS as KINDS
from tests.fakes.discord.permissions import need
from tests.fakes.discord.posting import Origin
from tests.fakes.discord.service import Call, Service

Answer = tuple[int, Any]


def from_message(service: Service, call: Call) -> Answer:
    """#start-thread-from-message: the thread has the message's id."""
    world = service.world
    parent = world.channel(call.at["channel_id"])
    if parent["type"] not in (0, 5):
        raise Refused("in_dm" if parent["type"] == 1 else "wrong_channel_type")
    need(world, parent, "CREATE_PUBLIC_THREADS", "READ_MESSAGE_HISTORY")
    post = world.post(parent["id"], call.at["message_id"])
    if post.json["type"] not in (0, 19, 20, 23):
        raise Refused("no_system_message")
    if post.json["id"] in world.channels:
        raise Refused("thread_exists")
    kind = 10 if parent["type"] == 5 else 11
    thread = make(service, parent, post.json["id"], call.body, kind)
    post.json["thread"] = thread
    post.json["flags"] |= 1 << 5  # HAS_THREAD
    service.posting.tell("MESSAGE_UPDATE", post)
    return 201, _created(service, thread)


def without_message(service: Service, call: Call) -> Answer:
    """#start-thread-without-message, which is private unless it says otherwise."""
    world = service.world
    parent = world.channel(call.at["channel_id"])
    if parent["type"] not in (0, 5):
        raise Refused("in_dm" if parent["type"] == 1 else "wrong_channel_type")
    kind = call.body.get("type") or 12
    need(world, parent, "CREATE_PRIVATE_THREADS" if kind == 12 else "CREATE_PUBLIC_THREADS")
    thread = make(service, parent, world.clock.snowflake(), call.body, kind)
    if kind == 11:
        told = {"content": thread["name"]}
        service.posting.put(parent, world.bot, told, {}, Origin({"type": 18}))
    return 201, _created(service, thread)


def make(service: Service, parent: Json, thread_id: str, body: Json, kind: int) -> Json:
    world = service.world
    stamp = world.clock.stamp()
    thread = shapes.thread(thread_id, parent, body["name"], world.bot["id"], kind, stamp)
    thread["rate_limit_per_user"] = body.get("rate_limit_per_user") or 0
    if body.get("auto_archive_duration"):
        thread["thread_metadata"]["auto_archive_duration"] = body["auto_archive_duration"]
    if kind == 12:
        thread["thread_metadata"]["invitable"] = body.get("invitable", True)
    world.channels[thread_id] = thread
    world.posts[thread_id] = {}
    world.tell("THREAD_CREATE", {**thread, "newly_created": True}, intent=1)
    world.note("thread", thread=thread_id, channel=parent["id"], name=thread["name"])
    return thread


def _created(service: Service, thread: Json) -> Json:
    me = shapes.thread_member(thread["id"], service.world.bot["id"], service.world.clock.stamp())
    return {**thread, "member": me}


def update(service: Service, thread: Json, body: Json) -> Json:
    """resources/channel#modify-channel-json-params-thread"""
    world, meta = service.world, thread["thread_metadata"]
    own = thread["owner_id"] == world.bot["id"]
    if meta["archived"] and set(body) - {"archived", "locked"} and body.get("archived", True):
        raise Refused("archived")
    if "locked" in body or not own:
        need(world, thread, "MANAGE_THREADS")
    else:
        need(world, thread, "SEND_MESSAGES")
    for key in ("archived", "locked", "auto_archive_duration", "invitable"):
        if key in body:
            meta[key] = body[key]
    if "archived" in body:
        meta["archive_timestamp"] = world.clock.stamp()
    thread.update({k: body[k] for k in ("name", "rate_limit_per_user") if k in body})
    world.tell("THREAD_UPDATE", thread, intent=1)
    world.note("thread_update", thread=thread["id"], json=thread)
    return thread


def _thread(service: Service, call: Call) -> Json:
    thread = service.world.channel(call.at["channel_id"])
    if thread["type"] not in KINDS:
        raise Refused("wrong_channel_type")
    return thread


def join(service: Service, call: Call) -> Answer:
    thread = _thread(service, call)
    need(service.world, thread)
    if thread["thread_metadata"]["archived"]:
        raise Refused("archived")
    return 204, None


def add_member(service: Service, call: Call) -> Answer:
    thread = _thread(service, call)
    need(service.world, thread, "SEND_MESSAGES")
    guild = service.world.guild(thread["guild_id"])
    if call.at["user_id"] not in guild.members:
        raise Refused("unknown_member")
    thread["member_count"] += 1
    return 204, None


def active(service: Service, call: Call) -> Answer:
    """docs.discord.com/developers/resources/guild#list-active-guild-threads"""
    world = service.world
    guild = world.guild(call.at["guild_id"])
    open_ones = [
        t for t in world.threads_of(guild.json["id"]) if not t["thread_metadata"]["archived"]
    ]
    members = [
        shapes.thread_member(t["id"], world.bot["id"], world.clock.stamp()) for t in open_ones
    ]
    return 200, {"threads": open_ones, "members": members, "has_more": False}


def archived(service: Service, call: Call) -> Answer:
    """docs.discord.com/developers/resources/channel#list-public-archived-threads"""
    parent = service.world.channel(call.at["channel_id"])
    need(service.world, parent, "READ_MESSAGE_HISTORY")
    mine = [
        t
        for t in service.world.threads_of(parent["guild_id"])
        if t["parent_id"] == parent["id"] and t["thread_metadata"]["archived"] and t["type"] != 12
    ]
    newest = sorted(mine, key=lambda t: t["thread_metadata"]["archive_timestamp"], reverse=True)
    if before := call.query.get("before"):
        newest = [t for t in newest if t["thread_metadata"]["archive_timestamp"] < before]
    limit = call.query.get("limit", 50)
    return 200, {"threads": newest[:limit], "members": [], "has_more": len(newest) > limit}


THREADS = {
    "create_thread_from_message": from_message,
    "create_thread": without_message,
    "join_thread": join,
    "leave_thread": join,
    "add_thread_member": add_member,
    "get_active_guild_threads": active,
    "list_public_archived_threads": archived,
}
