"""Every kind of event that comes in from people, and what it is authorized as.

What can go wrong: something new is listened to, and passes by the one door. So what the client
listens to stands here, with the kinds of events that come of it, and a test holds both together.
"""

from __future__ import annotations

from typing import Literal

from swarm_core import Action, Actor, Resource, Swarm

Kind = Literal[
    "command",
    "autocomplete",
    "button",
    "select",
    "form",
    "message",
    "edit",
    "delete",
    "reaction",
]

ACTIONS: dict[Kind, Action] = {
    "command": Action.COMMAND,
    "autocomplete": Action.COMMAND,
    "button": Action.BUTTON,
    "select": Action.BUTTON,
    "form": Action.FORM,
    "message": Action.TEXT,
    "edit": Action.EDIT,
    "delete": Action.DELETE,
    "reaction": Action.REACTION,
}

HEARD: dict[str, tuple[Kind, ...]] = {
    "on_interaction": ("command", "autocomplete", "button", "select", "form"),
    "on_message": ("message",),
    "on_raw_message_edit": ("edit",),
    "on_raw_message_delete": ("delete",),
    "on_raw_bulk_message_delete": ("delete",),
    "on_raw_reaction_add": ("reaction",),
    "on_raw_reaction_remove": ("reaction",),
}
"""What the client may listen to of what people do."""

OF_THE_SERVICE = frozenset(
    {
        *("on_ready", "on_resumed", "on_connect", "on_disconnect", "on_error"),
        *("on_guild_join", "on_guild_remove", "on_guild_available", "on_guild_unavailable"),
        *("on_guild_channel_delete", "on_raw_thread_delete", "on_raw_thread_update"),
    }
)
"""What it may listen to that nobody asks anything by."""


def let_in(swarm: Swarm, actor: Actor, kind: Kind, name: str = "") -> None:
    """Return when `actor` may have an event of this kind looked at, else raise `NotAllowed`. What
    it then asks for is decided on by itself."""
    swarm.policy.authorize(actor, ACTIONS[kind], Resource("event", name))
