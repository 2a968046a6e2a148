"""Values of a permission decision."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Action(StrEnum):
    """Everything a person can ask for. A tool call is `TOOL` on the tool's name."""

    CREATE_TASK = "task.create"
    READ_TASK = "task.read"
    CANCEL_TASK = "task.cancel"
    RETRY_TASK = "task.retry"
    TELL_TASK = "task.tell"
    BEGIN_TALK = "talk.begin"
    FORGET_TALK = "talk.forget"
    STOP = "swarm.stop"
    RESUME = "swarm.resume"
    DECIDE_STEP = "step.decide"
    DECIDE = "approval.decide"
    READ_APPROVALS = "approval.read"
    ASK_RAISE = "budget.ask_raise"
    RAISE_CAP = "budget.raise"
    """To raise without asking anybody; within the limits for whoever is not the owner."""
    READ_SWARM = "swarm.read"
    THAW_BUDGET = "budget.thaw"
    READ_BUDGET = "budget.read"
    SET_CAP = "budget.set"
    VERIFY = "swarm.verify"
    BACK_UP = "swarm.backup"
    ARCHIVE = "swarm.archive"
    EXPORT = "swarm.export"
    ERASE_PERSON = "person.erase"
    RELOAD = "swarm.reload"
    END = "swarm.end"
    CONFIGURE = "swarm.configure"
    TOOL = "tool.call"


class Resource(msgspec.Struct, frozen=True):
    """What it is done to; `owner` is the key of the person whose it is, '' for nobody's."""

    kind: str
    name: str = ""
    owner: str = ""


class Decision(msgspec.Struct, frozen=True):
    """`rule` names why; `instead` what the actor may do, '' for nothing."""

    allowed: bool
    rule: str
    instead: str = ""
