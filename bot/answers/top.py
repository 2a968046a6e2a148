"""The swarm at one look, in words: for one page, and line by line for a live view."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers.why import said
from bot.answers.words import Words
from bot.commands.top_views import Top
from bot.commands.views import Entry
from bot.reply import Align, Notice, Part, Reply, Table
from swarm_core import Account, Board, BoardTask, BoardWorker, News, clip

WORKERS = ("worker", "state", "now", "ready", "spent_today")
TASKS = ("task", "state", "what", "worker", "step", "since", "spent", "held", "cap")
RIGHT = frozenset(
    {"task", "ready", "spent_today", "since", "spent", "held", "cap", "free", "forecast"}
)
_BAR = 24
"""Letters of the longest bar of the chart."""


def align(names: tuple[str, ...]) -> tuple[Align, ...]:
    return tuple("right" if name in RIGHT else "left" for name in names)


def top(words: Words, view: Top) -> Reply:
    """One snapshot, for where there is no live view."""
    board = view.board
    parts: list[Part] = [
        Notice(level="info", text=headline(words, board)),
        _table(words, WORKERS, [worker_cells(words, one) for one in board.workers]),
        _table(words, TASKS, [task_cells(words, one) for one in board.tasks], "top.no_tasks"),
    ]
    parts += [Notice(level="info", text=line) for line in more_line(words, board)]
    names = ("budget", "spent", "held", "cap", "free", "forecast")
    accounts = [account_cells(words, one) for one in (board.burn.day, board.burn.month)]
    parts.append(_table(words, names, accounts))
    news = [(words.clock(one.at), news_line(words, one)) for one in board.news]
    parts.append(_table(words, ("when", "what_happened"), news, "top.no_news"))
    return Reply(parts=tuple(parts))


def _table(
    words: Words, names: tuple[str, ...], rows: Sequence[tuple[str, ...]], empty: str = "top.nobody"
) -> Table:
    return Table(
        columns=columns(words, names), rows=tuple(rows), align=align(names), empty=words.say(empty)
    )


def columns(words: Words, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(words.say(f"column.{name}") for name in names)


def headline(words: Words, board: Board) -> str:
    """How much there is of what, what stands still, and the money of today, on one line."""
    day = board.burn.day
    return words.say(
        "top.headline",
        counts=[f"{count} {words.state(state)}" for state, count in board.open.items()],
        stops=[words.scope(stop) for stop in board.stops],
        spent=day.spent,
        held=day.held,
        cap=day.cap,
        frozen=day.frozen or board.burn.month.frozen,
    )


def more_line(words: Words, board: Board) -> tuple[str, ...]:
    more = sum(board.open.values()) - len(board.tasks)
    return (words.say("top.more", more=more),) if more > 0 else ()


def worker_cells(
    words: Words, one: BoardWorker, names: tuple[str, ...] = WORKERS
) -> tuple[str, ...]:
    spent = words.usd(one.spent)
    if one.held:
        spent = words.say("card.spent_held", spent=spent, held=words.usd(one.held))
    cells = {
        "worker": one.name,
        "state": words.say("top.working" if one.at else "top.idle"),
        "now": " ".join(f"#{task}" for task in one.at),
        "ready": str(one.ready) if one.ready else "",
        "spent_today": spent,
    }
    return tuple(cells[name] for name in names)


def task_cells(words: Words, one: BoardTask, names: tuple[str, ...] = TASKS) -> tuple[str, ...]:
    task = one.task
    spent = one.spent or task.cost
    step = f"{one.step}: {one.doing}" if one.doing else str(one.step) if one.step else ""
    cells = {
        "task": f"#{task.id}",
        "state": words.state(task.state),
        "what": words.request(task),
        "worker": task.worker or "",
        "step": clip(step, 24),
        "since": words.age(task.created) if task.ended is None else words.clock(task.ended),
        "spent": words.usd(spent) if spent else "",
        "held": words.usd(one.held) if one.held else "",
        "cap": words.usd(task.cap) if task.cap is not None else "",
    }
    return tuple(cells[name] for name in names)


def account_cells(words: Words, account: Account) -> tuple[str, ...]:
    def usd(amount: int | None) -> str:
        return "" if amount is None else words.usd(amount)

    return (
        words.say("budget.of", scope=account.account),
        words.usd(account.spent),
        words.usd(account.held),
        usd(account.cap),
        usd(account.free),
        usd(account.forecast),
    )


def news_line(words: Words, one: News) -> str:
    entry = Entry(at=one.at, kind=one.kind, actor=one.actor, run=one.run, detail=one.detail)
    sentence = said(words, entry)
    return f"#{one.task} {sentence}" if one.task is not None else sentence


def account_lines(words: Words, board: Board) -> list[str]:
    """The money of today and of this month, a line each."""
    return [
        words.say(
            "top.account",
            scope=account.account,
            spent=account.spent,
            held=account.held,
            cap=account.cap,
        )
        for account in (board.burn.day, board.burn.month)
    ]


def burn_lines(words: Words, board: Board) -> list[str]:
    """What each of the last days cost, as bars of text; the longest is the dearest day."""
    known = board.burn.days
    most = max((day.spent + day.held for day in known), default=0)
    lines = []
    for day in known:
        spent = round(_BAR * day.spent / most) if most else 0
        held = round(_BAR * (day.spent + day.held) / most) - spent if most else 0
        bar = "█" * spent + "░" * held
        lines.append(f"{day.day[5:]} {bar:<{_BAR}} {words.usd(day.spent)}")
    return lines
