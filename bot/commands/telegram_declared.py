"""The command about the connection to Telegram."""

from __future__ import annotations

from bot.commands.declaring import Command, Param
from bot.commands.kinds import Choice, Name

TELEGRAM: tuple[Command, ...] = (
    Command(
        name="telegram",
        params=(
            Param(name="do", kind=Choice("show", "hello"), word=True),
            Param(name="chat", kind=Name("chat", "the number of a chat"), word=True),
        ),
        example="/telegram",
        action="swarm.configure",
        reads=True,
    ),
)
