"""Values of incidents. Times are microseconds since 1970."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId

Severity = Literal["critical", "warning"]
"""critical: somebody is woken for it; warning: it waits for the end of quiet hours."""
Ended = Literal["", "recovered", "gone"]
"""gone: what it was about is not there any more, or not looked at."""
ALERT = "alert/"
"""How the subject of an incident of the swarm itself begins."""

_TELL_APART = (
    *("exit_code", "status", "host", "provider", "model", "tool", "playbook", "worker"),
    *("wish", "scope"),
)


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Why something is wrong: an error's code and data."""

    code: str
    data: dict[str, Any] = {}

    @property
    def key(self) -> str:
        """The same for two failures of the same cause: the code, and what it is about."""
        about = (f"{name}={self.data[name]}" for name in _TELL_APART if name in self.data)
        return " ".join((self.code, *about))


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """One failure of what is done again and again. `subject` says of what, `priority/nightly`;
    it is told at `place`, and to the person with the key `owner`."""

    subject: str
    cause: Cause
    place: Place
    owner: str
    task: TaskId | None = None


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong, or was. `since` is the first failure, `opened` when it was told;
    `failures` are all in a row. `by` has `acknowledged` it; `told` are further people it was
    escalated to, `person/7`. It is told at `place`, None for the owner's own."""

    id: int
    subject: str
    severity: Severity
    cause: Cause
    place: Place | None
    owner: str
    since: Micros
    opened: Micros
    failures: int
    closed: Micros | None = None
    ended: Ended = ""
    acknowledged: Micros | None = None
    by: str = ""
    reminded: Micros | None = None
    told: tuple[str, ...] = ()

    @property
    def alert(self) -> str:
        """Which rule it is of, '' for one that is about something else."""
        return self.subject.split("/")[1] if self.subject.startswith(ALERT) else ""

    @property
    def about(self) -> str:
        """What it is about: the name of a priority, of a provider, of a surface."""
        return self.subject.split("/", 2 if self.alert else 1)[-1]


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what happened: `since`, `opened`, `failed`, `cause`, `reminded`, `escalated`,
    `acknowledged`, `closed`. `who` are keys of people."""

    at: Micros
    what: str
    task: TaskId | None = None
    cause: Cause | None = None
    who: tuple[str, ...] = ()


class IncidentShown(msgspec.Struct, frozen=True, kw_only=True):
    """An incident with what happened, oldest first, the tasks that belong to it, newest first,
    and the last lines that the last of them left."""

    incident: Incident
    moments: tuple[Moment, ...]
    tasks: tuple[TaskId, ...]
    log: tuple[str, ...]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule sees of one thing: `bad`, `well`, or between the two, where nothing changes."""

    subject: str
    state: Literal["bad", "between", "well"]
    data: dict[str, Any] = {}


class Mark(msgspec.Struct, frozen=True):
    """Since when a reading is `bad`, and since when `well`; None while it is not."""

    bad: Micros | None = None
    well: Micros | None = None


NO_MARK = Mark()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How an alert rule acts: it opens an incident of this `severity` once a reading is bad for
    `hold` microseconds."""

    severity: Severity
    hold: int
