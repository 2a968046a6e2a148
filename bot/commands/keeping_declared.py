"""The commands that keep the state, and what is in force."""

from __future__ import annotations

from bot.commands.declaring import Command, Param
from bot.commands.kinds import Choice, Name, Since, Span, Switch, Words

_PATH = Words("path", "the path of a file or folder")

KEEPING: tuple[Command, ...] = (
    Command(
        name="backup",
        params=(Param(name="to", kind=_PATH, program=True),),
        example="/backup",
        action="swarm.backup",
        alone=True,
    ),
    Command(
        name="archive",
        params=(Param(name="before", kind=Span()),),
        example="/archive --before 90d",
        action="swarm.archive",
        alone=True,
    ),
    Command(
        name="erase",
        params=(
            Param(name="what", kind=Choice("person"), word=True, required=True),
            Param(name="who", kind=Name("who", "a person"), word=True, required=True),
            Param(name="yes", kind=Switch()),
            Param(name="cancel", kind=Switch()),
            Param(name="copies", kind=Switch()),
        ),
        example="/erase person discord/7",
        alone=True,
    ),
    Command(
        name="export",
        params=(
            Param(
                name="what",
                kind=Choice("tasks", "journal", "decisions", "spend"),
                word=True,
                required=True,
            ),
            Param(name="format", kind=Choice("jsonl", "json", "csv")),
            Param(name="since", kind=Since()),
            Param(name="out", kind=_PATH),
        ),
        example="waggle export spend --format csv --since 30d --out spend.csv",
        program=True,
    ),
    Command(
        name="restore",
        params=(
            Param(name="file", kind=_PATH, word=True, required=True),
            Param(name="to", kind=_PATH),
            Param(name="replace", kind=Switch()),
        ),
        example="waggle restore backup.waggle --to elsewhere",
        program=True,
    ),
    Command(name="rebuild", example="waggle rebuild", program=True),
    Command(name="reload", example="/reload", action="swarm.reload"),
)
