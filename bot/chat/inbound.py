"""Every kind of event that comes in from people, and what it is authorized as.

What can go wrong: something new is listened to, and passes by the one door. So each surface says
which kinds of events come of what it listens to, and a test holds both together.
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


def let_in(swarm: Swarm, actor: Actor, kind: Kind, name: str = "") -> None:
    """Return when `actor` may have an event of this kind looked at, else raise `NotAllowed`. What
    it then asks for is decided on by itself."""
    swarm.policy.authorize(actor, ACTIONS[kind], Resource("event", name))
