"""Carrying out a command: bind, authorize, handle, find the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.answers.answering import answer
from bot.answers.words import Words
from bot.commands.declared import find
from bot.commands.declaring import bind
from bot.commands.desk import Desk
from bot.commands.handlers import HANDLERS
from bot.commands.views import View
from bot.messages import Messages, spoken
from bot.reply import Reply
from swarm_core import Action, Actor, Resource, Swarm, TaskId, about, to_micros


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The typed view, and its words."""

    view: View
    reply: Reply


async def run(desk: Desk, name: str, given: Mapping[str, Any]) -> Answer:
    """Carry out the command `name`. Raises whatever `WaggleError` stands in its way.

    When the reply has reached the person, call `told`.
    """
    command = find(name)
    arguments = bind(command, given)
    with about.about(command=command.name, actor=desk.actor.key):
        desk.swarm.policy.authorize(desk.actor, Action.COMMAND, Resource("event", command.name))
        if command.action and not command.changes(arguments):
            _authorize(desk, command.action, command.name)
        if arguments.get("verify"):
            _authorize(desk, Action.VERIFY, command.name)
        view = await HANDLERS[command.name](desk, arguments)
    return Answer(view=view, reply=answer(words(desk), view))


def words(desk: Desk) -> Words:
    """In the language and zone the person at the desk wishes."""
    now, members = to_micros(desk.swarm.store.clock.now()), desk.swarm.members
    messages = said_to(desk.swarm, desk.actor, desk.messages)
    return Words(
        messages,
        now=now,
        person=desk.actor.key,
        zone=members.zone(desk.actor),
        called=members.directory.called,
    )


def said_to(swarm: Swarm, actor: Actor, usual: Messages) -> Messages:
    """The sentences in the language `actor` wishes, else the `usual` ones."""
    wished = swarm.members.me(actor).wishes.get("language")
    return usual if wished is None else spoken(wished)


async def told(desk: Desk, reply: Reply) -> None:
    """`reply` has reached the person: what it tells is not told again."""
    if reply.receipt is not None:
        desk.swarm.outbox.replied(TaskId(reply.receipt))
    if reply.ending is not None:
        await desk.swarm.outbox.shown(TaskId(reply.ending))


def _authorize(desk: Desk, action: str, name: str) -> None:
    desk.swarm.policy.authorize(desk.actor, Action(action), Resource("command", name))
