"""Names of commands where only letters, digits and underscores may stand in one."""

from __future__ import annotations

import re

from bot.commands.declared import BY_NAME

_HEAD = re.compile(r"/([a-z][a-z-]*)(?![\w-])")


def slashed(name: str) -> str:
    """`forget-me` as `forget_me`."""
    return name.replace("-", "_")


def named(word: str) -> str | None:
    """The command, or another name of one, that is written so; None when there is none."""
    name = word.lower().replace("_", "-")
    command = BY_NAME.get(name)
    return name if command is not None and not command.program else None


def slashed_line(line: str) -> str:
    """A command line with its command's name written so; what is no command stays as it is."""
    found = _HEAD.match(line)
    if found is None or named(found[1]) is None:
        return line
    return f"/{slashed(found[1])}{line[found.end() :]}"
