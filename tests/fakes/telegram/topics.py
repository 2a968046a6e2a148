"""Topics of forums: core.telegram.org/bots/api#createforumtopic and after.

tdlib/td, td/telegram/ForumTopicManager.cpp.
"""

from __future__ import annotations

from tests.fakes.telegram import rights
from tests.fakes.telegram.errors import Json, Refused
from tests.fakes.telegram.parameters import Call
from tests.fakes.telegram.posting import Draft
from tests.fakes.telegram.service import Service
from tests.fakes.telegram.world import Chat, Topic

# #createforumtopic, icon_color
COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


def open_topic(service: Service, chat: Chat, by: int, name: str, color: int = COLORS[0]) -> Topic:
    """A new topic; its id is that of the message that says so."""
    made = {"name": name, "icon_color": color}
    post = service.posting.put(chat, by, Draft({"forum_topic_created": made}))
    thread = post.json["message_id"]
    post.json |= {"message_thread_id": thread, "is_topic_message": True}
    topic = chat.topics[thread] = Topic({"message_thread_id": thread, **made}, by)
    return topic


def say(service: Service, chat: Chat, by: int, thread: int, what: Json) -> None:
    service.posting.put(chat, by, Draft(what, topic=thread))


def _forum(service: Service, call: Call) -> Chat:
    chat = rights.found(service.world, call.text("chat_id"), rights.WRITE)
    if not chat.json.get("is_forum"):
        raise Refused("no_forum")
    return chat


def _topic(service: Service, call: Call, chat: Chat, refusal: str) -> Topic:
    found = chat.topics.get(call.identity("message_thread_id"))
    if found is None:
        raise Refused("no_topic")
    own = found.by == service.world.me
    if not own and not rights.has(service.world, chat, "can_manage_topics"):
        raise Refused(refusal)
    return found


def create(service: Service, call: Call) -> Json:
    chat, world = _forum(service, call), service.world
    if not rights.has(world, chat, "can_manage_topics"):
        raise Refused("no_right_to_create")
    name = " ".join(call.text("name").split())[:128]
    if not name:
        raise Refused("name_empty")
    color = call.number("icon_color", COLORS[0])
    topic = open_topic(service, chat, world.me, name, color if color in COLORS else COLORS[0])
    return topic.json


def edit(service: Service, call: Call) -> bool:
    chat = _forum(service, call)
    topic = _topic(service, call, chat, "no_right_to_edit")
    name = " ".join(call.text("name").split())[:128]
    if call.text("name") and not name:
        raise Refused("name_empty")
    if not name and not call.text("icon_custom_emoji_id"):
        return True
    if name == topic.json["name"]:
        raise Refused("topic_unmodified")
    topic.json["name"] = name or topic.json["name"]
    thread = topic.json["message_thread_id"]
    say(service, chat, service.world.me, thread, {"forum_topic_edited": {"name": name}})
    return True


def close(service: Service, call: Call) -> bool:
    return _toggle(service, call, closed=True)


def reopen(service: Service, call: Call) -> bool:
    return _toggle(service, call, closed=False)


def _toggle(service: Service, call: Call, *, closed: bool) -> bool:
    chat = _forum(service, call)
    topic = _topic(service, call, chat, "no_right_to_close")
    if topic.closed == closed:
        raise Refused("topic_unmodified")
    shut(service, chat, topic, service.world.me, closed=closed)
    return True


def shut(service: Service, chat: Chat, topic: Topic, by: int, *, closed: bool) -> None:
    topic.closed = closed
    what: Json = {"forum_topic_closed" if closed else "forum_topic_reopened": {}}
    say(service, chat, by, topic.json["message_thread_id"], what)


TOPICS = {
    "createForumTopic": create,
    "editForumTopic": edit,
    "closeForumTopic": close,
    "reopenForumTopic": reopen,
}
