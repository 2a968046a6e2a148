"""Sections of work that recurs: standing priorities, and how much is done unattended."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal

from swarm_core.kernel.hours import Span
from swarm_core.kernel.money import MicroUSD
from swarm_core.settings.kinds import Choice, Duration, Flag, Kind, Money, Text, misfit
from swarm_core.settings.notices import Hours
from swarm_core.settings.section import About, Clash, Section

_NONE, _MINUTE, _DAY = timedelta(0), timedelta(minutes=1), timedelta(days=1)
_TRIGGERS = ("every", "cron", "at", "idle", "when")
_TEXT = 20_000
"""Characters of what is to be done; as much as a request may have fits in a file, not here."""


class LocalTime(Kind[str]):
    """`2027-03-01 08:00`"""

    expected = "a date and time like 2027-03-01 08:00"
    none = "no single time"

    def read(self, text: str) -> str:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}", text):
            raise misfit("is not a date and time")
        return text.replace("T", " ")

    def check(self, value: object) -> str:  # noqa: ARG002
        raise misfit("is not a date and time")


class Automation(Section):
    """What the swarm does by itself, without anybody having asked just now."""

    mode: Annotated[
        Literal["manual", "hybrid", "auto"],
        Choice("manual", "hybrid", "auto"),
        About(
            "What standing priorities may do. manual: nothing by themselves. hybrid: what is free,"
            " and what somebody has said yes to the price of; the rest asks. auto: everything"
            " within its caps."
        ),
    ] = "hybrid"


class PrioritySettings(Section):
    """Recurring work under a name of your choice. One of `every`, `cron`, `at`, `idle` and `when`
    says when, `run` what."""

    run: Annotated[str, Text(_TEXT), About("What is to be done, as one would ask for it.")]
    every: Annotated[
        timedelta | None,
        Duration(_MINUTE, 3_650 * _DAY, none="not at equal distances"),
        About("The time from one run to the next, counted from midnight UTC."),
    ] = None
    cron: Annotated[
        str | None,
        Text(200, "five fields as cron has them, like 0 9 * * 1-5", none="not by a calendar"),
        About("Minute, hour, day of month, month, day of week; 0 and 7 are Sunday."),
    ] = None
    at: Annotated[str | None, LocalTime(), About("Once, at this time in `zone`.")] = None
    idle: Annotated[
        timedelta | None,
        Duration(_MINUTE, 30 * _DAY, none="not for idleness"),
        About("When nothing has been at work or waiting its turn for this long."),
    ] = None
    when: Annotated[
        str | None,
        Text(200, "the name of a fact, like task.ended outcome=failed", none="not for a fact"),
        About("When a fact of this kind is in the journal, with these values in its fields."),
    ] = None
    zone: Annotated[
        str | None,
        Text(80, "the name of a time zone, like Europe/Berlin", none="the owner's zone"),
        About("The time zone of `cron`, `at` and `quiet`."),
    ] = None
    action: Annotated[
        Literal["task", "ask", "remind"],
        Choice("task", "ask", "remind"),
        About("task: work. ask: a question. remind: the text itself is told."),
    ] = "task"
    worker: Annotated[
        str | None, Text(64, "a worker's name", none="whoever is best"), About("Who is to do it.")
    ] = None
    model: Annotated[
        str | None,
        Text(200, "a model's id", none="the worker's usual one"),
        About("The model it is to be done with."),
    ] = None
    cap: Annotated[MicroUSD, Money(), About("Most that one run may cost.")] = MicroUSD(100_000)
    month_cap: Annotated[
        MicroUSD, Money(), About("Most that all its runs in one month (UTC) may cost.")
    ] = MicroUSD(3_000_000)
    approved: Annotated[
        MicroUSD,
        Money(),
        About("A run that may cost up to this needs no further yes in hybrid mode."),
    ] = MicroUSD(0)
    cooldown: Annotated[
        timedelta,
        Duration(_NONE, 30 * _DAY),
        About(
            "Least time from one run to the next. As it is by default, it is no longer than the"
            " time between two instants."
        ),
    ] = timedelta(minutes=30)
    overlap: Annotated[
        Literal["skip", "queue", "replace"],
        Choice("skip", "queue", "replace"),
        About("What a run does when the one before is still at work."),
    ] = "skip"
    jitter: Annotated[
        timedelta,
        Duration(_NONE, _DAY),
        About("Runs begin up to this much later, each by another length."),
    ] = _NONE
    quiet: Annotated[Span | None, Hours(), About("Hours, in `zone`, in which it does not run.")] = (
        None
    )
    gate: Annotated[
        str | None,
        Text(2_000, "a request that a playbook serves", none="nothing is looked at first"),
        About("What is looked at first, for free; the rest is done as `gate_when` says."),
    ] = None
    gate_when: Annotated[
        Literal["done", "failed", "changed"],
        Choice("done", "failed", "changed"),
        About("How the gate has to end: done, failed, or with another result than last time."),
    ] = "done"
    only_if_changed: Annotated[
        bool, Flag(), About("Only when the gate says something else than at the last run.")
    ] = False
    report: Annotated[
        Literal["always", "change", "failure", "digest"],
        Choice("always", "change", "failure", "digest"),
        About("Which ends are told at once."),
    ] = "failure"
    catch_up: Annotated[
        Literal["ask", "latest", "skip"],
        Choice("ask", "latest", "skip"),
        About("What becomes of runs that were missed: people are asked, the last one runs, none."),
    ] = "ask"
    mode: Annotated[
        Literal["manual", "hybrid", "auto"] | None,
        Choice("manual", "hybrid", "auto", none="as `automation.mode` says"),
        About("What it may do by itself."),
    ] = None
    channel: Annotated[
        str | None,
        Text(200, "a place like chat/123/456: surface, server or chat, channel", none="terminal"),
        About("Where it reports."),
    ] = None
    enabled: Annotated[bool, Flag(), About("Whether it is there at all.")] = True

    def clashes(self) -> Iterable[Clash]:
        given = [name for name in _TRIGGERS if getattr(self, name) is not None]
        wanted = "one of every, cron, at, idle and when"
        if not given:
            yield Clash(key="", problem="it does not say when", expected=wanted)
        elif len(given) > 1:
            problem = f"it has {' and '.join(given)}"
            yield Clash(key=given[-1], problem=problem, expected=wanted)
        if self.only_if_changed and self.gate is None:
            problem = "nothing is looked at that could have changed"
            yield Clash(key="only_if_changed", problem=problem, expected="a gate as well")
        if self.channel is not None and self.channel.count("/") not in (1, 2):
            problem = "it names no place"
            yield Clash(key="channel", problem=problem, expected="a place like chat/123/456")
