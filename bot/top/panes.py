"""The board: tasks, workers, money and news, beside each other where there is room."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from bot.answers.top import (
    RIGHT,
    account_lines,
    burn_lines,
    columns,
    more_line,
    news_line,
    task_cells,
    worker_cells,
)
from bot.answers.words import Words
from bot.top.arranging import task_columns, worker_columns
from bot.top.grid import Grid, Row
from swarm_core import Board, BoardTask, clip

ROOMY = Size(100, 24)
"""From which size on all panes stand beside each other; below it one is shown."""
PANES = ("tasks", "workers", "money", "news")
_LEAST = 72
"""Letters that are told of each thing that happened, however narrow it is."""
_STYLES = {"running": "green", "waiting": "yellow", "failed": "red", "cancelled": "dim"}


class Panes(Container):
    """Everything that is seen of the swarm but for its head."""

    DEFAULT_CSS = """
    Panes { height: 1fr; }
    Panes #tasks { height: 2fr; }
    Panes #beside { layout: horizontal; height: 1fr; min-height: 8; }
    Panes #workers { width: 1fr; height: 100%; }
    Panes #money { width: 1fr; height: 100%; padding: 0 1; }
    Panes #news { height: 1fr; padding: 0 1; }
    Panes Static { height: auto; }
    Panes.small #tasks, Panes.small #workers, Panes.small #money { display: none; }
    Panes.small #news, Panes.small #beside { display: none; }
    Panes.small.tasks #tasks, Panes.small.news #news { display: block; height: 1fr; }
    Panes.small.workers #beside, Panes.small.money #beside { display: block; min-height: 1; }
    Panes.small.workers #workers, Panes.small.money #money { display: block; width: 100%; }
    """

    def compose(self) -> ComposeResult:
        yield Grid(id="tasks")
        with Container(id="beside"):
            yield Grid(id="workers")
            with VerticalScroll(id="money"):
                yield Static(id="sums", markup=False)
        with VerticalScroll(id="news"):
            yield Static(id="events", markup=False)

    @property
    def chosen(self) -> str | None:
        """The number of the task under the cursor."""
        return self.query_one("#tasks", Grid).chosen

    def turn_to(self, pane: str, size: Size) -> bool:
        """Let `pane` be the one that is shown where there is room for one only; whether it is."""
        small = size.width < ROOMY.width or size.height < ROOMY.height
        self.set_class(small, "small")
        for name in PANES:
            self.set_class(name == pane, name)
        return small

    def show_tasks(
        self, words: Words, tasks: list[BoardTask], board: Board, width: int, *, more: bool
    ) -> None:
        names = task_columns(width)
        rows: list[Row] = [
            (str(one.task.id), task_cells(words, one, names), _STYLES.get(one.task.state, ""))
            for one in tasks
        ]
        lines = list(more_line(words, board)) if more else []
        if not rows:
            lines.append(words.say("top.no_tasks"))
        rows += [
            ("", tuple(line if name == "what" else "" for name in names), "") for line in lines
        ]
        labels = columns(words, names)
        grid = self.query_one("#tasks", Grid)
        grid.show(names, labels, rows, right=RIGHT, wide="what", width=width)

    def show_rest(self, words: Words, board: Board, width: int) -> None:
        names = worker_columns(width)
        self.query_one("#workers", Grid).show(
            names,
            columns(words, names),
            [(one.name, worker_cells(words, one, names), "") for one in board.workers],
            right=RIGHT,
            wide="now",
            width=width,
        )
        sums = [*account_lines(words, board), "", *burn_lines(words, board)]
        put(self, "#sums", "\n".join(sums))
        room = max(_LEAST, self.size.width - 4)
        told = [
            clip(f"{words.clock(one.at)} {news_line(words, one)}", room)
            for one in reversed(board.news)
        ]
        put(self, "#events", "\n".join(told) or words.say("top.no_news"))


def put(where: Widget, name: str, text: str) -> Static:
    """Have the text `name` say this; what says it already is left alone, so that a second in
    which nothing happens draws nothing."""
    found = where.query_one(name, Static)
    if found.content != text:
        found.update(text)
    return found
