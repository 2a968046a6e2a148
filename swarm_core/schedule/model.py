"""Values of standing priorities. Times are microseconds since 1970, money micro-dollars."""

from __future__ import annotations

from typing import Literal

import msgspec

from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.money import MicroUSD

MINUTE = 60_000_000
LEAST_PERIOD = MINUTE
COOLDOWN = 30 * MINUTE
RUN_CAP = MicroUSD(100_000)
MONTH_CAP = MicroUSD(3_000_000)

Mode = Literal["manual", "hybrid", "auto"]
"""manual: nothing runs by itself. hybrid: what is free runs, and what costs if somebody has said
yes to its price; the rest asks. auto: everything runs within its caps."""
Action = Literal["task", "ask", "remind"]
"""remind: the text itself is told, and nothing is done."""
Overlap = Literal["skip", "queue", "replace"]
"""What an instant does whose predecessor is still at work."""
Report = Literal["always", "change", "failure", "digest"]
"""Which ends are told at once where the priority reports; failures that repeat are an incident
in each of them but digest, and all of them stand in the digest."""
CatchUp = Literal["ask", "latest", "skip"]
"""What becomes of instants that passed while nobody was there: a card asks, the last of them runs
once, none runs."""
Paused = Literal["", "person", "failures", "money", "gone"]
"""Why nothing runs: somebody said so, too many failures in a row, its month is spent, what it
needs (a worker, a workspace, a channel, who asked) is gone."""
Skipped = Literal[
    "paused",
    "manual",
    "quiet",
    "cooldown",
    "overlap",
    "gate",
    "unchanged",
    "money",
    "passed",
    "replaced",
    "caught_up",
    "refused",
    "person",
]
"""Why an instant did not run. passed: it was too long ago and nobody wanted it any more; caught_up:
a later one runs in its place; refused: intake took it not; person: somebody said so."""
InstantState = Literal["planned", "ran", "skipped", "missed"]


class Cron(msgspec.Struct, frozen=True, tag="cron", tag_field="on"):
    """Five fields as cron has them, in the zone of the priority. A wall-clock time that a change
    of the clocks leaves out is run right after it, one that comes twice is run once, as cron
    does; see docs/priorities.md."""

    fields: str


class Every(msgspec.Struct, frozen=True, tag="every", tag_field="on"):
    """Each `period` from `start` on: `start` plus a whole number of periods, whatever clocks on
    walls do. At least a minute."""

    period: int
    start: Micros


class Once(msgspec.Struct, frozen=True, tag="once", tag_field="on"):
    at: Micros


class Idle(msgspec.Struct, frozen=True, tag="idle", tag_field="on"):
    """When nothing has been at work or waiting its turn for `after` microseconds."""

    after: int = 5 * MINUTE


class Happens(msgspec.Struct, frozen=True, tag="happens", tag_field="on"):
    """When a fact of this kind is in the journal, `task.ended`; `where` are fields that have to
    have these values, as text. Facts that come of the priority's own work do not count."""

    fact: str
    where: dict[str, str] = {}


Trigger = Cron | Every | Once | Idle | Happens
BY_THE_CLOCK = (Cron, Every, Once)


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """A free playbook that is run first: `run` is the request, as a person would write it. The
    rest is done when the gate is `done`, when it has `failed`, or is done with another result
    than the last time; what it says goes along as material."""

    run: str
    when: Literal["done", "failed", "changed"] = "done"


class StandingPriority(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done again and again, when, and what of it is told to whom.

    `name` is its id: a word of letters, digits and dashes. `by` is the key of the actor for whom
    it runs and whose rights it has. `approved` is the price of a run that somebody has said yes
    to. `quiet` are hours like `22:00-08:00` in `zone`, an IANA name. `worker` and `model` are
    wishes. `mode` '' is that of the swarm; `source`: file, it stands in waggle.yaml.
    """

    name: str
    text: str
    trigger: Trigger
    zone: str
    by: str
    place: Place
    action: Action = "task"
    worker: str | None = None
    model: str | None = None
    cap: MicroUSD = RUN_CAP
    month_cap: MicroUSD = MONTH_CAP
    approved: MicroUSD = MicroUSD(0)
    cooldown: int = COOLDOWN
    overlap: Overlap = "skip"
    jitter: int = 0
    quiet: str = ""
    gate: Gate | None = None
    only_if_changed: bool = False
    report: Report = "failure"
    catch_up: CatchUp = "ask"
    mode: Mode | Literal[""] = ""
    source: Literal["file", "chat"] = "chat"


class Instant(msgspec.Struct, frozen=True, kw_only=True):
    """One instant of a priority. `due` is `at` and its jitter; `late`: it ran after it was missed;
    `reason` of a skip; `outcome`, `cost` and `changed` (its result is another than the one before)
    once its task has ended."""

    name: str
    at: Micros
    due: Micros
    state: InstantState
    reason: Skipped | Literal[""] = ""
    task: int | None = None
    late: bool = False
    outcome: str = ""
    cost: MicroUSD = MicroUSD(0)
    changed: bool = False


class PriorityStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How it is with a priority. `since`: when it was paused; `next`: the next instant, None when
    none is known beforehand; `last`: the last that ran; `missed`: how many wait for a word;
    failures in a row of runs that cost, and of free ones."""

    priority: StandingPriority
    paused: Paused = ""
    since: Micros | None = None
    next: Micros | None = None
    last: Instant | None = None
    missed: int = 0
    spent_month: MicroUSD = MicroUSD(0)
    paid_failures: int = 0
    free_failures: int = 0


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A priority with its last instants, newest first, and those that were missed, oldest first,
    of which there may be more."""

    standing: PriorityStanding
    instants: tuple[Instant, ...]
    missed: tuple[Instant, ...]


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a priority will cost: who does it by what it is routed to now, None where nobody can;
    `most` for the first call of a run, under its cap; `usual` by its last runs, None without any;
    `month` what a month of it comes to at most, under its cap."""

    worker: str | None
    model: str | None
    most: MicroUSD
    usual: MicroUSD | None
    month: MicroUSD
    free: bool
