"""The command about the connection to Discord."""

from __future__ import annotations

from bot.commands.declaring import Command, Param
from bot.commands.kinds import Choice, Name

DISCORD: tuple[Command, ...] = (
    Command(
        name="discord",
        params=(
            Param(name="do", kind=Choice("show", "hello"), word=True),
            Param(name="channel", kind=Name("channel", "the id of a channel"), word=True),
        ),
        example="/discord",
        action="swarm.configure",
        reads=True,
    ),
)
