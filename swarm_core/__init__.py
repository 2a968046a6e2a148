"""The core of the swarm: everything that is not a chat surface. This is its public face.

Names are loaded when they are first used, so that a program which only prints its help does not
wait for the database. Each name stands here and, for type checkers, in `__init__.pyi`.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
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
    "Doubt": "steps.model",
    "env_file": "settings",
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
    "preview_edit": "settings",
    "printable": "kernel.text",
    "process_environment": "settings",
    "Profile": "identities",
    "profile_of": "identities",
    "Raised": "dispatch.money",
    "read_env": "settings",
    "Receipt": "dispatch.intake",
    "Report": "store",
    "Request": "tasks.model",
    "Resource": "policy",
    "Roster": "identities",
    "Row": "settings",
    "sample_settings": "settings",
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
    "try_provider": "staffing",
    "UNDECIDED": "dispatch.consent",
    "UNFINISHED": "tasks.model",
    "usual_key": "settings",
    "WaggleError": "kernel.errors",
    "Wanted": "routing.model",
    "with_env_file": "settings",
    "Worker": "routing.model",
    "WorkerView": "views",
    "WorkResumed": "dispatch.events",
    "WorkStopped": "dispatch.events",
    "World": "build",
    "write_edit": "settings",
    "write_env": "settings",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(name)
    module = importlib.import_module(f"{__name__}.{home}")
    value = module if home.endswith(f".{name}") else getattr(module, name)
    globals()[name] = value
    return value
