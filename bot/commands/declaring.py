"""How a command is declared, and how what was given becomes its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.commands.kinds import Kind, Misfit, Words
from swarm_core import clip, errors, nearest, printable


class Param(msgspec.Struct, frozen=True, kw_only=True):
    """One argument. A `word` stands by its place, any other by `--name`; `program`: only on the
    command line, where a process waits for the answer."""

    name: str
    kind: Kind
    word: bool = False
    required: bool = False
    program: bool = False

    @property
    def option(self) -> str:
        return f"--{self.name}"


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A typed request. Its words for people are in the catalogue under `help.<name>`.

    `action` is what has to be allowed before anything is looked up, '' when the core asks about the
    very thing that is touched. `reads`: it changes nothing, so it also answers when no swarm is
    running. `keeps`: what it changes is only written down, so it works then too, and holds from the
    next start on. With one of the words in `changing` a command that reads is one that keeps, and
    the core asks about the very thing; with one in `looking` one that keeps only looks. With a word
    in `proposing` it only shows what would come, unless a yes comes along. `alone`: it does the
    whole of its work with no swarm running too. `program`: it belongs to the command line alone.
    """

    name: str
    params: tuple[Param, ...] = ()
    example: str
    action: str = ""
    aliases: tuple[str, ...] = ()
    reads: bool = False
    changing: tuple[str, ...] = ()
    looking: tuple[str, ...] = ()
    proposing: tuple[str, ...] = ()
    keeps: bool = False
    alone: bool = False
    program: bool = False

    @property
    def words(self) -> tuple[Param, ...]:
        return tuple(param for param in self.params if param.word)

    @property
    def options(self) -> tuple[Param, ...]:
        return tuple(param for param in self.params if not param.word)

    def looks(self, given: Mapping[str, Any]) -> bool:
        """Whether it only looks, when this is given for it."""
        return (self.reads and not self.changes(given)) or self._first(given, self.looking)

    def changes(self, given: Mapping[str, Any]) -> bool:
        """Whether its first word is one with which a command that else only looks does more. Of
        the first alone: a later one is the name of something, whatever it says."""
        if self._first(given, self.proposing) and not given.get("yes"):
            return False
        return self._first(given, self.changing)

    def _first(self, given: Mapping[str, Any], among: tuple[str, ...]) -> bool:
        return any(str(given.get(param.name)).lower() in among for param in self.words[:1])

    def writes_down(self, given: Mapping[str, Any]) -> bool:
        """Whether what it does is only written down, and needs no running swarm."""
        return (self.keeps and not self.looks(given)) or self.changes(given)

    @property
    def takes_text(self) -> bool:
        """Whether the rest of the line is one text."""
        return any(type(param.kind) is Words for param in self.words)

    def usage(self, *, program: bool = False) -> str:
        """How to write it: `/show <number>`, `waggle task <text> [--wait]`."""
        parts = [f"waggle {self.name}" if program else f"/{self.name}"]
        for param in self.params:
            if param.program and not program:
                continue
            shown = f"<{param.kind.metavar}>" if param.word else param.option
            if not param.word and not param.kind.switch:
                shown += f" <{param.kind.metavar}>"
            parts.append(shown if param.required else f"[{shown}]")
        return " ".join(parts)


def bind(command: Command, given: Mapping[str, Any]) -> dict[str, Any]:
    """Typed arguments from what was typed or came as JSON; what is missing is left out.

    Raises `UnknownOption`, `MissingArgument` or `BadArgument`.
    """
    known = {param.name: param for param in command.params}
    for name in given:
        if name not in known:
            raise unknown_option(command, str(name))
    bound: dict[str, Any] = {}
    for name, param in known.items():
        value = given.get(name)
        if value is None or value in ((), []):
            if param.required:
                raise errors.MissingArgument(
                    command=command.name, name=param.name, example=command.example
                )
            continue
        try:
            bound[name] = param.kind.read(value)
        except Misfit:
            raise errors.BadArgument(
                command=command.name,
                name=param.name if param.word else param.option,
                value=clip(printable(shown(value)).strip(), 60),
                expected=param.kind.expected,
                example=command.example,
            ) from None
    return bound


def shown(value: Any) -> str:
    """A given value as one would type it."""
    if isinstance(value, list | tuple):
        return ",".join(shown(entry) for entry in value)
    return value if isinstance(value, str) else str(value)


def unknown_option(command: Command, name: str) -> errors.UnknownOption:
    """The error for an option nobody knows."""
    name = clip(printable(name.lstrip("-")), 60)
    near = nearest(name, [param.name for param in command.options])
    return errors.UnknownOption(
        command=command.name,
        name=name,
        near=tuple(f"--{close}" for close in near),
        example=command.example,
    )
