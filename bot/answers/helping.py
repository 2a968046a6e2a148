"""Help, made from the declarations and the catalogue; it needs no swarm."""

from __future__ import annotations

import shlex

from bot.commands.declared import BY_NAME, COMMANDS
from bot.commands.declaring import Command, shown
from bot.commands.fields import fields
from bot.commands.line import parse_line
from bot.messages import Messages
from bot.reply import Button, Buttons, KeyValues, Notice, Part, Reply, Table

LAUNCHER = ("test", "lint", "lock", "bench", "chaos", "verify")
"""Words that `./waggle` serves in a checkout, with the tools of development."""
GLOBAL = ("config", "state", "json", "verbose", "help", "version")
"""Options of the command line as a whole."""


def help_on(
    say: Messages,
    name: str | None,
    *,
    plain: str = "",
    program: bool = False,
    filled_in: bool = False,
) -> Reply:
    """Help on the command `name`, on all when None. `plain` is what a line without a slash
    does in a chat; `program`: as the command line has it; `filled_in`: as a chat has it in which
    options are fields and who speaks to us names us."""
    if name is None:
        return _all(say, plain, program=program, named=filled_in)
    if name in LAUNCHER:
        usage = f"./waggle {name}"
        return Reply(
            parts=(KeyValues(title=usage, pairs=((say("field.does"), _summary(say, name)),)),)
        )
    command = BY_NAME[name]
    return _fields(say, command) if filled_in else _one(say, command, program=program)


def examples(say: Messages) -> Buttons:
    """Questions that are asked by pressing them."""
    texts = [say(f"help.example.{name}") for name in ("first", "second", "third")]
    return Buttons(tuple(Button(text, f"/ask {text}") for text in texts))


def _summary(say: Messages, name: str) -> str:
    return say(f"help.{name}.summary")


def _all(say: Messages, plain: str, *, program: bool, named: bool) -> Reply:
    slash = "" if program else "/"
    rows = [
        (f"{slash}{command.name}", _summary(say, command.name))
        for command in COMMANDS
        if program or not command.program
    ]
    columns = (say("column.command"), say("column.does"))
    parts: list[Part] = [
        Notice(level="info", text=say("help.program_head" if program else "help.head")),
        Table(columns=columns, rows=tuple(rows)),
    ]
    if program:
        launcher = tuple((name, _summary(say, name)) for name in LAUNCHER)
        options = tuple((f"--{name}", say(f"help.option.{name}")) for name in GLOBAL)
        parts += [
            Table(columns=(say("column.checkout"), columns[1]), rows=launcher),
            Table(columns=(say("column.option"), columns[1]), rows=options),
            Notice(level="info", text=say("help.exit_codes")),
        ]
    else:
        hint = say("help.named") if named else ""
        parts.append(Notice(level="info", text=say(f"help.plain.{plain}"), hint=hint))
        parts += [Notice(level="info", text=say("help.example.try")), examples(say)]
    return Reply(parts=tuple(parts), private=True)


def _one(say: Messages, command: Command, *, program: bool) -> Reply:
    example = _typed(command) if program else command.example
    pairs = [
        (say("field.does"), _summary(say, command.name)),
        (say("field.example"), example),
    ]
    if command.aliases:
        pairs.append((say("field.aliases"), ", ".join(command.aliases)))
    params = tuple(
        (
            f"<{param.kind.metavar}>" if param.word else param.option,
            say(f"help.argument.{command.name}.{param.name}"),
        )
        for param in command.params
        if program or not param.program
    )
    parts: list[Part] = [KeyValues(title=command.usage(program=program), pairs=tuple(pairs))]
    if params:
        parts.append(Table(columns=(say("column.argument"), say("column.does")), rows=params))
    return Reply(parts=tuple(parts), private=True)


def _fields(say: Messages, command: Command) -> Reply:
    """Help on a command whose options are filled in."""
    pairs = (
        (say("field.does"), _summary(say, command.name)),
        (say("field.example"), f"`{command.example}`"),
    )
    rows = tuple(
        (param.name, say(f"help.argument.{command.name}.{param.name}")) for param in fields(command)
    )
    parts: list[Part] = [KeyValues(title=f"/{command.name}", pairs=pairs)]
    if rows:
        parts.append(Table(columns=(say("column.argument"), say("column.does")), rows=rows))
    return Reply(parts=tuple(parts), private=True)


def _typed(command: Command) -> str:
    """The example as one types it in a shell."""
    if command.program:
        return command.example
    given = parse_line(command.example).given
    words = ["waggle", command.name]
    for param in command.params:
        if param.name not in given:
            continue
        value = [] if param.kind.switch else [shlex.quote(shown(given[param.name]))]
        words += value if param.word else [param.option, *value]
    return " ".join(words)
