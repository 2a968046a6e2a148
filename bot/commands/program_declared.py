"""The commands that belong to the command line alone: processes, set-up, authors."""

from __future__ import annotations

from bot.commands.declaring import Command, Param
from bot.commands.kinds import Amount, Choice, Each, Name, Number, Span, Switch, Whole, Words

_ENDING = (Param(name="within", kind=Span()), Param(name="now", kind=Switch()))

PROGRAMS: tuple[Command, ...] = (
    Command(
        name="up",
        params=(Param(name="headless", kind=Switch()), Param(name="daemon", kind=Switch())),
        example="waggle up",
        program=True,
    ),
    Command(name="down", params=_ENDING, example="waggle down --within 2m", program=True),
    Command(name="restart", params=_ENDING, example="waggle restart", program=True),
    Command(
        name="logs",
        params=(
            Param(name="follow", kind=Switch()),
            Param(name="lines", kind=Whole(1, 1_000_000)),
            Param(name="task", kind=Number()),
            Param(name="level", kind=Choice("debug", "info", "warning", "error")),
        ),
        example="waggle logs --follow --task 142",
        program=True,
    ),
    Command(
        name="simulate-week",
        params=(
            Param(name="seed", kind=Whole(1, 1_000_000_000)),
            Param(name="example", kind=Switch()),
            Param(name="calm", kind=Switch()),
        ),
        example="waggle simulate week --seed 2",
        program=True,
    ),
    Command(
        name="service",
        params=(
            Param(name="do", kind=Choice("print", "install"), word=True),
            Param(name="user", kind=Switch()),
        ),
        example="waggle service install --user",
        program=True,
    ),
    Command(
        name="init",
        params=(
            Param(name="owner", kind=Words("name", "how you are called")),
            Param(name="provider", kind=Choice("none", "anthropic", "openai", "local")),
            Param(name="key-from", kind=Name("variable", "the name of a variable")),
            Param(name="address", kind=Name("address", "an address like http://localhost:1234/v1")),
            Param(name="free", kind=Switch()),
            Param(
                name="discord-owner", kind=Name("id", "a number as Discord's “Copy ID” gives it")
            ),
            Param(name="discord-channels", kind=Name("ids", "ids of channels, or all")),
            Param(name="telegram-owner", kind=Name("number", "the number of an account")),
            Param(name="cap", kind=Amount()),
            Param(name="unchecked", kind=Switch()),
            Param(name="yes", kind=Switch()),
        ),
        example="waggle init",
        program=True,
    ),
    Command(
        name="identity",
        params=(
            Param(name="do", kind=Choice("check", "new", "show"), word=True, required=True),
            Param(name="names", kind=Each("name", "names of identities, or files"), word=True),
            Param(name="full", kind=Switch()),
            Param(name="fix", kind=Switch()),
        ),
        example="waggle identity new proofreader",
        program=True,
    ),
)
