"""What people do by hand in their Telegram client, which offers only what can be done."""

from __future__ import annotations

import base64
from typing import Any

from tests.fakes.chat.door import Act
from tests.fakes.telegram import files, replies, shapes
from tests.fakes.telegram.entities import Formatted, fixed
from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.posting import Draft, words
from tests.fakes.telegram.replies import Reply
from tests.fakes.telegram.service import Service
from tests.fakes.telegram.world import Chat, Post

# python-telegram-bot, telegram/constants.py, ChatID: who stands for those who write for a chat
ANONYMOUS = shapes.user(1087968824, "Group", bot=True, username="GroupAnonymousBot")
CHANNEL = shapes.user(136817688, "Channel", bot=True, username="Channel_Bot")


def _writes(service: Service, chat: int, user: int) -> Chat:
    """A chat in which somebody can write; their own with the bot opens by it."""
    if chat == user:
        where = service.world.private(user)
        if where.blocked or where.gone:
            raise ValueError("they have blocked the bot, or are not there any more")
        where.opened = True
        service.world.met.add(user)
        return where
    where = service.world.chats[chat]
    if where.migrated_to is not None or where.gone:
        raise ValueError("this group is a supergroup now, or is deleted")
    if not where.holds(user):
        raise ValueError("they are not in this chat")
    return where


def _draft(
    service: Service,
    where: Chat,
    content: Json,
    *,
    reply_to: int | None = None,
    quote: str | None = None,
    topic: int | None = None,
    forward_of: int | str | None = None,
    behalf: int | None = None,
) -> Draft:
    more = _forwarded(service, forward_of)
    if behalf is not None:
        more |= _behalf(service, where, behalf)
    reply = None
    if reply_to is not None:
        reply = Reply(where.posts[reply_to], where)
        if quote is not None:
            reply.quote = replies.quoted(Formatted(quote, []), reply.post.json)
            if reply.quote is None:
                raise ValueError("this is not in the message")
    if topic is not None and where.topics[topic].closed:
        raise ValueError("this topic is closed")
    return Draft(content, reply, topic, more=more)


def _behalf(service: Service, where: Chat, behalf: int) -> Json:
    """#message, from: who writes for a chat is shown as a bot that is nobody in particular."""
    if where.kind != "supergroup":
        raise ValueError("only in supergroups people write for a chat")
    fake = ANONYMOUS if behalf == where.id else CHANNEL
    return {"from": fake, "sender_chat": service.world.chats[behalf].json}


def _forwarded(service: Service, origin: int | str | None) -> Json:
    """Of a user, or by the name of one who hides: #messageorigin"""
    if origin is None:
        return {}
    date = service.world.today() - 60
    if isinstance(origin, str):
        told = {"type": "hidden_user", "date": date, "sender_user_name": origin}
    else:
        told = {"type": "user", "date": date, "sender_user": service.world.users[origin]}
    return {"forward_origin": told}


# Writing


def say(
    service: Service,
    *,
    chat: int,
    user: int,
    text: str,
    entities: list[Json] | None = None,
    **more: Any,
) -> Json:
    """A message; styles are `entities`. `reply_to`, `quote`, `topic`; `forward_of` somebody;
    on `behalf` of a chat: this one, as its administrators can be anonymous, or a channel.
    """
    if not text.strip() or len(text) > 4096:
        raise ValueError("nobody can say this in one message")
    where = _writes(service, chat, user)
    content = words(fixed(text, entities or []))
    return service.posting.put(where, user, _draft(service, where, content, **more)).json


def edit(service: Service, *, chat: int, message: int, text: str) -> Json:
    where = service.world.chats[chat]
    post = where.posts[message]
    made = fixed(text, [])
    for name in ("text", "entities"):
        post.json.pop(name, None)
    post.json |= words(made)
    service.posting.edited(where, post)
    return post.json


def delete(service: Service, *, chat: int, message: int) -> Json:
    where = service.world.chats[chat]
    post = where.posts[message]
    service.posting.delete(where, post, post.by)
    return {}


