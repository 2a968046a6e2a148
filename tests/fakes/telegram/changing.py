"""What the bot does to messages: core.telegram.org/bots/api#updating-messages and around.

tdlib/telegram-bot-api, Client.cpp: check_message; tdlib/td, td/telegram/MessagesManager.cpp.
"""

from __future__ import annotations

from typing import Any

from tests.fakes.telegram import keyboard, rights
from tests.fakes.telegram.errors import Json, Refused, told
from tests.fakes.telegram.parameters import Call
from tests.fakes.telegram.posting import Draft, words
from tests.fakes.telegram.privacy import service as is_service
from tests.fakes.telegram.schema import reactions
from tests.fakes.telegram.sending import TEXT, caption
from tests.fakes.telegram.service import Service
from tests.fakes.telegram.world import Chat, Post

TWO_DAYS = 2 * 86400


def _message(service: Service, call: Call, access: str, what: str) -> tuple[Chat, Post]:
    chat = rights.found(service.world, call.text("chat_id"), access)
    post = chat.posts.get(call.identity("message_id"))
    if post is None:
        raise Refused("no_message", what=what)
    return chat, post


def _own(service: Service, call: Call) -> tuple[Chat, Post]:
    if not call.text("chat_id") and not call.identity("message_id"):
        raise Refused("no_message_id")
    chat, post = _message(service, call, rights.EDIT, "message to edit")
    if post.by != service.world.me or is_service(post.json):
        raise Refused("not_editable")
    return chat, post


def edit_text(service: Service, call: Call) -> Json:
    if not call.text("text"):
        raise Refused("text_empty")
    made = call.formatted("text", "entities", service.world.known)
    markup = keyboard.read(call, inline_only=True)
    chat, post = _own(service, call)
    if "text" not in post.json:
        raise Refused("no_text")
    if not made.text:
        raise Refused("text_blank")
    if len(made.text) > TEXT:
        raise Refused("edit_long")
    said = words(made)
    was = {key: post.json[key] for key in ("text", "entities") if key in post.json}
    if said == was and markup == post.json.get("reply_markup"):
        raise Refused("unmodified")
    _replace(post, {"text": None, "entities": None, "reply_markup": markup, **said})
    service.posting.edited(chat, post)
    return post.json


def edit_caption(service: Service, call: Call) -> Json:
    said = caption(service, call)
    markup = keyboard.read(call, inline_only=True)
    chat, post = _own(service, call)
    if not {"document", "photo", "voice"} & post.json.keys():
        raise Refused("no_caption")
    was = {key: post.json[key] for key in ("caption", "caption_entities") if key in post.json}
    if said == was and markup == post.json.get("reply_markup"):
        raise Refused("unmodified")
    _replace(post, {"caption": None, "caption_entities": None, "reply_markup": markup, **said})
    service.posting.edited(chat, post)
    return post.json


def edit_markup(service: Service, call: Call) -> Json:
    markup = keyboard.read(call, inline_only=True)
    chat, post = _own(service, call)
    if markup == post.json.get("reply_markup"):
        raise Refused("unmodified")
    _replace(post, {"reply_markup": markup})
    service.posting.marked(chat, post)
    return post.json


def _replace(post: Post, fields: Json) -> None:
    for key, value in fields.items():
        post.json.pop(key, None)
        if value is not None:
            post.json[key] = value


# Deleting


def delete(service: Service, call: Call) -> bool:
    if not call.text("chat_id"):
        raise told("chat identifier is not specified")
    if not call.identity("message_id"):
        raise Refused("no_message_id")
    chat, post = _message(service, call, rights.WRITE, "message to delete")
    _deletable(service, chat, post)
    service.posting.delete(chat, post, service.world.me)
    return True


def _deletable(service: Service, chat: Chat, post: Post) -> None:
    """#deletemessage"""
    world = service.world
    old = world.clock.now() - post.json["date"] > TWO_DAYS
    own = post.by == world.me and not is_service(post.json)
    if chat.own_counter:
        right = own if chat.kind == "supergroup" else rights.has(world, chat, "can_post_messages")
        if not rights.has(world, chat, "can_delete_messages") and not right:
            raise Refused("not_deletable")
        if old:
            raise Refused("not_deletable")
    elif old or not (own or chat.kind == "private" or rights.administers(chat, world.me)):
        raise Refused("not_revocable")


def delete_many(service: Service, call: Call) -> bool:
    """#deletemessages: those not found are passed over."""
    given: Any = call.json("message_ids", "message_ids")
    if given is None:
        raise told("message identifiers are not specified")
    if not isinstance(given, list):
        raise told("expected an Array of message identifiers")
    if len(given) > 100:
        raise told("too many message identifiers specified")
    if any(not isinstance(one, int) or one <= 0 for one in given):
        raise told("invalid message identifier specified")
    chat = rights.found(service.world, call.text("chat_id"), rights.WRITE)
    posts = [chat.posts[one] for one in given if one in chat.posts]
    for post in posts:
        _deletable(service, chat, post)
    for post in posts:
        service.posting.delete(chat, post, service.world.me)
    return True


# Pins and reactions


def pin(service: Service, call: Call) -> bool:
    chat, post = _message(service, call, rights.WRITE, "message to pin")
    _may_pin(service, chat)
    message = post.json["message_id"]
    if message not in chat.pinned:
        chat.pinned.append(message)
        what = {key: value for key, value in post.json.items() if key != "reply_to_message"}
        service.posting.put(chat, service.world.me, Draft({"pinned_message": what}))
    return True


def unpin(service: Service, call: Call) -> bool:
    chat = rights.found(service.world, call.text("chat_id"), rights.WRITE)
    _may_pin(service, chat)
    message = call.identity("message_id") or (chat.pinned or [0])[-1]
    if message not in chat.pinned:
        raise Refused("no_message", what="message to unpin")
    chat.pinned.remove(message)
    return True


def _may_pin(service: Service, chat: Chat) -> None:
    right = "can_edit_messages" if chat.kind == "channel" else "can_pin_messages"
    if chat.kind != "private" and not rights.has(service.world, chat, right):
        raise Refused("no_right_to_pin")


def react(service: Service, call: Call) -> bool:
    """#setmessagereaction: one at most, since bots have no Premium."""
    given: Any = call.json("reaction", "reaction types") or []
    if not isinstance(given, list):
        raise told("expected an Array of ReactionType")
    prefix = "can't parse ReactionType: "
    for one in given:
        if not isinstance(one, dict):
            raise told(f"{prefix}expected an Object")
        if one.get("type") not in ("emoji", "custom_emoji"):
            raise told(f"{prefix}invalid reaction type specified")
    chat, post = _message(service, call, rights.READ, "message to react")
    if len(given) > 1:
        raise Refused("reactions")
    if any(one["type"] != "emoji" or one.get("emoji") not in reactions() for one in given):
        raise Refused("reaction")
    post.reactions[service.world.me] = [{"type": "emoji", "emoji": e["emoji"]} for e in given]
    message = post.json["message_id"]
    service.world.note(
        "reaction", chat=chat.id, message=message, by=service.world.me, reaction=given
    )
    return True


CHANGING = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageReplyMarkup": edit_markup,
    "deleteMessage": delete,
    "deleteMessages": delete_many,
    "pinChatMessage": pin,
    "unpinChatMessage": unpin,
    "setMessageReaction": react,
}
