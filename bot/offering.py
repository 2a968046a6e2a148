"""What is offered where people type: a plain yes or no in the place of a long line."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.reply import Button, Buttons, Card, Part, Reply

LET_GO = "/priority cancel"
"""Lets go of what was offered."""


def offered(reply: Reply) -> Reply:
    """`reply` with `yes` in the place of the line that it offers, and `no` of what lets go."""
    if not reply.follow:
        return reply
    short = {reply.follow: "yes", LET_GO: "no"}
    return msgspec.structs.replace(reply, parts=tuple(_part(each, short) for each in reply.parts))


def _part(part: Part, short: dict[str, str]) -> Part:
    match part:
        case Card() | Buttons():
            return msgspec.structs.replace(part, buttons=_buttons(part.buttons, short))
    return part


def _buttons(buttons: Sequence[Button], short: dict[str, str]) -> tuple[Button, ...]:
    return tuple(
        msgspec.structs.replace(each, command=short.get(each.command, each.command))
        for each in buttons
    )
