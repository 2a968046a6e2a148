"""What people do by hand in their Discord client, which offers only what can be done."""

from __future__ import annotations

import base64
from typing import Any

from tests.fakes.discord import content, modals, reactions, shapes
from tests.fakes.discord.components import walk
from tests.fakes.discord.errors import Json
from tests.fakes.discord.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL,
    Interaction,
)
from tests.fakes.discord.options import arguments
from tests.fakes.discord.permissions import BITS, of
from tests.fakes.discord.service import Service
from tests.fakes.discord.world import Post

VOICE = 1 << 13


def _see(service: Service, channel_id: str, user: str) -> Json:
    channel = service.world.channels[channel_id]
    if not of(service.world, channel, user) & BITS["VIEW_CHANNEL"]:
        raise ValueError("this person does not see this channel")
    return channel


def _message(service: Service, channel: str, message: str, user: str) -> Post:
    post = service.world.posts[channel][message]
    if post.seen_by not in (None, user):
        raise ValueError("this person does not see this message")
    return post


# Writing


def say(
    service: Service,
    *,
    channel: str,
    user: str,
    text: str = "",
    reply_to: str | None = None,
    files: list[Json] | None = None,
    ping: bool = True,
) -> Json:
    """A message; `files` are {name, type, base64}; `ping` is the reply's switch."""
    where = _see(service, channel, user)
    body: Json = {"content": text}
    if reply_to is not None:
        body["message_reference"] = {"message_id": reply_to}
    if not ping:
        body["allowed_mentions"] = {"parse": ["users", "roles", "everyone"], "replied_user": False}
    uploads = {
        at: (one["name"], one.get("type", "text/plain"), base64.b64decode(one["base64"]))
        for at, one in enumerate(files or [])
    }
    if content.empty(body, uploads):
        raise ValueError("nothing to say")
    if len(text) > 2000:
        raise ValueError("people cannot say more than 2000 characters either")
    return service.posting.put(where, service.world.users[user], body, uploads).json


def speak(
    service: Service, *, channel: str, user: str, recording: str, seconds: float, **more: Any
) -> Json:
    """A voice message, which is nothing but its recording (base64):
    docs.discord.com/developers/resources/message#voice-messages"""
    where = _see(service, channel, user)
    told = {"id": "0", "duration_secs": seconds, "waveform": base64.b64encode(bytes(8)).decode()}
    body: Json = {"content": "", "flags": VOICE, "attachments": [told]}
    if "reply_to" in more:
        body["message_reference"] = {"message_id": more["reply_to"]}
    file = ("voice-message.ogg", "audio/ogg", base64.b64decode(recording))
    return service.posting.put(where, service.world.users[user], body, {0: file}).json


def dm(service: Service, *, user: str, text: str, **more: Any) -> Json:
    channel = service.world.dm_with(user)
    return say(service, channel=channel["id"], user=user, text=text, **more)


def edit(service: Service, *, channel: str, message: str, text: str) -> Json:
    post = service.world.posts[channel][message]
    post.json["content"] = text
    found = content.mentioned(
        service.world, service.world.channels[channel], post.json["author"]["id"], post.json, None
    )
    post.json["mentions"] = found["mentions"]
    service.posting.edited(post)
    return post.json


def delete(service: Service, *, channel: str, message: str) -> Json:
    service.posting.delete(service.world.posts[channel][message])
    return {}


def react(service: Service, *, channel: str, message: str, user: str, emoji: str) -> Json:
    post = _message(service, channel, message, user)
    reactions.react(service, service.world.channels[channel], post, user, emoji)
    return {}


def unreact(service: Service, *, channel: str, message: str, user: str, emoji: str) -> Json:
    post = _message(service, channel, message, user)
    reactions.unreact(service, service.world.channels[channel], post, user, emoji)
    return {}


def typing(service: Service, *, channel: str, user: str) -> Json:
    told = {"channel_id": channel, "user_id": user, "timestamp": int(service.world.clock.now())}
    where = service.world.channels[channel]
    if "guild_id" in where:
        told["guild_id"] = where["guild_id"]
        told["member"] = service.world.guilds[where["guild_id"]].members[user]
    service.world.tell("TYPING_START", told, intent=1 << 11 if "guild_id" in where else 1 << 14)
    return {}


# Components


def _component(post: Post, custom_id: str) -> Json:
    for _, one in walk(post.json["components"]):
        if one.get("custom_id") == custom_id:
            if one.get("disabled"):
                raise ValueError(f"{custom_id} is disabled")
            return one
    raise ValueError(f"the message has no {custom_id}")


def press(
    service: Service, *, channel: str, message: str, user: str, custom_id: str, stale: bool = False
) -> Json:
    """`stale`: on a client that still shows a button the message no longer has."""
    post = _message(service, channel, message, user)
    if not stale and _component(post, custom_id)["type"] != 2:
        raise ValueError(f"{custom_id} is no button")
    data = {"custom_id": custom_id, "component_type": 2, "id": 1}
    return _begin(service, COMPONENT, channel, user, data, source=post)


