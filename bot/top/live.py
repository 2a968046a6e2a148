"""The live view: looks once a second, shows what changed, does what keys say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer, Input, Static

from bot.answers.top import headline
from bot.answers.words import Words
from bot.commands.top_views import Top
from bot.messages import Messages
from bot.reply import KeyValues, Notice, Part, Reply
from bot.top.arranging import ORDERS, arranged
from bot.top.link import Link
from bot.top.panes import PANES, Panes, put
from bot.top.screens import Confirm, Page
from swarm_core import FINISHED, UNDECIDED, Board, BoardTask, WaggleError, errors

EVERY = 1.0
"""Seconds between two looks."""
KEYS: tuple[tuple[str, str, str, bool], ...] = (
    ("question_mark", "help", "help", True),
    ("q", "quit", "quit", True),
    ("c", "cancel", "cancel", True),
    ("r", "retry", "retry", True),
    ("a", "decide('approve')", "approve", True),
    ("d", "decide('deny')", "deny", True),
    ("s", "read('show')", "show", True),
    ("w", "read('why')", "why", True),
    ("slash", "filter", "filter", True),
    ("o", "order", "order", True),
    ("p", "pause", "pause", True),
    ("S", "everything('stop')", "stop_all", False),
    ("R", "everything('resume')", "resume_all", False),
)
"""Key, action, the sentence `top.key.<name>` that tells it, whether it stands below the board."""


class Live(App[None]):
    """`link` reaches the swarm; `first` is what was seen of it before the view opened."""

    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = "#tasks"
    CSS = """
    #head { height: auto; max-height: 3; text-style: bold; }
    #away, #said, #filter { display: none; height: auto; max-height: 3; }
    #away.there { display: block; color: $text-error; text-style: reverse; }
    #said.there, #filter.there { display: block; }
    """
    # Before the screen's own, which would go from one pane to another that is not shown.
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "pane(0)", show=False, priority=True)]

    def __init__(self, link: Link, say: Messages, first: Top, *, every: float = EVERY) -> None:
        super().__init__()
        self._link = link
        self.say = say
        self.seen = first
        self._every = every
        self._looking = False
        self.paused = False
        self.order = ORDERS[0]
        self.wanted = ""
        self.pane = PANES[0]
        for key, action, name, shown in KEYS:
            self.bind(key, action, description=say(f"top.key.{name}"), show=shown)
        for n in range(len(PANES)):
            self.bind(str(n + 1), f"pane({n + 1})", show=False)

    def compose(self) -> ComposeResult:
        yield Static(id="head", markup=False)
        yield Static(id="away", markup=False)
        yield Panes()
        yield Static(id="said", markup=False)
        yield Input(id="filter", placeholder=self.say("top.filter"))
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self._arrange()
        self.set_interval(self._every, self.look)

    # ── seeing ───────────────────────────────────────────────────────────────

    async def look(self) -> None:
        """Look again, unless paused or a look is under way."""
        if self.paused or self._looking:
            return
        self._looking = True
        try:
            self.seen = await asyncio.to_thread(self._link.look)
            away = ""
        except (errors.NotRunning, errors.AnswerLost, errors.Closing):
            away = self.say("top.away")
        except WaggleError as error:
            away = self.say.error(error)
        finally:
            self._looking = False
        self._line("#away", away)
        if not away:
            self._arrange()

    @property
    def _board(self) -> Board:
        return self.seen.board

    @property
    def words(self) -> Words:
        return Words(self.say, now=self._board.now, person=self.seen.person)

    @property
    def panes(self) -> Panes:
        return self.screen_stack[0].query_one(Panes)

    def on_resize(self) -> None:
        self.call_after_refresh(self._arrange)

    def _arrange(self) -> None:
        """Show what was seen, as the terminal has room for."""
        if not self._open:
            return
        words, board, panes = self.words, self._board, self.panes
        small = panes.turn_to(self.pane, self.size)
        marks = [self.say("top.paused")] if self.paused else []
        marks += [self.say("top.filtered", words=self.wanted)] if self.wanted else []
        put(self.screen_stack[0], "#head", " · ".join([headline(words, board), *marks]))
        found = arranged(words, board, order=self.order, wanted=self.wanted)
        panes.show_tasks(words, found, board, self.size.width, more=not self.wanted)
        panes.show_rest(words, board, self.size.width if small else self.size.width // 2)

    @property
    def _open(self) -> bool:
        """Whether there is something to show it on: an answer may come when all is closing."""
        return bool(self.screen_stack and self.screen_stack[0].query(Footer))

    def _line(self, where: str, text: str) -> None:
        if not (self._open and self.screen_stack[0].query(where)):
            return
        put(self.screen_stack[0], where, text).set_class(bool(text), "there")

    # ── doing ────────────────────────────────────────────────────────────────

    @property
    def chosen(self) -> BoardTask | None:
        """The task under the cursor."""
        key = self.panes.chosen
        shown = (*self._board.tasks, *self._board.ended)
        return next((one for one in shown if str(one.task.id) == key), None)

    def _tell(self, key: str, **values: Any) -> None:
        self._line("#said", self.say(key, **values))

    def _ask(self, question: str, name: str, given: Mapping[str, Any]) -> None:
        """Do it after a yes."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.run_worker(self._do(name, given), exclusive=False)

        self.push_screen(Confirm(question, self.say), answered)

    async def _do(self, name: str, given: Mapping[str, Any], *, page: bool = False) -> None:
        """Carry out a command; what it answers is said below, or read on a page."""
        try:
            reply = await asyncio.to_thread(self._link.do, name, given)
        except WaggleError as error:
            self._line("#said", self.say.error(error))
            return
        if page:
            self.push_screen(Page(reply, self.say))
            return
        self._line("#said", " ".join(_told(part) for part in reply.parts))
        await self.look()

    def action_cancel(self) -> None:
        one = self.chosen
        if one is None or one.task.state in FINISHED:
            self._tell("top.nothing_to_cancel")
            return
        question = self.say("top.ask.cancel", task=self.words.title(one.task))
        self._ask(question, "cancel", {"numbers": [one.task.id]})

    def action_retry(self) -> None:
        one = self.chosen
        if one is None:
            self._tell("top.no_tasks")
            return
        self.run_worker(self._do("retry", {"number": one.task.id}), exclusive=False)

    def action_everything(self, name: str) -> None:
        self._ask(self.say(f"top.ask.{name}"), name, {"what": "all"})

    def action_decide(self, name: str) -> None:
        one = self.chosen
        approval = one.task.waiting_data.get("approval") if one else None
        if one is None or approval is None or one.task.waiting not in UNDECIDED:
            self._tell("top.no_question")
            return
        because = self.words.failure(one.task.waiting, one.task.waiting_data)
        title = self.words.title(one.task)
        question = self.say(f"top.ask.{name}", task=title, because=because)
        self._ask(question, name, {"id": str(approval)})

    def action_read(self, name: str) -> None:
        one = self.chosen
        if one is None:
            self._tell("top.no_tasks")
            return
        self.run_worker(self._do(name, {"number": one.task.id}, page=True), exclusive=False)

    def on_data_table_row_selected(self) -> None:
        self.action_read("show")

    def action_help(self) -> None:
        pairs = [
            (_KEY_NAMES.get(key, key), self.say(f"top.key.{name}")) for key, _, name, _ in KEYS
        ]
        pairs += [("Tab", self.say("top.key.next_pane"))]
        pairs += [("1 2 3 4", self.say("top.key.panes")), ("↑ ↓", self.say("top.key.choose"))]
        page = KeyValues(title=self.say("top.keys"), pairs=tuple(pairs))
        self.push_screen(Page(Reply(parts=(page,)), self.say))

    # ── arranging ────────────────────────────────────────────────────────────

    def action_order(self) -> None:
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]
        self._tell("top.order", order=self.say(f"top.orders.{self.order}"))
        self._arrange()

    def action_pause(self) -> None:
        self.paused = not self.paused
        self._arrange()

    def action_pane(self, number: int) -> None:
        """The pane of that number, the next one for 0."""
        if len(self.screen_stack) > 1:
            return
        at = number - 1 if number else (PANES.index(self.pane) + 1) % len(PANES)
        self.pane = PANES[at]
        self._arrange()
        self.panes.query_one(f"#{self.pane}").focus()

    def action_filter(self) -> None:
        field = self.query_one("#filter", Input)
        field.add_class("there")
        field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.wanted = event.value
        self._arrange()

    def on_input_submitted(self) -> None:
        self.query_one("#filter").remove_class("there")
        self.query_one("#tasks").focus()

    def on_key(self, event: Any) -> None:
        if event.key == "escape" and len(self.screen_stack) == 1:
            self.query_one("#filter", Input).value = ""
            self._line("#said", "")
            self.on_input_submitted()


_KEY_NAMES = {"slash": "/", "question_mark": "?"}


def _told(part: Part) -> str:
    """An answer on one line."""
    match part:
        case Notice():
            return f"{part.text} {part.hint}".strip()
        case _:
            return ""
