"""Forms on Telegram, which has none: each blank of a command line is asked for in a message of its
own, and the reply to that message fills it in.

Who asks keeps the `Choice` of a `Question` as a button of whoever is asked (`Buttons.put`, not
`once`), and which message it belongs to; so a restart loses nothing and an answer that comes twice
means the same twice. A reply to the message is looked up and given to `answered`; a reply that is a
command itself is no answer. A refused answer leaves the question open: what is wrong is said, and
the same message may be replied to again.

A question is sent with a forced reply for one person alone (`selective`), so it has to be a reply
to a message of theirs, or to call them (`render.telegram.addressed`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.chat.forms import blanks as open_in
from bot.commands.declaring import Command, bind
from bot.commands.line import parse_line
from bot.messages import Messages
from bot.render.harmless import visible
from bot.render.layout import one_line
from bot.render.outgoing import Outgoing, fitted
from bot.render.telegram import render
from bot.reply import KeyValues, Notice, Part, Reply, Text
from swarm_core import Choice

PLACEHOLDER = 64
"""Characters that stand in the field before anything is typed there."""
_BEFORE = "?"
"""Stands before the name of a blank in `typed` for what was filled in earlier, to be corrected."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One blank, asked for. `choice` is to be kept for the answer."""

    choice: Choice
    message: Outgoing
    placeholder: str


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A command with nothing left to fill in. `again` is the choice that asks for the same once
    more, for when it could not be carried out."""

    name: str
    given: dict[str, Any]
    again: Choice


def blanks(line: str) -> tuple[str, ...]:
    """The names of the arguments of a command line that are to be filled in. Raises what
    `parse_line` raises."""
    return open_in(parse_line(line))


def begun(choice: Choice) -> Choice:
    """`choice` with nothing answered yet; what it was filled in with before is told beside."""
    before = {
        name if name.startswith(_BEFORE) else f"{_BEFORE}{name}": value
        for name, value in choice.typed.items()
    }
    return Choice(choice.label, choice.line, choice.sure, before)


def question(choice: Choice, say: Messages) -> Question:
    """The first blank that is not answered. Raises ValueError when there is none."""
    parsed = parse_line(choice.line)
    names = blanks(choice.line)
    left = _left(names, choice.typed)
    if not left:
        raise ValueError(f"nothing is to be filled in of {choice.line}")
    name = left[0]
    wanted = say(f"help.argument.{parsed.command.name}.{name}")
    told = say("form.of", n=len(names) - len(left) + 1, most=len(names)) if names[1:] else ""
    parts: list[Part] = [
        KeyValues(title=one_line(choice.label), pairs=()),
        Notice(level="info", text=" ".join(filter(None, (_sentence(wanted), told)))),
    ]
    if before := choice.typed.get(f"{_BEFORE}{name}"):
        parts += [Notice(level="info", text=say("form.before")), Text(_verbatim(before))]
    parts.append(Notice(level="info", text="", hint=say("form.reply")))
    return Question(
        choice=choice,
        message=render(Reply(tuple(parts)), say)[0],
        placeholder=fitted(one_line(visible(before or wanted)), PLACEHOLDER),
    )


def answered(choice: Choice, text: str, say: Messages) -> Question | Filled:
    """What comes of `text` as the answer to the question that `choice` was kept for. Raises
    `BadArgument` or `MissingArgument` when that cannot be filled in there."""
    parsed = parse_line(choice.line)
    names = blanks(choice.line)
    name = next(iter(_left(names, choice.typed)))
    _fits(parsed.command, name, text.strip())
    typed = {**choice.typed, name: text.strip()}
    if _left(names, typed):
        return question(Choice(choice.label, choice.line, choice.sure, typed), say)
    filled = {each: typed[each] for each in names}
    again = Choice(choice.label, choice.line, choice.sure, filled)
    return Filled(name=parsed.command.name, given={**parsed.given, **filled}, again=again)


def _left(names: tuple[str, ...], typed: Mapping[str, str]) -> list[str]:
    return [name for name in names if name not in typed]


def _fits(command: Command, name: str, text: str) -> None:
    """Raises as `bind` does, whatever else is still to be filled in."""
    only = [param for param in command.params if param.name == name]
    bind(msgspec.structs.replace(command, params=tuple(only)), {name: text})


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _verbatim(text: str) -> str:
    """In a block of code, which a tap copies."""
    ticks = "`" * 3
    while ticks in text:
        ticks += "`"
    return f"{ticks}\n{text}\n{ticks}"
