"""What commands answer, as values: `--json` prints them, `bot.answers` finds the words.

Most are the core's own views, held with what is needed beside them. Money is in micro-dollars,
instants in microseconds since 1970.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bot.commands import discord_views, finding_views, telegram_views
from bot.commands.config_views import Config as Config
from bot.commands.config_views import ConfigChanged as ConfigChanged
from bot.commands.config_views import ConfigChecked as ConfigChecked
from bot.commands.config_views import Setting as Setting
from bot.commands.identity_views import Checked as Checked
from bot.commands.identity_views import Created as Created
from bot.commands.identity_views import Identities as Identities
from bot.commands.identity_views import Identity as Identity
from bot.commands.incident_views import IncidentView
from bot.commands.keeping_views import BackedUp as BackedUp
from bot.commands.keeping_views import Erased as Erased
from bot.commands.keeping_views import MovedAway as MovedAway
from bot.commands.link_views import LinkView as LinkView
from bot.commands.model_views import Failed, Models
from bot.commands.money_views import Budget as Budget
from bot.commands.money_views import CapRaised as CapRaised
from bot.commands.money_views import CapSet as CapSet
from bot.commands.money_views import Categories as Categories
from bot.commands.money_views import Chart as Chart
from bot.commands.money_views import Spending as Spending
from bot.commands.people_views import PeopleView as PeopleView
from bot.commands.priority_views import PriorityView
from bot.commands.service_views import Reload as Reload
from bot.commands.service_views import Service as Service
from bot.commands.talk_views import Talk
from bot.commands.top_views import Top
from bot.commands.voice_views import VoiceView
from swarm_core import (
    Account,
    Approval,
    AskedView,
    BackupState,
    Failing,
    Finding,
    Simulation,
    Stamp,
    StatusView,
    Task,
    TaskId,
    TaskView,
    WholeView,
    WorkerView,
)


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A line that a worker can do."""

    worker: str
    line: str


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """A task has been taken in, or was there before (`joined`, `repeated`), or runs `again`.

    `most` is the price tag in micro-dollars, `stopped` the scope that keeps it waiting, `needs`
    what it waits for, `instead` what could be asked when nobody can do it, `approval` its question.
    """

    task: Task
    again: bool = False
    joined: bool = False
    repeated: bool = False
    most: int = 0
    stopped: str | None = None
    needs: tuple[TaskId, ...] = ()
    instead: tuple[Example, ...] = ()
    stamp: Stamp | None = None
    approval: Approval | None = None


class Approvals(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a decision; `everything`: what was decided on as well; `one`: it was named."""

    approvals: tuple[Approval, ...]
    everything: bool
    one: AskedView | None = None


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A decision was taken, and how its task stands now; None where it was about none."""

    approval: Approval
    task: Task | None


class Cheaper(msgspec.Struct, frozen=True, kw_only=True):
    """A task was given to a cheaper `model`, whose first call may cost `most`."""

    task: Task
    model: str
    most: int


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A task that was waited for has ended."""

    task: Task
    instead: tuple[Example, ...] = ()
    stamp: Stamp | None = None


class Tasks(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a listing. `more`: there are older ones; `everything`: ended ones are in it."""

    tasks: tuple[Task, ...]
    more: bool
    everything: bool


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    task: TaskView
    instead: tuple[Example, ...] = ()


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """A task with every text of it."""

    whole: WholeView


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of a task: its kind and what it says."""

    at: int
    kind: str
    actor: str
    run: int | None
    detail: dict[str, Any]


class Why(msgspec.Struct, frozen=True, kw_only=True):
    task: TaskView
    history: tuple[Entry, ...]


class Cancelled(msgspec.Struct, frozen=True, kw_only=True):
    cancelled: tuple[TaskId, ...]
    ended_before: tuple[TaskId, ...]


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """`scope` is a task's number, "all", or a person's key; `interrupted` how many ran."""

    scope: TaskId | str
    interrupted: int


class Resumed(msgspec.Struct, frozen=True, kw_only=True):
    """`woken` is how many go on; `lifted`: something had been stopped."""

    scope: TaskId | str
    woken: int
    lifted: bool


class Thawed(msgspec.Struct, frozen=True, kw_only=True):
    """`accounts` take holds again; they are as they stood, frozen. `woken`: how many go on."""

    accounts: tuple[Account, ...]
    woken: int


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about a step of unknown outcome: `repeat` or `fail`."""

    task: TaskId
    step: str


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """What would come of a request. Nothing was recorded and nothing runs."""

    text: str
    kind: str
    simulation: Simulation
    instead: tuple[Example, ...] = ()


class Failures(msgspec.Struct, frozen=True, kw_only=True):
    """What failed since an instant, and what waits now, by reason: the largest first."""

    since: int
    groups: tuple[Failing, ...]


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`serving`: a swarm is running; else the state folder was only looked at."""

    status: StatusView
    version: str
    pid: int
    serving: bool
    has_model: bool
    problems: tuple[Failed, ...] = ()
    backup: BackupState | None = None
    service: Service | None = None


class Workers(msgspec.Struct, frozen=True, kw_only=True):
    workers: tuple[WorkerView, ...]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a doctor looks at. `level` is ok, warn or error; `data` fills the sentence
    `doctor.<what>.<finding>`; unless all is well the mend is `doctor.<what>.mend`. The finding
    "error" is an error's own `text`, which holds its mend; "failure" its `code` and `data`."""

    what: str
    level: str
    finding: str
    data: dict[str, Any] = {}


class Checkup(msgspec.Struct, frozen=True, kw_only=True):
    ok: bool
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...] = ()


class Help(msgspec.Struct, frozen=True, kw_only=True):
    """`command` None: all of them. `plain` is what a line without a slash does; `fields`: options
    are filled in where it is read, and not typed."""

    command: str | None
    plain: str
    fields: bool = False


View = (
    Accepted
    | Models
    | Reload
    | Simulated
    | Failures
    | Talk
    | VoiceView
    | Ended
    | Approvals
    | Judged
    | Cheaper
    | Tasks
    | finding_views.Search
    | finding_views.Ended
    | Top
    | Shown
    | Whole
    | Why
    | Cancelled
    | Stopped
    | Resumed
    | Decided
    | Status
    | Workers
    | Budget
    | Spending
    | Categories
    | CapSet
    | CapRaised
    | Thawed
    | Chart
    | Config
    | ConfigChanged
    | ConfigChecked
    | Identities
    | Identity
    | Checked
    | Created
    | Checkup
    | BackedUp
    | Erased
    | PeopleView
    | LinkView
    | PriorityView
    | MovedAway
    | discord_views.DiscordView
    | telegram_views.TelegramView
    | IncidentView
    | Help
)