def send(
    service: Service,
    *,
    chat: int,
    user: int,
    files: list[Json],
    text: str = "",
    **more: Any,
) -> Json:
    """Documents, photos and voices (`kind`), {name, type, base64}; several are an album.

    `size` is what a file is said to have, for those too large to be had.
    """
    where = _writes(service, chat, user)
    group = {"media_group_id": str(10**16 + len(service.world.record))} if len(files) > 1 else {}
    caption = words(fixed(text, []), "caption", "caption_entities")
    made = []
    for at, one in enumerate(files):
        content = {**group, **_media(service, one), **(caption if at == 0 else {})}
        draft = _draft(service, where, content, **more)
        made.append(service.posting.put(where, user, draft).json)
    return {"messages": made}


def _media(service: Service, one: Json) -> Json:
    kind = one.get("kind", "document")
    upload = one["name"], one.get("type", "text/plain"), base64.b64decode(one["base64"])
    folder = {"photo": "photos", "voice": "voice"}.get(kind, "documents")
    file = service.files.keep(folder, upload, claimed=one.get("size"))
    if kind == "photo":
        return {"photo": files.photo(file)}
    if kind == "voice":
        return {"voice": files.voice(file, one.get("duration", 3))}
    return {"document": files.document(file)}


def show(service: Service, *, chat: int, user: int, what: Json, **more: Any) -> Json:
    """What bots are seldom made for: {"dice": {emoji, value}}, {"location": …}."""
    if set(what) not in ({"dice"}, {"location"}):
        raise ValueError(f"nobody can show {sorted(what)}")
    where = _writes(service, chat, user)
    return service.posting.put(where, user, _draft(service, where, what, **more)).json


def react(service: Service, *, chat: int, message: int, user: int, emoji: list[str]) -> Json:
    """Somebody's reactions are these now."""
    where = service.world.chats[chat]
    post = where.posts[message]
    old = post.reactions.get(user, [])
    new = [{"type": "emoji", "emoji": one} for one in emoji]
    post.reactions[user] = new
    service.world.note("reaction", chat=chat, message=message, by=user, reaction=new)
    service.telling.reaction(where, post, user, old, new)
    return {}


# Buttons


def _button(post: Post, named: str) -> Json:
    rows = post.json.get("reply_markup", {}).get("inline_keyboard", [])
    for one in (one for row in rows for one in row):
        if named in (one.get("callback_data"), one["text"]):
            return dict(one)
    raise ValueError(f"there is no button {named}")


def press(
    service: Service, *, chat: int, message: int, user: int, data: str, stale: bool = False
) -> Json:
    """A button by its data or its words; `stale`: on a client that still shows one that is gone."""
    where = service.world.chats[chat]
    if not where.holds(user) or where.blocked:
        raise ValueError("they do not see this message")
    if not stale:
        if message not in where.posts:
            raise ValueError("there is no such message")
        data = _button(where.posts[message], data).get("callback_data", "")
        if not data:
            raise ValueError("this button tells the bot nothing")
    return {"id": service.callbacks.begin(where, message, user, data).json["id"]}


def answered(service: Service, *, id: str) -> Json:  # noqa: A002 - Telegram's name
    """How the press was answered; null: it was not."""
    return {"answer": service.callbacks.by_id[id].answer}


# Looking


def screen(service: Service, *, chat: int, topic: int | None = None) -> Json:
    """What stands in a chat, or in a topic of it, oldest first."""
    posts = service.world.chats[chat].posts
    shown = [posts[number].json for number in sorted(posts)]
    if topic is not None:
        shown = [one for one in shown if one.get("message_thread_id") == topic]
    return {"messages": shown}


def offered(service: Service, *, chat: int, user: int) -> Json:
    """The commands somebody's client lists in a chat."""
    where = service.world.private(user) if chat == user else service.world.chats[chat]
    return {"commands": service.commands.offered(where, user)}


ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (say, edit, delete, send, show, react, press, answered, screen, offered)
}
