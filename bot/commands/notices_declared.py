"""The commands about notices."""

from __future__ import annotations

from bot.commands.declaring import Command, Param
from bot.commands.kinds import Choice, Name
from swarm_core import SORTS

NOTICES: tuple[Command, ...] = (
    Command(
        name="notify",
        params=(
            Param(name="sort", kind=Choice(*SORTS), word=True),
            Param(
                name="place",
                kind=Name("place", "here, dm, a surface, quiet, off or default"),
                word=True,
            ),
        ),
        example="/notify ended dm",
        reads=True,
        changing=SORTS,
    ),
    Command(
        name="digest",
        params=(
            Param(name="do", kind=Choice("at"), word=True),
            Param(name="hour", kind=Name("hour", "an hour like 8:30, none or default"), word=True),
        ),
        example="/digest at 8:30",
        reads=True,
        changing=("at",),
    ),
    Command(name="notifications", example="/notifications", reads=True),
    Command(
        name="webhook",
        params=(
            Param(name="do", kind=Choice("list", "test"), word=True),
            Param(name="name", kind=Name("name", "the name of a webhook"), word=True),
        ),
        example="/webhook test ci",
        action="swarm.configure",
        reads=True,
    ),
)
