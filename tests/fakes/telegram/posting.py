"""Messages coming, changing and going: core.telegram.org/bots/api#message."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.telegram.entities import Formatted
from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.privacy import service
from tests.fakes.telegram.replies import Reply, shown
from tests.fakes.telegram.telling import Telling
from tests.fakes.telegram.world import GENERAL, Chat, Post, World


@dataclass
class Draft:
    """What there is to post; `content` are fields of a message."""

    content: Json
    reply: Reply | None = None
    topic: int | None = None
    markup: Json | None = None
    silent: bool = False
    more: Json = field(default_factory=dict)


def words(made: Formatted, text: str = "text", entities: str = "entities") -> Json:
    """Text as a message has it."""
    if not made.text:
        return {}
    return {text: made.text, **({entities: made.entities} if made.entities else {})}


class Posting:
    def __init__(self, world: World, telling: Telling) -> None:
        self._world, self._telling = world, telling

    def put(self, chat: Chat, by: int, draft: Draft) -> Post:
        """A new message, and the bot is told of it if it is told of such."""
        world = self._world
        said: Json = {"message_id": world.next_message(chat)}
        if chat.kind == "channel":
            said["sender_chat"] = chat.json
        else:
            said["from"] = world.person(by)
        said |= {"chat": chat.json, "date": world.today(), **draft.more}
        topic = draft.topic or self._topic(draft.reply, chat)
        if topic is not None:
            said |= {"message_thread_id": topic, "is_topic_message": True}
        if draft.reply:
            said |= shown(draft.reply, chat)
        elif topic is not None and topic in chat.posts:
            # Client.cpp, get_implicit_reply_to_message_id: to what opened the topic
            said["reply_to_message"] = chat.posts[topic].json
        said |= draft.content
        if draft.markup and "inline_keyboard" in draft.markup:
            said["reply_markup"] = draft.markup
        post = Post(said, by)
        chat.posts[said["message_id"]] = post
        if world.users[by]["is_bot"] and not service(said):
            chat.last_bot = by
        world.note(
            "send",
            chat=chat.id,
            message=said["message_id"],
            by=by,
            silent=draft.silent,
            markup=draft.markup,
            json=said,
        )
        self._telling.message(chat, post)
        return post

    def _topic(self, reply: Reply | None, chat: Chat) -> int | None:
        """A reply stands in the topic of what it replies to."""
        if reply is None or reply.chat is not chat or not chat.json.get("is_forum"):
            return None
        found = reply.post.json.get("message_thread_id")
        return None if found == GENERAL else found

    def edited(self, chat: Chat, post: Post) -> None:
        post.json["edit_date"] = self._world.today()
        self._noted("edit", chat, post)
        self._telling.message(chat, post, edited=True)

    def marked(self, chat: Chat, post: Post) -> None:
        """Only what stands under it is another: it does not count as edited."""
        self._noted("edit", chat, post)

    def _noted(self, kind: str, chat: Chat, post: Post) -> None:
        message = post.json["message_id"]
        self._world.note(kind, chat=chat.id, message=message, by=post.by, json=post.json)

    def delete(self, chat: Chat, post: Post, by: int) -> None:
        """Bots are not told."""
        message = post.json["message_id"]
        del chat.posts[message]
        if message in chat.pinned:
            chat.pinned.remove(message)
        self._world.note("delete", chat=chat.id, message=message, by=by)
