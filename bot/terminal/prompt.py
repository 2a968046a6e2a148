"""The line to type on, at the bottom of what was printed, with live cards below it.

The terminal is never asked where its cursor is: the answer comes late, or never, and could be
taken for typed keys. So the cards stand directly below the line, not at the screen's end.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from prompt_toolkit.application import Application, in_terminal
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.formatted_text import ANSI, AnyFormattedText, merge_formatted_text
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.shortcuts import PromptSession
from prompt_toolkit.styles import Style
from prompt_toolkit.utils import get_term_environment_variable

from bot.messages import Messages
from bot.render.terminal import render
from bot.reply import Reply
from bot.surface import Door
from bot.terminal.completing import LineCompleter
from bot.terminal.history import History
from bot.terminal.live import LiveCards

if TYPE_CHECKING:
    from typing import TextIO

_MARK = "> "
_MENU = 8
"""Rows of the menu of completions; it scrolls."""
_STYLE = Style.from_dict(
    {
        "prompt": "bold",
        "bottom-toolbar": "noreverse",
        "completion-menu": "noreverse bg:default",
        "completion-menu.completion": "bg:default fg:default",
        "completion-menu.completion.current": "reverse",
        "completion-menu.meta.completion": "bg:default fg:default",
        "completion-menu.meta.completion.current": "reverse",
    }
)


class Screen(Vt100_Output):
    """A terminal that is not asked for its cursor: what is drawn takes the rows it needs."""

    def get_rows_below_cursor_position(self) -> int:
        return 1


def screen(stream: TextIO) -> Screen:
    """The terminal behind `stream`."""
    made = Screen.from_pty(stream, term=get_term_environment_variable())
    assert isinstance(made, Screen)
    made.enable_cpr = False
    return made


def open_session(
    door: Door,
    history: Path,
    *,
    source: Input | None,
    target: Output | None,
) -> PromptSession[str]:
    """A line editor that remembers in `history` and completes what `door` knows."""
    return PromptSession(
        _MARK,
        completer=LineCompleter(door),
        history=History(history),
        input=source,
        output=target or screen(sys.stdout),
    )


class Prompt:
    """Reads lines, and prints replies above the one being typed."""

    def __init__(
        self, session: PromptSession[str], cards: LiveCards, say: Messages, *, styled: bool
    ) -> None:
        self._session = session
        self._cards = cards
        self._say = say
        self._styled = styled
        self._printing = asyncio.Lock()
        self._leaving = False
        session.key_bindings = self._keys()
        session.style = _STYLE
        session.color_depth = None if styled else ColorDepth.DEPTH_1_BIT
        session.prompt_continuation = " " * len(_MARK)
        session.complete_while_typing = Condition(self._is_command)
        session.app.before_render += self._fit
        session.default_buffer.on_text_changed += lambda _: self._stay()

    async def read(self) -> str | None:
        """The next line, or several that were pasted, without space around; None at the end."""
        self._stay()
        try:
            typed = await self._session.prompt_async(
                set_exception_handler=False, handle_sigint=False
            )
        except EOFError:
            return None
        return typed.strip()

    async def show(self, reply: Reply) -> None:
        """Print `reply` after what was shown before, leaving the typed line as it is.

        Raises OSError when the terminal is gone.
        """
        output = self._session.output
        text = render(reply, width=output.get_size().columns, styled=self._styled)
        if not text:
            return
        async with self._printing, in_terminal():
            output.write_raw(f"{text}\n\n")
            output.flush()

    def redraw(self) -> None:
        """Draw the cards as they are now."""
        self._session.bottom_toolbar = self._below if self._leaving or self._card_text() else None
        self._session.app.invalidate()

    def _below(self) -> AnyFormattedText:
        hint = self._say("chat.again") if self._leaving else ""
        cards = self._card_text()
        between = "\n\n" if hint and cards else ""
        return merge_formatted_text([[("", "\n"), ("italic", hint + between)], ANSI(cards)])

    def _card_text(self) -> str:
        size = self._session.output.get_size()
        return self._cards.text(size.columns, size.rows)

    def _fit(self, app: Application[str]) -> None:
        """Take the rows that the menu needs, and give back those of a menu or card that is gone:
        they would stay as a gap."""
        drawn = app.renderer.last_rendered_screen
        size = app.output.get_size()
        typed = self._session.default_buffer
        entries = len(typed.complete_state.completions) if typed.complete_state else 0
        typed_rows = 1 + len(typed.text) // max(size.columns - len(_MARK), 1)
        self._session.reserve_space_for_menu = entries and typed_rows + min(entries, _MENU)
        needed = app.layout.container.preferred_height(size.columns, size.rows).preferred
        if drawn and needed < drawn.height and not app.is_done:
            app.renderer.erase()

    def _is_command(self) -> bool:
        return self._session.default_buffer.text.startswith("/")

    def _stay(self) -> None:
        if self._leaving:
            self._leaving = False
            self.redraw()

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        typing = has_focus(DEFAULT_BUFFER)

        @keys.add("c-c", filter=typing)
        def _clear(event: KeyPressEvent) -> None:
            if event.current_buffer.text:
                event.current_buffer.reset()
            elif self._leaving:
                event.app.exit(exception=EOFError())
            else:
                self._leaving = True
                self.redraw()

        @keys.add("escape", "enter", filter=typing)
        def _next_line(event: KeyPressEvent) -> None:
            event.current_buffer.newline()

        @keys.add("backspace", filter=typing & Condition(self._is_command))
        def _reconsider(event: KeyPressEvent) -> None:
            # The editor offers completions after a key that adds something only.
            event.current_buffer.delete_before_cursor(event.arg)
            event.current_buffer.start_completion()

        return keys
