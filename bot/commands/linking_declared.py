"""The commands with which one is one person wherever one writes."""

from __future__ import annotations

from bot.commands.declaring import Command, Param
from bot.commands.kinds import Name, Number, Switch

LINKING: tuple[Command, ...] = (
    Command(
        name="link",
        params=(
            Param(name="code", kind=Name("code|show|remove", "a code, show or remove"), word=True),
            Param(
                name="account", kind=Name("account", "an account, like discord/80351110"), word=True
            ),
            Param(name="sure", kind=Switch()),
        ),
        example="/link 7K3M-9XQ2",
        looking=("show",),
        keeps=True,
    ),
    Command(
        name="here",
        params=(Param(name="number", kind=Number(), word=True),),
        example="/here 142",
        keeps=True,
    ),
)
