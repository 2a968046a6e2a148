"""What stands over the board for a moment: a question, a page to read."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from bot.messages import Messages
from bot.render.terminal import render
from bot.reply import Reply


class Confirm(ModalScreen[bool]):
    """Asks before something is done. Only `y` is a yes."""

    DEFAULT_CSS = """
    Confirm { align: center middle; }
    Confirm > Vertical { width: 90%; max-width: 76; height: auto; max-height: 100%;
        border: round $warning; padding: 0 1; background: $surface; }
    Confirm Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("y", "answer(True)", ""),
        ("n,escape,q", "answer(False)", ""),
    ]

    def __init__(self, question: str, say: Messages) -> None:
        super().__init__()
        self._question = question
        self._say = say

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._question, markup=False)
            yield Static(self._say("top.confirm"), markup=False)

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)


class Page(ModalScreen[None]):
    """An answer of the swarm, to be read and scrolled."""

    DEFAULT_CSS = """
    Page { align: center middle; }
    Page > VerticalScroll { width: 100%; height: 100%; border: round $primary; padding: 0 1;
        background: $surface; }
    Page Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q,enter,space", "leave", "")]

    def __init__(self, reply: Reply, say: Messages) -> None:
        super().__init__()
        self._reply = reply
        self._say = say

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(markup=False, id="text")

    def on_mount(self) -> None:
        self._show(self.app.size.width)
        self.query_one(VerticalScroll).focus()

    def on_resize(self) -> None:
        self._show(self.app.size.width)

    def _show(self, width: int) -> None:
        text = render(self._reply, width=max(20, width - 6), styled=False)
        self.query_one("#text", Static).update(f"{text}\n\n{self._say('top.leave')}")

    def action_leave(self) -> None:
        self.dismiss(None)
