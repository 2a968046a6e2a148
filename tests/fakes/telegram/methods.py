"""What each method does, by its name in `schema.json`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.telegram import rights, shapes
from tests.fakes.telegram.changing import CHANGING
from tests.fakes.telegram.errors import Json, Refused
from tests.fakes.telegram.parameters import Call
from tests.fakes.telegram.sending import SENDING
from tests.fakes.telegram.service import Service
from tests.fakes.telegram.topics import TOPICS
from tests.fakes.telegram.updates import LONGEST
from tests.fakes.telegram.world import Chat

Handler = Callable[[Service, Call], Any | Awaitable[Any]]


class Explained:
    """An answer with a description beside it: #making-requests."""

    def __init__(self, result: Any, description: str) -> None:
        self.result, self.description = result, description


# Updates


def get_me(service: Service, call: Call) -> Json:
    world = service.world
    return shapes.me(world.bot, reads_all=not world.settings.privacy)


async def get_updates(service: Service, call: Call) -> list[Json]:
    if service.webhook.url:
        service.updates.conflicts += 1
        raise Refused("webhook_active")
    service.updates.allow(call.text("allowed_updates"))
    offset, limit = call.number("offset"), call.number("limit", 100, 1, 100)
    return await service.updates.poll(offset, limit, call.number("timeout", 0, 0, LONGEST))


def set_webhook(service: Service, call: Call) -> Explained:
    url, secret = call.text("url"), call.text("secret_token")
    if not url:
        return delete_webhook(service, call)
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise Refused("webhook_url")
    if len(secret) > 256:
        raise Refused("secret_long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise Refused("secret_characters")
    if not service.world.settings.local:
        if parts.scheme != "https":
            raise Refused("webhook_plain")
        if (parts.port or 443) not in (443, 80, 88, 8443):
            raise Refused("webhook_port")
    if call.truth("drop_pending_updates"):
        service.updates.forget()
    service.updates.allow(call.text("allowed_updates"))
    same = (url, secret) == (service.webhook.url, service.webhook.secret)
    service.updates.end("webhook_set")
    service.webhook.set(url, secret, call.number("max_connections", 40, 1, 100))
    return Explained(True, "Webhook is already set" if same else "Webhook was set")


def delete_webhook(service: Service, call: Call) -> Explained:
    had = bool(service.webhook.url)
    service.webhook.delete()
    if call.truth("drop_pending_updates"):
        service.updates.forget()
    return Explained(True, "Webhook was deleted" if had else "Webhook is already deleted")


def get_webhook_info(service: Service, call: Call) -> Json:
    return service.webhook.info()


# Chats


def _found(service: Service, call: Call, access: str = rights.READ) -> Chat:
    return rights.found(service.world, call.text("chat_id"), access)


def get_chat(service: Service, call: Call) -> Json:
    chat = _found(service, call)
    pinned = chat.posts[chat.pinned[-1]].json if chat.pinned else None
    return shapes.whole(chat.json, chat.permissions, pinned)


def get_member(service: Service, call: Call) -> Json:
    user = call.number("user_id")
    if user <= 0:
        raise Refused("user_id")
    chat, world = _found(service, call, rights.MEMBERS), service.world
    if user in chat.members:
        return chat.members[user]
    if chat.kind == "private" or user not in world.met:
        raise Refused("no_participant" if chat.own_counter else "no_member")
    return shapes.member(world.person(user), "left")


def get_administrators(service: Service, call: Call) -> list[Json]:
    chat = _found(service, call, rights.MEMBERS)
    if chat.kind == "private":
        raise Refused("no_administrators")
    others = call.truth("return_bots")
    return [
        one
        for user, one in chat.members.items()
        if rights.administers(chat, user)
        and (others or not one["user"]["is_bot"] or user == service.world.me)
    ]


def get_member_count(service: Service, call: Call) -> int:
    chat = _found(service, call, rights.MEMBERS)
    return sum(chat.holds(user) for user in chat.members)


def leave(service: Service, call: Call) -> bool:
    chat, world = _found(service, call), service.world
    if chat.kind == "private":
        raise Refused("leave_private")
    service.leave(chat, world.me, world.me)
    return True


# The bot itself


def get_file(service: Service, call: Call) -> Json:
    file = service.files.get(call.text("file_id"))
    return {**file.json, "file_path": file.path}


HANDLERS: dict[str, Handler] = {
    **SENDING,
    **CHANGING,
    **TOPICS,
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "getChat": get_chat,
    "getChatMember": get_member,
    "getChatAdministrators": get_administrators,
    "getChatMemberCount": get_member_count,
    "leaveChat": leave,
    "getFile": get_file,
    "answerCallbackQuery": lambda service, call: service.callbacks.answer(call),
    "setMyCommands": lambda service, call: service.commands.set(call),
    "getMyCommands": lambda service, call: service.commands.get(call),
    "deleteMyCommands": lambda service, call: service.commands.delete(call),
    "setMyDescription": lambda service, call: service.commands.describe(call, "description", 512),
    "getMyDescription": lambda service, call: service.commands.described(call, "description"),
    "setMyShortDescription": (
        lambda service, call: service.commands.describe(call, "short_description", 120)
    ),
    "getMyShortDescription": (
        lambda service, call: service.commands.described(call, "short_description")
    ),
}
