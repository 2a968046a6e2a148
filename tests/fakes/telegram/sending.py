"""What the bot sends: core.telegram.org/bots/api#sendmessage and after.

tdlib/telegram-bot-api, Client.cpp: do_send_message, which reads everything before it looks at the
chat, and at the chat before the message that is replied to.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.fakes.telegram import files, keyboard, replies, rights
from tests.fakes.telegram.errors import Json, Refused, told
from tests.fakes.telegram.parameters import Call
from tests.fakes.telegram.posting import Draft, words
from tests.fakes.telegram.service import Service

TEXT, CAPTION = 4096, 1024
# #sendchataction
ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


def send_message(service: Service, call: Call) -> Json:
    if not call.text("text"):
        raise Refused("text_empty")
    made = call.formatted("text", "entities", service.world.known)
    if not made.text:
        raise Refused("text_blank")
    if len(made.text) > TEXT:
        raise Refused("message_long")
    content = words(made)
    preview = call.json("link_preview_options", "link preview options")
    if preview is not None and not isinstance(preview, dict):
        raise told("object expected as link preview options")
    if preview:
        content["link_preview_options"] = preview
    return _send(service, call, lambda: content, "can_send_messages")


def send_document(service: Service, call: Call) -> Json:
    def content() -> Json:
        file = service.files.given(call, "document")
        return {"document": files.document(file), **caption(service, call)}

    return _send(service, call, content, "can_send_documents")


def send_photo(service: Service, call: Call) -> Json:
    def content() -> Json:
        file = service.files.given(call, "photo")
        return {"photo": files.photo(file), **caption(service, call)}

    return _send(service, call, content, "can_send_photos")


def caption(service: Service, call: Call) -> Json:
    made = call.formatted("caption", "caption_entities", service.world.known)
    if len(made.text) > CAPTION:
        raise Refused("caption_long")
    return words(made, "caption", "caption_entities")


def _send(service: Service, call: Call, content: Callable[[], Json], right: str) -> Json:
    markup = keyboard.read(call)
    made = content()
    chat = rights.found(service.world, call.text("chat_id"), rights.WRITE)
    topic = rights.topic(service.world, chat, call.identity("message_thread_id"))
    reply = replies.read(service.world, chat, call)
    rights.writable(service.world, chat, right)
    more: Json = {"has_protected_content": True} if call.truth("protect_content") else {}
    draft = Draft(made, reply, topic, markup, silent=call.truth("disable_notification"), more=more)
    return service.posting.put(chat, service.world.me, draft).json


def copy_message(service: Service, call: Call) -> Json:
    source = rights.found(service.world, call.text("from_chat_id"), rights.READ)
    post = source.posts.get(call.identity("message_id"))
    if post is None:
        raise Refused("no_message", what="message to copy")
    kinds = {
        "text": "can_send_messages",
        "document": "can_send_documents",
        "photo": "can_send_photos",
        "voice": "can_send_voice_notes",
    }
    kind = next((one for one in kinds if one in post.json), None)
    if kind is None:
        raise Refused("not_copyable")
    kept = ("text", "entities", "caption", "caption_entities", "document", "photo", "voice")

    def content() -> Json:
        made = {key: post.json[key] for key in kept if key in post.json}
        return made | caption(service, call)

    return {"message_id": _send(service, call, content, kinds[kind])["message_id"]}


def send_chat_action(service: Service, call: Call) -> bool:
    action = call.text("action").lower()
    if action not in ACTIONS:
        raise Refused("action")
    chat = rights.found(service.world, call.text("chat_id"), rights.WRITE)
    rights.writable(service.world, chat)
    thread = call.identity("message_thread_id") or None
    service.world.note("action", chat=chat.id, action=action, topic=thread)
    return True


SENDING = {
    "sendMessage": send_message,
    "sendDocument": send_document,
    "sendPhoto": send_photo,
    "copyMessage": copy_message,
    "sendChatAction": send_chat_action,
}
