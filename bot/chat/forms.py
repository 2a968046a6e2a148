"""Forms: a command line with blanks that a person fills in."""

from __future__ import annotations

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
    """The names of the arguments that are to be filled in, one of several values among them."""
    return tuple(name for name, value in parsed.given.items() if value in (BLANK, [BLANK]))


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
