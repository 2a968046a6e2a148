"""What a card says of a task that waits for money: how that stands, and the ways out."""

from __future__ import annotations

from bot.answers import raises
from bot.answers.words import Words
from bot.reply import BLANK, Button
from swarm_core import Approval, Lacking, MicroUSD, TaskId, format_usd, share_of

_LASTING = ("total", "month", "session")
"""Caps that are set, for they cannot be raised for a day."""


def lines(
    words: Words, task: TaskId, lacking: Lacking | None, raising: Approval | None
) -> tuple[str, ...]:
    """What is spent, held and free of the cap that fits least; when it goes on by itself; what
    people can do; and what became of a raise that was asked for."""
    told = raises.line(words, raising)
    if lacking is None:
        return told
    say, own = words.say, lacking.scope.startswith("task/")
    need = say("card.waits_for_money", scope=lacking.scope, most=lacking.most)
    stands = say(
        "card.lacking",
        spent=lacking.spent,
        held=lacking.held,
        free=words.usd(lacking.free),
        short=lacking.short,
    )
    if not lacking.short:
        return (need, stands, say("card.fits"), *told)
    itself = say("card.by_raise_alone") if own else say(f"card.by_itself.{_ends(lacking)}")
    ways = say("card.ways", raising=command(task, lacking), id=task)
    return (need, stands, itself, ways, *told)


def _ends(lacking: Lacking) -> str:
    """The sort of time after which there is room anyway."""
    kind = lacking.scope.partition("/")[0]
    return "day" if kind.endswith("day") else kind if kind == "month" else "never"


def buttons(words: Words, task: TaskId, lacking: Lacking | None) -> list[Button]:
    """The three ways of a task that waits for money; the first only while it is short of some."""
    more = [] if lacking is None or not lacking.short else [command(task, lacking)]
    other = [f"{line.rpartition(' ')[0]} {BLANK}" for line in more]
    return [
        *(Button(words.say("button.raise"), line) for line in more),
        Button(words.say("button.cheaper"), f"/cheaper {task}"),
        Button(words.say("button.cancel"), f"/cancel {task}"),
        *(Button(words.say("button.raise_other"), line) for line in other),
        Button(words.say("button.why"), f"/why {task}"),
    ]


def command(task: TaskId, lacking: Lacking) -> str:
    """The command line that makes room for a task: by what is short, in an amount that one would
    say, which is a little more."""
    kind = lacking.scope.partition("/")[0]
    if kind in _LASTING:
        most = lacking.spent + lacking.held + lacking.free + lacking.short
        return f"/budget set {kind} {_typed(_round(most))}"
    shared = share_of(lacking.scope) is not None or kind == "day"
    scope = str(task) if kind == "task" else "day" if shared else lacking.scope
    return f"/budget raise {scope} {_typed(_round(lacking.short))}"


def _round(amount: int) -> MicroUSD:
    """Up, to two digits that count: $0.1234 is $0.13."""
    unit: int = 10 ** max(0, len(str(amount)) - 2)
    return MicroUSD(-(-amount // unit) * unit)


def _typed(amount: MicroUSD) -> str:
    return format_usd(amount).removeprefix("$").replace(",", "")
