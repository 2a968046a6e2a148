"""The core of the swarm: everything that is not a chat surface. This is its public face.

Names are loaded when they are first used, so that a program which only prints its help does not
wait for the database.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swarm_core.approvals import Approval
    from swarm_core.budget.events import BudgetHeld, BudgetSettled
    from swarm_core.budget.model import Account, Cap
    from swarm_core.budget.rules import share_of
    from swarm_core.build import World, open_swarm
    from swarm_core.dispatch.consent import ASK_AGAIN, UNDECIDED
    from swarm_core.dispatch.events import EVERYTHING, WorkResumed, WorkStopped
    from swarm_core.dispatch.intake import Receipt, Simulation
    from swarm_core.dispatch.money import Raised
    from swarm_core.dispatch.spending import Burn, Lacking, SpentBy
    from swarm_core.identities import (
        SHIPPED_IDENTITIES,
        Profile,
        Roster,
        create_identity,
        load_identities,
        load_roster,
        mend_identity,
        profile_of,
    )
    from swarm_core.kernel import about, errors
    from swarm_core.kernel.actor import Actor, Place
    from swarm_core.kernel.clock import from_micros, to_micros
    from swarm_core.kernel.crash import arm, crash_point
    from swarm_core.kernel.errors import WaggleError
    from swarm_core.kernel.garbage import settle_in
    from swarm_core.kernel.ids import NoticeId, TaskId
    from swarm_core.kernel.money import MicroUSD, format_usd, parse_usd
    from swarm_core.kernel.redaction import redact
    from swarm_core.kernel.text import clip, describe, nearest, printable
    from swarm_core.notices.model import Courier, Delivery
    from swarm_core.people import TERMINAL, local_owner
    from swarm_core.policy import Action, Resource
    from swarm_core.providers.card import ModelRow
    from swarm_core.reloading import Reloaded
    from swarm_core.routing.events import TaskRouted
    from swarm_core.routing.model import Wanted, Worker
    from swarm_core.settings import (
        Environment,
        Row,
        Settings,
        explain,
        load,
        process_environment,
        state_folder,
    )
    from swarm_core.steps.events import StepEnded, StepIntended
    from swarm_core.store import Event, Fact, Finding, Report
    from swarm_core.store.files import has_state, holder_of
    from swarm_core.swarm import Swarm
    from swarm_core.tasks.events import (
        TaskAccepted,
        TaskEnded,
        TaskMoved,
        TaskParked,
        TaskRetried,
        TaskStarted,
        TaskUnblocked,
        TaskWoken,
    )
    from swarm_core.tasks.memory import Memory
    from swarm_core.tasks.model import FINISHED, UNFINISHED, Request, Task, TaskState
    from swarm_core.tasks.talk import MOST_TURNS
    from swarm_core.tools import tool_names
    from swarm_core.views import CardView, Stamp, StatusView, StepView, TaskView, WorkerView
    from swarm_core.views.failing import Failing

_HOMES = {
    "about": "kernel.about",
    "Account": "budget.model",
    "Action": "policy",
    "Actor": "kernel.actor",
    "Approval": "approvals",
    "arm": "kernel.crash",
    "ASK_AGAIN": "dispatch.consent",
    "BudgetHeld": "budget.events",
    "BudgetSettled": "budget.events",
    "Burn": "dispatch.spending",
    "Cap": "budget.model",
    "CardView": "views",
    "clip": "kernel.text",
    "Courier": "notices.model",
    "crash_point": "kernel.crash",
    "create_identity": "identities",
    "Delivery": "notices.model",
    "describe": "kernel.text",
    "Doubt": "steps.model",
    "Environment": "settings",
    "errors": "kernel.errors",
    "Event": "store",
    "EVERYTHING": "dispatch.events",
    "explain": "settings",
    "Fact": "store",
    "Failing": "views.failing",
    "Finding": "store",
    "FINISHED": "tasks.model",
    "format_usd": "kernel.money",
    "from_micros": "kernel.clock",
    "has_state": "store.files",
    "holder_of": "store.files",
    "Lacking": "dispatch.spending",
    "load": "settings",
    "load_identities": "identities",
    "load_roster": "identities",
    "local_owner": "people",
    "Memory": "tasks.memory",
    "mend_identity": "identities",
    "MicroUSD": "kernel.money",
    "ModelRow": "providers.card",
    "MOST_TURNS": "tasks.talk",
    "nearest": "kernel.text",
    "NoticeId": "kernel.ids",
    "open_swarm": "build",
    "parse_usd": "kernel.money",
    "Place": "kernel.actor",
    "printable": "kernel.text",
    "process_environment": "settings",
    "Profile": "identities",
    "profile_of": "identities",
    "Raised": "dispatch.money",
    "Receipt": "dispatch.intake",
    "redact": "kernel.redaction",
    "Reloaded": "reloading",
    "Report": "store",
    "Request": "tasks.model",
    "Resource": "policy",
    "Roster": "identities",
    "Row": "settings",
    "Settings": "settings",
    "settle_in": "kernel.garbage",
    "share_of": "budget.rules",
    "SHIPPED_IDENTITIES": "identities",
    "Simulation": "dispatch.intake",
    "SpentBy": "dispatch.spending",
    "Stamp": "views",
    "state_folder": "settings",
    "StatusView": "views",
    "StepEnded": "steps.events",
    "StepIntended": "steps.events",
    "StepView": "views",
    "Swarm": "swarm",
    "Task": "tasks.model",
    "TaskAccepted": "tasks.events",
    "TaskEnded": "tasks.events",
    "TaskId": "kernel.ids",
    "TaskMoved": "tasks.events",
    "TaskParked": "tasks.events",
    "TaskRetried": "tasks.events",
    "TaskRouted": "routing.events",
    "TaskStarted": "tasks.events",
    "TaskState": "tasks.model",
    "TaskUnblocked": "tasks.events",
    "TaskView": "views",
    "TaskWoken": "tasks.events",
    "TERMINAL": "people",
    "to_micros": "kernel.clock",
    "tool_names": "tools",
    "UNDECIDED": "dispatch.consent",
    "UNFINISHED": "tasks.model",
    "WaggleError": "kernel.errors",
    "Wanted": "routing.model",
    "Worker": "routing.model",
    "WorkerView": "views",
    "WorkResumed": "dispatch.events",
    "WorkStopped": "dispatch.events",
    "World": "build",
}

__all__ = [
    "ASK_AGAIN",
    "EVERYTHING",
    "FINISHED",
    "MOST_TURNS",
    "SHIPPED_IDENTITIES",
    "TERMINAL",
    "UNDECIDED",
    "UNFINISHED",
    "Account",
    "Action",
    "Actor",
    "Approval",
    "BudgetHeld",
    "BudgetSettled",
    "Burn",
    "Cap",
    "CardView",
    "Courier",
    "Delivery",
    "Doubt",
    "Environment",
    "Event",
    "Fact",
    "Failing",
    "Finding",
    "Lacking",
    "Memory",
    "MicroUSD",
    "ModelRow",
    "NoticeId",
    "Place",
    "Profile",
    "Raised",
    "Receipt",
    "Reloaded",
    "Report",
    "Request",
    "Resource",
    "Roster",
    "Row",
    "Settings",
    "Simulation",
    "SpentBy",
    "Stamp",
    "StatusView",
    "StepEnded",
    "StepIntended",
    "StepView",
    "Swarm",
    "Task",
    "TaskAccepted",
    "TaskEnded",
    "TaskId",
    "TaskMoved",
    "TaskParked",
    "TaskRetried",
    "TaskRouted",
    "TaskStarted",
    "TaskState",
    "TaskUnblocked",
    "TaskView",
    "TaskWoken",
    "WaggleError",
    "Wanted",
    "WorkResumed",
    "WorkStopped",
    "Worker",
    "WorkerView",
    "World",
    "about",
    "arm",
    "clip",
    "crash_point",
    "create_identity",
    "describe",
    "errors",
    "explain",
    "format_usd",
    "from_micros",
    "has_state",
    "holder_of",
    "load",
    "load_identities",
    "load_roster",
    "local_owner",
    "mend_identity",
    "nearest",
    "open_swarm",
    "parse_usd",
    "printable",
    "process_environment",
    "profile_of",
    "redact",
    "settle_in",
    "share_of",
    "state_folder",
    "to_micros",
    "tool_names",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(name)
    module = importlib.import_module(f"{__name__}.{home}")
    value = module if home.endswith(f".{name}") else getattr(module, name)
    globals()[name] = value
    return value
