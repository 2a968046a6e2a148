"""Values of a digest, and what is unusual enough to stand in one: pure, so that the same history
says the same.

A digest is numbers and ids, never words: what people wrote is read when it is shown, so that what
was erased meanwhile stays erased, and a question that was answered is not asked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from statistics import median
from typing import Literal

import msgspec

from swarm_core.kernel.clock import Micros, from_micros
from swarm_core.kernel.ids import ApprovalId, TaskId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.tasks.ended import Once
from swarm_core.tasks.model import TaskState

LATE = timedelta(hours=12)
"""What is later than this goes into the next one."""
DAYS = 7
"""Days that the chart shows."""
DAYS_BEFORE = 14
"""Days with which one is compared."""
_KNOWN_DAYS = 5
"""On as many of those something has to be spent, else nobody knows what is usual."""
_KNOWN_RUNS = 5
RUNS = 20
_SECOND = 1_000_000
LEAST_TOOK = 60 * _SECOND
LEAST_COST = MicroUSD(10_000)
"""Less than that above what is usual is nobody's trouble."""


class Ends(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How many tasks ended, and what they cost."""

    done: int = 0
    failed: int = 0
    cancelled: int = 0
    cost: MicroUSD = ZERO

    def __bool__(self) -> bool:
        return bool(self.done or self.failed or self.cancelled)

    def and_one(self, state: TaskState, tasks: int, cost: int) -> Ends:
        """With so many more of a state."""
        name = state.value
        more = {name: getattr(self, name) + tasks, "cost": MicroUSD(self.cost + cost)}
        return msgspec.structs.replace(self, **more)


class Group(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How the tasks of one standing priority ended."""

    name: str
    ends: Ends


class Missed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Instants of a standing priority that passed while nobody was there."""

    name: str
    instants: int


class Trouble(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An incident: `number` and the command that shows it; `closed` when it is over."""

    number: int
    name: str
    closed: bool


class Amounts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One account: spent and held of a cap, None where nothing limits it."""

    account: str
    spent: MicroUSD
    held: MicroUSD
    cap: MicroUSD | None


class Spent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a UTC day cost, as `2026-01-31`."""

    day: str
    spent: MicroUSD


class Whole(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The swarm's: today, this month, the last days with today as the last, everybody's ends."""

    today: Amounts
    month: Amounts
    days: tuple[Spent, ...]
    ends: Ends


class Unusual(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is not as it mostly is. day: a day `of` that date cost `value` micro-dollars. took,
    cost: a `task` of the priority `of` took so many microseconds, or cost so much; all three
    against what is `usual`. failure: a `task` failed after `usual` others in a row that were
    done, of the priority or by the worker `of`."""

    sort: Literal["day", "took", "cost", "failure"]
    of: str
    value: int = 0
    usual: int = 0
    task: TaskId | None = None


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is told of from `since` to just before `upto`; waiting and money as they stood
    at `upto`. Of lists the first few, with how many there are in all. `day` is their own."""

    person: int
    day: str
    since: Micros
    upto: Micros
    own: Ends = Ends()
    groups: tuple[Group, ...] = ()
    failures: tuple[TaskId, ...] = ()
    failed: int = 0
    approvals: tuple[ApprovalId, ...] = ()
    to_decide: int = 0
    parked: tuple[TaskId, ...] = ()
    waiting: int = 0
    missed: tuple[Missed, ...] = ()
    incidents: tuple[Trouble, ...] = ()
    undelivered: int = 0
    spent: tuple[Spent, ...] = ()
    """What the person spent on each UTC day that the span touches; none for the owner, who has
    no account of their own."""
    money: Amounts | None = None
    whole: Whole | None = None
    unusual: tuple[Unusual, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell. Money alone is not."""
        told = (
            *(self.own, self.groups, self.to_decide, self.waiting, self.missed, self.incidents),
            *(self.undelivered, self.whole and self.whole.ends, self.unusual),
        )
        return not any(told)


def instant_of(day: date, hour: time, zone: tzinfo | None) -> datetime:
    """When that hour is on that day in a zone, None for the machine's: one that the change of the
    clocks leaves out is as much later, one that comes twice is the first."""
    return datetime.combine(day, hour, zone).astimezone(UTC)


def latest(now: datetime, hour: time, zone: tzinfo | None) -> tuple[date, datetime]:
    """The newest day whose hour has come, and when that was."""
    today = now.astimezone(zone).date()
    days = (today - timedelta(days=n) for n in range(3))
    return next((day, at) for day in days if (at := instant_of(day, hour, zone)) <= now)


def following(now: datetime, hour: time, zone: tzinfo | None) -> datetime:
    """When the next one is due, after now."""
    today = now.astimezone(zone).date()
    later = (instant_of(today + timedelta(days=n), hour, zone) for n in range(3))
    return next(at for at in later if at > now)


def days_of(since: Micros, upto: Micros, most: int) -> list[str]:
    """The UTC days of a span, oldest first, the last `most`."""
    last = from_micros(upto).date()
    first = max(from_micros(since).date(), last - timedelta(days=most - 1))
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def dear_days(judged: Sequence[str], spent: Mapping[str, int]) -> list[Unusual]:
    """Those of the days on which more than twice what is usual was spent: the median of those of
    the fourteen days before that cost anything, at least five."""
    found = []
    for day in judged:
        before = (date.fromisoformat(day) - timedelta(days=n + 1) for n in range(DAYS_BEFORE))
        known = [cost for each in before if (cost := spent.get(each.isoformat(), 0))]
        if len(known) < _KNOWN_DAYS:
            continue
        usual, cost = int(median(known)), spent.get(day, 0)
        if cost > 2 * usual and cost - usual >= LEAST_COST:
            found.append(Unusual(sort="day", of=day, value=cost, usual=usual))
    return found


def odd_runs(name: str, ended: Sequence[Once], since: Micros) -> list[Unusual]:
    """What is unusual in those of a priority, given newest first, that ended from `since` on: three
    times as long or as dear as is usual of up to twenty done before; the dearest and the longest
    alone. And a failure after twenty that were done."""
    worst: dict[str, Unusual] = {}
    for n, each in enumerate(ended):
        if each.ended < since:
            continue
        earlier = ended[n + 1 : n + 1 + RUNS]
        if each.state is TaskState.FAILED and first_failure([e.state for e in earlier]):
            worst["failure"] = Unusual(sort="failure", of=name, usual=RUNS, task=each.task)
        done = [e for e in earlier if e.state is TaskState.DONE]
        if each.state is not TaskState.DONE or len(done) < _KNOWN_RUNS:
            continue
        took, cost = int(median(e.took for e in done)), int(median(e.cost for e in done))
        for odd in (
            Unusual(sort="took", of=name, value=each.took, usual=took, task=each.task),
            Unusual(sort="cost", of=name, value=each.cost, usual=cost, task=each.task),
        ):
            least = LEAST_TOOK if odd.sort == "took" else LEAST_COST
            much = odd.value > 3 * odd.usual and odd.value - odd.usual >= least
            if much and (odd.sort not in worst or odd.value > worst[odd.sort].value):
                worst[odd.sort] = odd
    return list(worst.values())


def first_failure(before: Sequence[TaskState]) -> bool:
    """Whether the twenty before, given newest first, were all done."""
    return len(before) >= RUNS and all(each is TaskState.DONE for each in before[:RUNS])
