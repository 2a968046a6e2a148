"""What can be wrong with a standing priority."""

from __future__ import annotations

from typing import ClassVar

from swarm_core.kernel.errors.tree import Conflict, FixInput


class BadSchedule(FixInput):
    """`read` says no instants at which something could run; `example` does."""

    code = "bad_schedule"
    fields: ClassVar[tuple[str, ...]] = ("read", "example")


class NeverComes(BadSchedule):
    """What `read` names does not come, like the 31st of February."""

    code = "never_comes"


class TooOften(BadSchedule):
    """`read` is more often than once in `seconds`."""

    code = "too_often"
    fields = ("read", "seconds", "example")


class UnknownZone(BadSchedule):
    """No time zone is called `read`, or this machine cannot read it; `near` are the closest."""

    code = "unknown_zone"
    fields = ("read", "near")


class TimePassed(BadSchedule):
    """`read` is over."""

    code = "time_passed"


class UnknownFact(BadSchedule):
    """No fact is called `read`; `near` are the closest ones."""

    code = "unknown_fact"
    fields = ("read", "near")


class NothingToSpend(FixInput):
    """A run of `name` by `worker` costs, and its cap, `cap`, leaves nothing for it."""

    code = "nothing_to_spend"
    fields = ("name", "worker", "cap")


class GateCosts(FixInput):
    """What is to be run first, `run`, has to be free, and `worker` is not."""

    code = "gate_costs"
    fields = ("run", "worker")


class GateNeeded(FixInput):
    """`name` is to run only when something has changed, and nothing is looked at first."""

    code = "gate_needed"
    fields = ("name",)


class NameTaken(Conflict):
    """There is a standing priority `name`; `free` is a name that is not taken."""

    code = "name_taken"
    fields = ("name", "free")


class FromFile(Conflict):
    """The standing priority `name` stands in `file` at `line`, and is changed there."""

    code = "from_file"
    fields = ("name", "file", "line")


class NothingMissed(Conflict):
    """No instant of `name` waits for a decision, or not that one."""

    code = "nothing_missed"
    fields = ("name",)
