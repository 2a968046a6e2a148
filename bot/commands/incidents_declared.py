"""The commands about what is wrong."""

from __future__ import annotations

from bot.commands.declaring import Command, Param
from bot.commands.kinds import Choice, Whole

_LARGEST = 2**53 - 1
"""What every surface can send as a number."""

INCIDENTS: tuple[Command, ...] = (
    Command(name="incidents", example="/incidents", action="incident.read", reads=True),
    Command(
        name="incident",
        params=(
            Param(name="do", kind=Choice("show", "ack"), word=True, required=True),
            Param(name="number", kind=Whole(1, _LARGEST), word=True, required=True),
        ),
        example="/incident show 3",
        action="incident.read",
        reads=True,
        changing=("ack",),
        keeps=True,
    ),
)
