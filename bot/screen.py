"""Output of a command line program: replies, errors, JSON; on streams that may be anything.

Standard output holds answers, standard error what is said about the work. A stream that is
closed, as by `| head -1`, is left alone from then on: what the program does and its exit code
do not depend on who reads.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from traceback import format_exception
from typing import Any, TextIO

import msgspec

from bot.messages import Messages
from bot.reply import Card, Notice, Part, Reply, Text
from swarm_core import Environment, WaggleError, describe, redact

FALLBACK_WIDTH = 80


class Screen:
    """The two standard streams. `as_json`: answers are one JSON object on the last line."""

    def __init__(self, messages: Messages, environment: Environment, *, as_json: bool) -> None:
        self.say = messages
        self.as_json = as_json
        self._environment = environment
        self._gone: set[int] = set()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")

    def answer(self, view: Any, reply: Reply) -> None:
        """The answer of a command."""
        if self.as_json:
            self.object(view)
        else:
            self._put(sys.stdout, reply.parts)

    def outcome(self, view: Any, reply: Reply) -> None:
        """The end of a task that was waited for: its text alone on standard output, so that it
        can be piped on; the rest beside it."""
        said = [part for part in reply.parts if not isinstance(part, Text)]
        if view["state"] != "done":
            self._put(sys.stderr, reply.parts)
        else:
            self._put(sys.stderr, said)
            if not self.as_json:
                self._put(sys.stdout, [p for p in reply.parts if isinstance(p, Text)])
        if self.as_json:
            self.object(view)

    def remark(self, parts: Iterable[Part]) -> None:
        """Something about the work, on standard error."""
        self._put(sys.stderr, parts)

    def note(self, key: str, **values: Any) -> None:
        """One sentence of the catalogue, on standard error."""
        self.remark([Notice(level="info", text=self.say(key, **values))])

    def ask(self, key: str) -> str | None:
        """What the person at the terminal answers, in small letters; None when nobody is there."""
        if self.as_json or not is_terminal():
            return None
        sys.stderr.write(f"{self.say(key)} ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        return line.strip().casefold() if line else None

    @property
    def live(self) -> bool:
        """Whether somebody sits there who can be shown a screen that changes."""
        capable = self._environment.variables.get("TERM", "dumb") != "dumb"
        # Such a screen is drawn on standard error, and stands in the place of an answer.
        there = is_terminal() and _stream_is_terminal(sys.stdout)
        return capable and not self.as_json and there

    def state(self, card: Card) -> None:
        """That a task has moved on: said when it waits, else only to somebody who watches."""
        if card.level == "warn" or _stream_is_terminal(sys.stderr):
            lines = "; ".join((f"{card.title} [{card.state}]", *card.lines))
            self.remark([Notice(level="info", text=lines)])

    def error(self, error: WaggleError) -> None:
        said = self.say.error(error)
        self.remark([Notice(level="error", text=said)])
        if self.as_json:
            self.object({"error": error.code, "data": error.data, "message": said})

    def crash(self, error: Exception, *, traceback: bool = False) -> None:
        """A fault of ours."""
        problem = describe(error)
        if traceback:
            self._write(sys.stderr, "".join(format_exception(error)))
        said = self.say("unexpected.crash", problem=problem)
        self.remark([Notice(level="error", text=said)])
        if self.as_json:
            self.object({"error": "internal", "data": {"problem": problem}, "message": said})

    def streams(self, *, forced: bool) -> bool:
        """Whether an answer is written while it comes: to who sits there, or where it is
        `forced`; never where programs are told one object."""
        return not self.as_json and (forced or _stream_is_terminal(sys.stdout))

    def piece(self, text: str) -> None:
        """A piece of a text on standard output, at once and as it is."""
        self._write(sys.stdout, text, end="")

    def write(self, text: str) -> None:
        """One plain line on standard output."""
        self._write(sys.stdout, text)

    def object(self, value: Any) -> None:
        """One JSON object on standard output."""
        # ASCII, so that it is the same object whatever the encoding of the stream.
        self._write(sys.stdout, json.dumps(msgspec.to_builtins(value)))

    def _put(self, stream: TextIO | None, parts: Iterable[Part]) -> None:
        from bot.render.terminal import render

        shown = tuple(parts)
        if not shown or stream is None:
            return
        styled = _stream_is_terminal(stream) and not self._environment.no_color
        width = self._environment.columns or _width(stream)
        self._write(stream, render(Reply(parts=shown), width=width, styled=styled))

    def _write(self, stream: TextIO | None, text: str, end: str = "\n") -> None:
        if stream is None or id(stream) in self._gone:
            return
        try:
            stream.write(f"{redact(text)}{end}")
            stream.flush()
        except (OSError, ValueError):
            self._gone.add(id(stream))
            _silence(stream)


def is_terminal() -> bool:
    """Whether a person can be asked here, and would see the question."""
    return _stream_is_terminal(sys.stdin) and _stream_is_terminal(sys.stderr)


def _stream_is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def _width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or FALLBACK_WIDTH
    except (OSError, ValueError):
        return FALLBACK_WIDTH


def _silence(stream: TextIO) -> None:
    """Let the interpreter's last flush of a closed pipe go nowhere instead of failing."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return
