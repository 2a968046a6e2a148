"""Words of a command line → a command and what was given for it.

One argparse parser a command, built from its declaration, serves the chat and the command line.
argparse only sorts words from options; values are checked by `bind`, so that an error always
carries the argument, what would do and an example.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import cache
from typing import Any, NoReturn

import msgspec

from bot.commands.declared import find
from bot.commands.declaring import Command, unknown_option
from swarm_core import clip, errors, printable


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """A command and what was given for it by name, as it was typed. `help`: its help is asked
    for; `json`: the answer as one JSON object."""

    command: Command
    given: dict[str, Any]
    help: bool = False
    json: bool = False


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise argparse.ArgumentError(None, message)


def parse(name: str, words: Sequence[str], *, program: bool = False) -> Parsed:
    """`words` after the command `name`. Raises `UnknownCommand`, `UnknownOption`,
    `BadArgument` or `MissingArgument`; whether values fit is for `bind` to say."""
    command = find(name, program=program)
    words, text = _at_double_dash(words)
    try:
        found, left = _parser(command, program).parse_known_args([_marked(w) for w in words])
    except argparse.ArgumentError as error:
        raise _refused(command, error) from None
    given = {name: _unmarked(value) for name, value in vars(found).items()}
    left = [_unmarked(word) for word in left]
    asked_help, as_json = given.pop("help", False), given.pop("json", False)
    plain = [*given.pop("words"), *left]
    if unknown := [word for word in plain if _is_option(word)]:
        raise unknown_option(command, unknown[0].partition("=")[0])
    given |= _by_place(command, [*plain, *text])
    given = {name: value for name, value in given.items() if value not in (None, False)}
    return Parsed(command=command, given=given, help=asked_help, json=as_json)


@cache
def _parser(command: Command, program: bool) -> _Parser:
    parser = _Parser(prog=command.name, add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--help", "-h", action="store_true")
    if program:
        parser.add_argument("--json", action="store_true")
    for param in command.options:
        if param.program and not program:
            continue
        if param.kind.switch:
            parser.add_argument(param.option, dest=param.name, action="store_true")
        else:
            action = "append" if param.kind.many else "store"
            parser.add_argument(param.option, dest=param.name, action=action)
    return parser


def _at_double_dash(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """What stands before a lone `--`, and what stands after it, which holds no options."""
    words = list(words)
    if "--" not in words:
        return words, []
    at = words.index("--")
    return words[:at], words[at + 1 :]


_TEXT = "\0"
"""Stands before a word that argparse would take for an option; no typed word can hold it."""


def _marked(word: str) -> str:
    """`-5` and `-x` are words here: options have two dashes, and `-h` is the one exception."""
    return _TEXT + word if word.startswith("-") and word[:2] != "--" and word != "-h" else word


def _unmarked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unmarked(entry) for entry in value]
    return value.replace(_TEXT, "") if isinstance(value, str) else value


def _is_option(word: str) -> bool:
    """What argparse left over because it looks like an option."""
    return len(word) > 2 and word.startswith("--") and " " not in word


def _by_place(command: Command, words: list[str]) -> dict[str, Any]:
    """The words that stand by their place. The last place takes all that are left."""
    given: dict[str, Any] = {}
    for place, param in enumerate(command.words):
        rest = words[place:]
        if not rest:
            break
        last = place == len(command.words) - 1
        if param.kind.many and last:
            given[param.name] = rest
        else:
            given[param.name] = " ".join(rest) if last else rest[0]
    if words and not command.words:
        raise errors.BadArgument(
            command=command.name,
            name="a word",
            value=clip(printable(words[0]), 60),
            expected="left out: it takes none",
            example=command.example,
        )
    return given


def _refused(command: Command, error: argparse.ArgumentError) -> errors.FixInput:
    """An option without its value, or a switch with one."""
    name = (error.argument_name or "").split("/")[0]
    param = next((p for p in command.options if p.option == name), None)
    if param is None:
        return unknown_option(command, name or str(error.message))
    if param.kind.switch:
        return errors.BadArgument(
            command=command.name,
            name=name,
            value="…",
            expected="given without a value",
            example=command.example,
        )
    return errors.MissingArgument(
        command=command.name, name=f"{name} <{param.kind.metavar}>", example=command.example
    )