def pick(
    service: Service, *, channel: str, message: str, user: str, custom_id: str, values: list[str]
) -> Json:
    post = _message(service, channel, message, user)
    one = _component(post, custom_id)
    if one["type"] == 3:
        known = [option["value"] for option in one["options"]]
        if wrong := set(values) - set(known):
            raise ValueError(f"{custom_id} has no {sorted(wrong)}")
    if not one.get("min_values", 1) <= len(values) <= one.get("max_values", 1):
        raise ValueError(f"{custom_id} wants another number of values")
    data: Json = {"custom_id": custom_id, "component_type": one["type"], "values": values, "id": 1}
    if one["type"] != 3:
        data["resolved"] = _resolved(service, channel, values)
    return _begin(service, COMPONENT, channel, user, data, source=post)


def _resolved(service: Service, channel: str, ids: list[str]) -> Json:
    found: Json = {}
    world, where = service.world, service.world.channels[channel]
    guild = world.guilds.get(where.get("guild_id", ""))
    for one in ids:
        if one in world.users:
            found.setdefault("users", {})[one] = world.users[one]
            if guild and one in guild.members:
                found.setdefault("members", {})[one] = {
                    **shapes.partial(guild.members[one]),
                    "permissions": str(of(world, where, one)),
                }
        elif guild and one in guild.roles:
            found.setdefault("roles", {})[one] = guild.roles[one]
        elif one in world.channels:
            found.setdefault("channels", {})[one] = world.channels[one]
    return found


def submit(service: Service, *, interaction: str, values: dict[str, Any]) -> Json:
    """Send the modal that `interaction` was answered with."""
    asked = service.interactions.by_id[interaction]
    if asked.modal is None:
        raise ValueError("no modal was shown")
    data = {
        "custom_id": asked.modal["custom_id"],
        "components": modals.submitted(asked.modal, values),
    }
    user = asked.user["id"]
    return _begin(service, MODAL, asked.channel["id"], user, data, source=asked.source)


# Commands


def command(
    service: Service, *, channel: str, user: str, name: str, options: Json | None = None
) -> Json:
    """A slash command, "task new" for a sub-command; options by name."""
    return _command(service, COMMAND, channel, user, name, options or {}, None)


def autocomplete(
    service: Service,
    *,
    channel: str,
    user: str,
    name: str,
    focused: str,
    options: Json | None = None,
) -> Json:
    """Somebody is typing in the option `focused`."""
    return _command(service, AUTOCOMPLETE, channel, user, name, options or {}, focused)


def _command(
    service: Service,
    kind: int,
    channel: str,
    user: str,
    name: str,
    options: Json,
    focused: str | None,
) -> Json:
    where = _see(service, channel, user)
    first, *rest = name.split()
    declared = service.commands.named(first, 1, where.get("guild_id"))
    needed = declared.get("default_member_permissions")
    if needed is not None and "guild_id" in where:
        has = of(service.world, where, user)
        if int(needed) & ~has or (needed == "0" and not has & BITS["ADMINISTRATOR"]):
            raise ValueError("this person is not offered this command")
    if "guild_id" not in where and not declared.get("guild_id"):
        contexts = declared.get("contexts")
        if 1 not in contexts if contexts is not None else declared["dm_permission"] is False:
            raise ValueError("this command is not offered in direct messages")
    made, ids = arguments(service, declared, rest, options, focused)
    data: Json = {"id": declared["id"], "name": first, "type": 1}
    if made:
        data["options"] = made
    if declared.get("guild_id"):
        data["guild_id"] = declared["guild_id"]
    uploads = service.uploads
    if resolved := _resolved(service, channel, [one for one in ids if one not in uploads]):
        data["resolved"] = resolved
    if uploaded := {one: uploads[one] for one in ids if one in uploads}:
        data.setdefault("resolved", {})["attachments"] = uploaded
    return _begin(service, kind, channel, user, data)


def menu(service: Service, *, channel: str, user: str, name: str, target: str) -> Json:
    """A context menu command on a message or a person."""
    where = _see(service, channel, user)
    on_person = target in service.world.users
    declared = service.commands.named(name, 2 if on_person else 3, where.get("guild_id"))
    data: Json = {"id": declared["id"], "name": name, "type": declared["type"], "target_id": target}
    if on_person:
        data["resolved"] = _resolved(service, channel, [target])
    else:
        post = _message(service, channel, target, user)
        data["resolved"] = {"messages": {target: post.json}}
    return _begin(service, COMMAND, channel, user, data)


def _begin(
    service: Service, kind: int, channel: str, user: str, data: Json, source: Post | None = None
) -> Json:
    where, person = service.world.channels[channel], service.world.users[user]
    one = service.interactions.begin(kind, where, person, data, source=source)
    return {"id": one.json["id"], "token": one.token}


def seen(one: Interaction) -> Json:
    """How an interaction went, for tests."""
    return {
        "id": one.json["id"],
        "answer": one.answer,
        "message": one.original.json if one.original else None,
        "ephemeral": bool(one.original and one.original.seen_by),
        "modal": one.modal,
        "choices": one.choices,
    }
