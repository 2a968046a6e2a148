"""Forms: a command line with blanks, and what a person filled in there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.commands.kinds import Words
from bot.commands.line import parse_line
from bot.commands.parsing import Parsed
from bot.messages import Messages
from bot.render.harmless import visible
from bot.render.layout import one_line
from bot.render.outgoing import BLANK_LABEL, BLANK_TEXT, FORM_TITLE, Blank, Form, fitted
from bot.reply import BLANK
from swarm_core import Choice


def blanks(parsed: Parsed) -> tuple[str, ...]:
    """The names of the arguments that are to be filled in."""
    return tuple(name for name, value in parsed.given.items() if value == BLANK)


def form_of(choice: Choice, number: str, say: Messages) -> Form:
    """The form for the blanks of a command line; `number` is its id."""
    parsed = parse_line(choice.line)
    command = parsed.command
    long = {param.name for param in command.params if type(param.kind) is Words}
    return Form(
        id=number,
        title=fitted(one_line(visible(choice.label)), FORM_TITLE) or "…",
        blanks=tuple(
            Blank(
                name=name,
                label=_label(say(f"help.argument.{command.name}.{name}")),
                value=choice.typed.get(name, "")[:BLANK_TEXT],
                long=name in long,
            )
            for name in blanks(parsed)
        ),
    )


def _label(text: str) -> str:
    text = fitted(text, BLANK_LABEL)
    return text[:1].upper() + text[1:]


def typed_in(components: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What was filled in, by the name of the blank."""
    return {
        str(each["custom_id"]): str(each["value"])
        for each in _inputs(components)
        if each.get("value") is not None
    }


def _inputs(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for each in components:
        if "custom_id" in each:
            yield each
        yield from _inputs(each.get("components") or ())
        if inner := each.get("component"):
            yield from _inputs((inner,))
