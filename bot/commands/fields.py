"""Commands as a chat service shows them that has a field for each option."""

from __future__ import annotations

import re

from bot.commands.declaring import Command, Param, shown
from bot.commands.line import parse_line
from swarm_core import WaggleError

FIELDED = frozenset({"discord"})
"""Surfaces that are such services."""
_OPTION = re.compile(r"--([a-z][a-z-]*)")


def unseen(command: Command) -> tuple[str, ...]:
    """Options without a field: a yes is pressed, and what makes a task carries its event's id."""
    if command.name == "priority":
        return ("key", "yes", "by-model")
    return ("key", "yes") if command.name in ("ask", "task") else ("yes",)


def fields(command: Command) -> list[Param]:
    """The options there are fields for, what is required first."""
    found = [p for p in command.params if not p.program and p.name not in unseen(command)]
    return sorted(found, key=lambda param: not param.required)


def filled(line: str) -> str:
    """`line` as it is filled in: of `/tasks --all --most 5` it is `/tasks all: True most: 5`. What
    is no command stays as it is."""
    if option := _OPTION.fullmatch(line):
        return option[1]
    if not line.startswith("/"):
        return line
    try:
        parsed = parse_line(line)
    except WaggleError:
        return line
    if parsed.help:
        return line
    given = [
        f"{param.name}: {shown(parsed.given[param.name])}"
        for param in parsed.command.params
        if param.name in parsed.given and param.name not in unseen(parsed.command)
    ]
    return " ".join([f"/{parsed.command.name}", *given])
