"""Values of a rehearsed week, and what goes wrong in it. Part of the composition."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from swarm_core.budget import standing as money
from swarm_core.budget.model import UNATTENDED
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.money import MicroUSD
from swarm_core.people import TERMINAL
from swarm_core.schedule.cron import following, machine_zone
from swarm_core.schedule.model import (
    BY_THE_CLOCK,
    MINUTE,
    Cron,
    Every,
    Gate,
    Shown,
    StandingPriority,
)
from swarm_core.store import Rows

HOUR = 60 * MINUTE
_SITE = "https://example.com"


class PriorityWeek(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one. `planned` are the instants that its plan has, None where no clock says
    them; `skipped` by reason; `failed` of those that ran."""

    name: str
    planned: int | None
    ran: int
    failed: int
    missed: int
    skipped: dict[str, int]
    spent: MicroUSD
    cap: MicroUSD
    paused: str


class DayOfMoney(msgspec.Struct, frozen=True, kw_only=True):
    """One day (UTC): all that was spent and its cap, and what was spent unattended and its cap.
    A cap of None is none."""

    day: str
    spent: MicroUSD
    cap: MicroUSD | None
    unattended: MicroUSD
    unattended_cap: MicroUSD | None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Something that would have been sent: when, to which place, of which kind."""

    at: Micros
    to: str
    kind: str
    task: int


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """site and model: out of reach; money: nothing more may be spent; asleep: the machine."""

    kind: str
    begin: Micros
    end: Micros


class WeekReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a week would have been like."""

    seed: int
    start: Micros
    end: Micros
    priorities: tuple[PriorityWeek, ...]
    days: tuple[DayOfMoney, ...]
    told: tuple[Told, ...]
    troubles: tuple[Trouble, ...]
    quiet: str


Span = tuple[datetime, datetime]


class Troubles(msgspec.Struct, frozen=True, kw_only=True):
    """When what is out of order; nothing ever, unless it is drawn."""

    site: Span | None = None
    model: Span | None = None
    money: Span | None = None
    asleep: Span | None = None

    @classmethod
    def drawn(cls, draw: random.Random, start: datetime) -> Troubles:
        def span(day: int, hour: float, hours: float) -> Span:
            begin = start + timedelta(days=day, hours=hour, minutes=draw.randint(0, 59))
            return begin, begin + timedelta(hours=hours)

        purse = (start + timedelta(days=3)).replace(hour=10, minute=0, second=0, microsecond=0)
        return cls(
            site=span(1, draw.uniform(0, 22), draw.uniform(1, 8)),
            model=span(2, draw.uniform(0, 22), draw.uniform(0.5, 4)),
            money=(purse, purse.replace(hour=23, minute=59)),
            asleep=span(5, draw.uniform(0, 12), draw.uniform(3, 10)),
        )

    def reach(self, now: datetime, *, free: bool, text: str) -> str:
        """What is out of reach for such work now; '' for nothing."""
        if free and "://" in text and _within(self.site, now):
            return text.partition("://")[2].split("/")[0].split()[0]
        return "model" if not free and _within(self.model, now) else ""

    def purse(self) -> Iterator[tuple[datetime, bool]]:
        """When there is no money any more (True), and when there is again."""
        if self.money:
            yield self.money[0], True
            yield self.money[1], False

    def awake(self, start: datetime, end: datetime) -> Iterator[Span]:
        """When the machine is."""
        if self.asleep is None:
            yield start, end
            return
        yield start, self.asleep[0]
        yield self.asleep[1], end

    def told(self) -> tuple[Trouble, ...]:
        return tuple(
            Trouble(kind=kind, begin=to_micros(span[0]), end=to_micros(span[1]))
            for kind in ("site", "model", "money", "asleep")
            if (span := getattr(self, kind))
        )


def _within(span: Span | None, now: datetime) -> bool:
    return span is not None and span[0] <= now < span[1]


def examples() -> list[StandingPriority]:
    """What somebody might have done again and again."""
    zone = machine_zone()

    def one(name: str, text: str, trigger: Cron | Every, **more: object) -> StandingPriority:
        usual = {"name": name, "text": text, "trigger": trigger, "zone": zone, "by": ""}
        return msgspec.convert(
            msgspec.to_builtins({**usual, "place": TERMINAL, **more}), StandingPriority
        )

    yes, dear = MicroUSD(100_000), MicroUSD(2_000_000)
    return [
        one("site", f"check {_SITE}", Every(period=15 * MINUTE, start=Micros(0))),
        one("brief", "what is new in my notes?", Cron("0 7 * * 1-5"), action="ask", approved=yes),
        one(
            "report",
            "write a short report of what the site has had to say",
            Cron("0 9 * * 1"),
            approved=yes,
            gate=Gate(run=f"check {_SITE}"),
            report="always",
        ),
        one("weekend", "book the meeting room for Monday", Cron("30 16 * * 5"), action="remind"),
        one("review", "review the work of the day", Cron("0 3 * * *"), cap=dear, approved=dear),
    ]


def week_of(shown: Shown, start: Micros, end: Micros) -> PriorityWeek:
    """What became of a priority from `start` on and before `end`."""
    standing = shown.standing
    priority = standing.priority
    week = [each for each in shown.instants if start < each.at < end]
    ran = [each for each in week if each.state == "ran"]
    return PriorityWeek(
        name=priority.name,
        planned=_planned(priority, start, end),
        ran=len(ran),
        failed=sum(each.outcome == "failed" for each in ran),
        missed=sum(each.state == "missed" for each in week),
        skipped=dict(Counter(str(each.reason) for each in week if each.state == "skipped")),
        spent=MicroUSD(sum(each.cost for each in ran)),
        cap=priority.month_cap,
        paused=standing.paused,
    )


def _planned(priority: StandingPriority, start: Micros, end: Micros) -> int | None:
    if not isinstance(priority.trigger, BY_THE_CLOCK):
        return None
    count, at = 0, following(priority.trigger, priority.zone, start)
    while at is not None and at < end:
        count, at = count + 1, following(priority.trigger, priority.zone, at)
    return count


def spending_of(rows: Rows, days: Sequence[str]) -> tuple[DayOfMoney, ...]:
    """How the money of these days stands."""
    found = []
    for day in days:
        whole, alone = (money.room(rows, f"{name}/{day}") for name in ("day", f"{UNATTENDED}_day"))
        found.append(
            DayOfMoney(
                day=day,
                spent=whole.spent,
                cap=whole.cap,
                unattended=alone.spent,
                unattended_cap=alone.cap,
            )
        )
    return tuple(found)
