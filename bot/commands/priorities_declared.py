"""The commands about work that recurs."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from bot.commands.declaring import Command, Param
from bot.commands.kinds import Amount, Choice, Kind, Misfit, Name, Span, Switch, Words

_MICROS = re.compile(r"[0-9]{14,18}")


class When(Kind):
    """An instant, or a length of time from now; without a zone it is meant in that of whatever
    it is given for. Microseconds since 1970 are how a button names one."""

    expected = "a time like 2026-12-24T19:00, or a length of time from now, like 2h"
    metavar = "when"

    def read(self, given: Any) -> timedelta | datetime | int:
        if isinstance(given, int) and not isinstance(given, bool):
            given = str(given)
        if not isinstance(given, str):
            raise Misfit
        text = given.strip()
        if _MICROS.fullmatch(text):
            return int(text)
        try:
            return Span().read(text)
        except Misfit:
            pass
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise Misfit from None


ADDING = ("add", "edit", "run", "pause", "resume", "remove", "skip", "cancel")
"""What changes something."""

PRIORITIES: tuple[Command, ...] = (
    Command(
        name="priority",
        aliases=("priorities",),
        params=(
            Param(name="do", kind=Choice("list", "show", *ADDING), word=True),
            Param(
                name="what",
                kind=Words("name|text", "a name, or what is to be done and when"),
                word=True,
            ),
            Param(name="name", kind=Name("name", "a short name")),
            Param(name="every", kind=Span()),
            Param(name="cron", kind=Words("fields", "five fields as cron has them")),
            Param(name="at", kind=When()),
            Param(name="when", kind=Words("idle|fact", "idle, idle 10m, or a kind of fact")),
            Param(name="zone", kind=Name("zone", "a time zone, like Europe/Berlin")),
            Param(name="action", kind=Choice("task", "ask", "remind")),
            Param(name="gate", kind=Words("request", "a request that a playbook serves, or none")),
            Param(name="gate-when", kind=Choice("done", "failed", "changed")),
            Param(name="only-if-changed", kind=Choice("yes", "no")),
            Param(name="worker", kind=Name("name", "the name of a worker, or none")),
            Param(name="model", kind=Name("model", "the name of a model, or none")),
            Param(name="cap", kind=Amount()),
            Param(name="month-cap", kind=Amount()),
            Param(name="approved", kind=Amount()),
            Param(name="cooldown", kind=Span()),
            Param(name="jitter", kind=Span()),
            Param(name="overlap", kind=Choice("skip", "queue", "replace")),
            Param(name="quiet", kind=Name("hours", "hours like 22:00-08:00, or none")),
            Param(name="report", kind=Choice("always", "change", "failure", "digest")),
            Param(name="catch-up", kind=Choice("ask", "latest", "skip")),
            Param(name="channel", kind=Name("place", "a place, like discord/10/77")),
            Param(name="mode", kind=Choice("manual", "hybrid", "auto", "default")),
            Param(name="yes", kind=Switch()),
            Param(name="key", kind=Name("word", "one word that names this run")),
            Param(name="by-model", kind=Switch()),
        ),
        example="/priority add check https://example.org hourly",
        reads=True,
        changing=ADDING,
        proposing=("add", "remove"),
    ),
    Command(
        name="automation",
        params=(Param(name="mode", kind=Choice("manual", "hybrid", "auto"), word=True),),
        example="/automation",
        reads=True,
        changing=("manual", "hybrid", "auto"),
    ),
)
