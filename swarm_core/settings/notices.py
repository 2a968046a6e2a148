"""Sections about what people and other systems are told, and when."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated, Any

from swarm_core.kernel.actor import SORTS
from swarm_core.kernel.hours import Span, time_of_day
from swarm_core.kernel.secret import Secret
from swarm_core.settings.endpoints import Address, FromVariable
from swarm_core.settings.kinds import Choice, Duration, Flag, Kind, Many, Text, misfit
from swarm_core.settings.section import About, Section


class Hours(Kind[Span]):
    """`22:00-08:00`"""

    expected = "hours of a day like 22:00-08:00"
    none = "no such hours"

    def read(self, text: str) -> Span:
        try:
            return Span.of(text)
        except ValueError:
            raise misfit("is not a span of hours") from None

    def check(self, value: Any) -> Span:
        if not isinstance(value, Span):
            raise misfit("is not a span of hours")
        return value


class Hour(Kind[time]):
    """`08:30`"""

    expected = "a time of day like 08:30"
    none = "none is sent"

    def read(self, text: str) -> time:
        try:
            return time_of_day(text)
        except ValueError:
            raise misfit("is not a time of day") from None

    def check(self, value: Any) -> time:
        if type(value) is not time:
            raise misfit("is not a time of day")
        return value

    def show(self, value: Any) -> str:
        return f"{value:%H:%M}"


class Notices(Section):
    """When people are told. Each sets their own by `/me quiet`, `/me digest` and `/notify`."""

    quiet_hours: Annotated[
        Span | None,
        Hours(),
        About(
            "Hours, in each person's time zone, in which only approvals, failures and what was "
            "just asked for are sent; the rest waits for their end."
        ),
    ] = Span(time(22), time(8))
    digest: Annotated[
        time | None,
        Hour(),
        About("The time of day, in each person's time zone, for a digest."),
    ] = time(8, 30)
    asked_for: Annotated[
        timedelta,
        Duration(timedelta(0), timedelta(days=1)),
        About("For how long what somebody asked for is sent in their quiet hours as well."),
    ] = timedelta(hours=1)
    wake_for: Annotated[
        str,
        Choice("critical", "all", "none"),
        About("Which incidents are told in quiet hours as well; the others wait for their end."),
    ] = "critical"
    remind_after: Annotated[
        timedelta | None,
        Duration(timedelta(minutes=1), timedelta(days=7), "never"),
        About("After what time people are reminded of an incident that nobody has taken."),
    ] = timedelta(minutes=30)
    escalate_after: Annotated[
        timedelta | None,
        Duration(timedelta(minutes=1), timedelta(days=7), "never"),
        About("After what time the next ones of `notices.escalation` are told of it."),
    ] = timedelta(hours=1)
    escalation: Annotated[
        tuple[str, ...],
        Many(Text(100, "owner, admins, or a person like person/7 or chat/80351110")),
        About(
            "Who is told of an incident that nobody has taken, one after the other: `owner`,"
            " `admins`, or a person by number or account."
        ),
    ] = ("owner", "admins")


class WebhookSettings(Section):
    """Another system that is told of events, under a name of your choice."""

    url: Annotated[
        str,
        Address(),
        About("Where events are posted to. A private address has to stand in `egress.allow`."),
    ]
    secret: Annotated[
        Secret | None,
        FromVariable(),
        About("The variable of the environment with the secret events are signed with."),
    ] = None
    events: Annotated[
        tuple[str, ...],
        Many(Choice(*SORTS)),
        About("The only sorts of events to tell of; none listed: all."),
    ] = ()
    texts: Annotated[
        bool,
        Flag(),
        About("Whether what was asked and answered goes along; else only numbers and states."),
    ] = False
    enabled: Annotated[bool, Flag(), About("Whether it is told of anything.")] = True
