"""What a message replies to: core.telegram.org/bots/api#replyparameters.

tdlib/telegram-bot-api, Client.cpp: get_reply_parameters, check_reply_parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram import rights
from tests.fakes.telegram.entities import Formatted, units
from tests.fakes.telegram.errors import Json, Refused, told
from tests.fakes.telegram.parameters import Call, formatted, integer
from tests.fakes.telegram.world import Chat, Post, World


@dataclass
class Reply:
    post: Post
    chat: Chat
    quote: Json | None = None


def read(world: World, chat: Chat, call: Call) -> Reply | None:
    """The message that is replied to; None if none is, or it is gone and that is allowed."""
    given = call.json("reply_parameters", "reply parameters")
    if given is None or given == {}:
        return None
    if not isinstance(given, dict):
        raise told("object expected as reply parameters")
    wanted = integer(given, "message_id")
    if wanted <= 0:
        return None
    there = chat
    if given.get("chat_id") not in (None, chat.id, str(chat.id)):
        there = rights.found(world, str(given["chat_id"]), rights.READ)
    post = there.posts.get(wanted)
    if post is None:
        if given.get("allow_sending_without_reply") is True:
            return None
        raise Refused("no_message", what="message to be replied")
    reply = Reply(post, there)
    if given.get("quote"):
        reply.quote = _quoted(world, given, post)
    return reply


def _quoted(world: World, given: Json, post: Post) -> Json:
    """ "The message will fail to send if the quote isn't found in the original message." """
    mode = str(given.get("quote_parse_mode", ""))
    quote = formatted(str(given["quote"]), mode, given.get("quote_entities"), world.known)
    made = quoted(quote, post.json, near=integer(given, "quote_position", 0))
    if made is None or units(quote.text) > 1024:
        raise Refused("quote")
    return made


def quoted(quote: Formatted, message: Json, *, near: int = 0) -> Json | None:
    """#textquote, of several such the one nearest to a place; None if it is not in the message."""
    whole = message.get("text") or message.get("caption") or ""
    places, at = list[int](), whole.find(quote.text)
    while at >= 0:
        places.append(units(whole[:at]))
        at = whole.find(quote.text, at + 1)
    if not places:
        return None
    position = min(places, key=lambda place: abs(place - near))
    made: Json = {"text": quote.text, "position": position, "is_manual": True}
    styles = ("bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji")
    if kept := [one for one in quote.entities if one["type"] in styles]:
        made["entities"] = kept
    return made


def shown(reply: Reply, chat: Chat) -> dict[str, Any]:
    """What of the reply stands in the message that replies."""
    made: Json = {}
    if reply.chat is chat:
        # "will not contain further reply_to_message fields": #message
        made["reply_to_message"] = {
            key: value for key, value in reply.post.json.items() if key != "reply_to_message"
        }
    else:
        origin = {"type": "user", "date": reply.post.json["date"]}
        made["external_reply"] = {
            "origin": {**origin, "sender_user": reply.post.json["from"]},
            "chat": reply.chat.json,
            "message_id": reply.post.json["message_id"],
        }
    if reply.quote:
        made["quote"] = reply.quote
    return made
