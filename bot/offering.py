"""What is offered where people type: a plain yes or no in the place of a long line."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.reply import Button, Buttons, Card, Part, Reply

LET_GO = "/priority cancel"
"""Lets go of what was offered."""
ANSWERS: dict[str, tuple[str, dict[str, bool]]] = {
    **dict.fromkeys(("y", "yes"), ("approve", dict[str, bool]())),
    **dict.fromkeys(("n", "no"), ("deny", dict[str, bool]())),
    **dict.fromkeys(("c", "cheaper"), ("approve", {"cheaper": True})),
}
"""Plain words that are decisions right after a question, and nothing else."""


def meant(line: str, follow: str) -> str:
    """What a plain yes or no stands for where the line `follow` was offered; any other line, and
    where nothing was, as it is."""
    verb, more = ANSWERS.get(line.strip().casefold(), ("", {}))
    if not follow or not verb or more:
        return line
    return follow if verb == "approve" else LET_GO


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
