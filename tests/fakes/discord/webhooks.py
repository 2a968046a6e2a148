"""An interaction's answer, and its token as a webhook for what follows within 15 minutes.

docs.discord.com/developers/interactions/receiving-and-responding#endpoints
"""

from __future__ import annotations

from typing import Any

from tests.fakes.discord.errors import Form, Refused
from tests.fakes.discord.interactions import Interaction, answered
from tests.fakes.discord.service import Call, Service
from tests.fakes.discord.world import Post

Answer = tuple[int, Any]


def _held(service: Service, call: Call) -> Interaction:
    return service.interactions.held(call.at["webhook_id"], call.at["webhook_token"])


def callback(service: Service, call: Call) -> Answer:
    """#create-interaction-response"""
    at = call.at
    one = service.interactions.callback(
        at["interaction_id"], at["interaction_token"], call.body, call.files
    )
    return (200, answered(one)) if call.query.get("with_response") else (204, None)


def execute(service: Service, call: Call) -> Answer:
    """#create-followup-message"""
    one = _held(service, call)
    form = Form()
    for key in ("username", "avatar_url", "thread_name", "applied_tags"):
        if (call.body or {}).get(key):
            form.wrong((key,), "BASE_TYPE_CHOICES", "Not for an interaction's follow-up")
    form.refuse_if_wrong()
    post = service.interactions.follow_up(one, call.body or {}, call.files)
    # Always as if `wait` were true: same page, "wait"
    return 200, post.json


def _target(service: Service, call: Call) -> tuple[Interaction, Post]:
    one = _held(service, call)
    if "message_id" not in call.at:
        return one, service.interactions.original(one)
    return one, service.interactions.message(one, call.at["message_id"])


def get(service: Service, call: Call) -> Answer:
    _, post = _target(service, call)
    return 200, post.json


def edit(service: Service, call: Call) -> Answer:
    _, post = _target(service, call)
    return 200, service.interactions.edit(post, call.body or {}, call.files).json


def delete(service: Service, call: Call) -> Answer:
    one, post = _target(service, call)
    if one.answer in (6, 7) and post is one.source and post.seen_by is not None:
        raise Refused("unknown_message")
    service.posting.delete(post)
    return 204, None


WEBHOOKS = {
    "create_interaction_response": callback,
    "execute_webhook": execute,
    "get_original_webhook_message": get,
    "update_original_webhook_message": edit,
    "delete_original_webhook_message": delete,
    "get_webhook_message": get,
    "update_webhook_message": edit,
    "delete_webhook_message": delete,
}
