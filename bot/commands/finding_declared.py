"""The commands by which things are found again."""

from __future__ import annotations

from bot.commands.declaring import Command, Param
from bot.commands.kinds import Choice, Name, Span, Switch, Whole, Words

_WHOSE = (
    Param(name="mine", kind=Switch()),
    Param(name="since", kind=Span()),
    Param(name="worker", kind=Name("name", "the name of a worker")),
    Param(name="page", kind=Whole(1, 1_000)),
    Param(name="most", kind=Whole(1, 200)),
)

FINDING: tuple[Command, ...] = (
    Command(
        name="search",
        aliases=("find",),
        params=(
            Param(name="words", kind=Words("words", "words to look for"), word=True, required=True),
            Param(
                name="state",
                kind=Choice("queued", "ready", "running", "waiting", "done", "failed", "cancelled"),
            ),
            Param(name="order", kind=Choice("best", "newest")),
            *_WHOSE,
        ),
        example="/search invoice --since 30d",
        action="task.read",
        reads=True,
    ),
    Command(
        name="history",
        params=(Param(name="state", kind=Choice("done", "failed", "cancelled")), *_WHOSE),
        example="/history --since 7d",
        action="task.read",
        reads=True,
    ),
    # Not one that answers without a swarm: what it shows is what runs.
    Command(name="top", example="/top", action="task.read"),
)
