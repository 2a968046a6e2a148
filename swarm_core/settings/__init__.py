"""Floor 0: `waggle.yaml` and the environment become one frozen `Settings`.

The only room that reads the environment. It promises that a swarm starts without any file,
that a file is either taken whole or refused with every problem in it named (file, line, key,
what would do), and that a value taken from a variable is never shown.

Validation is loaded when it is first used: a command that only asks the running swarm does
without it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from swarm_core.settings.envfile import env_file, read_env, with_env_file, write_env
from swarm_core.settings.environment import Environment, process_environment
from swarm_core.settings.whereabouts import state_folder

if TYPE_CHECKING:
    from swarm_core.settings.alerts import Alerts
    from swarm_core.settings.budget import Budget
    from swarm_core.settings.chat import Chat
    from swarm_core.settings.editing import preview_edit, write_edit
    from swarm_core.settings.explaining import Row, explain
    from swarm_core.settings.loading import load
    from swarm_core.settings.models import ModelSettings, ProviderSettings, Routing
    from swarm_core.settings.notices import Notices, WebhookSettings
    from swarm_core.settings.people import Owner
    from swarm_core.settings.priorities import Automation, PrioritySettings
    from swarm_core.settings.running import Approvals, Attachments, Confirm, Lease, Store, Tasks
    from swarm_core.settings.sample import sample_settings
    from swarm_core.settings.schema import (
        Egress,
        Identities,
        Limits,
        Playbooks,
        Settings,
    )
    from swarm_core.settings.service import Log, Shutdown
    from swarm_core.settings.usual import usual_key

_HOMES = {
    "Alerts": "alerts",
    "Budget": "budget",
    "Row": "explaining",
    "explain": "explaining",
    "load": "loading",
    "Approvals": "running",
    "Attachments": "running",
    "Automation": "priorities",
    "Confirm": "running",
    "Lease": "running",
    "Log": "service",
    "ModelSettings": "models",
    "PrioritySettings": "priorities",
    "ProviderSettings": "models",
    "Routing": "models",
    "Notices": "notices",
    "WebhookSettings": "notices",
    "Shutdown": "service",
    "preview_edit": "editing",
    "sample_settings": "sample",
    "usual_key": "usual",
    "write_edit": "editing",
    "Store": "running",
    "Tasks": "running",
}

__all__ = [
    "Alerts",
    "Approvals",
    "Attachments",
    "Automation",
    "Budget",
    "Chat",
    "Confirm",
    "Egress",
    "Environment",
    "Identities",
    "Lease",
    "Limits",
    "Log",
    "ModelSettings",
    "Notices",
    "Owner",
    "Playbooks",
    "PrioritySettings",
    "ProviderSettings",
    "Routing",
    "Row",
    "Settings",
    "Shutdown",
    "Store",
    "Tasks",
    "WebhookSettings",
    "env_file",
    "explain",
    "load",
    "preview_edit",
    "process_environment",
    "read_env",
    "sample_settings",
    "state_folder",
    "usual_key",
    "with_env_file",
    "write_edit",
    "write_env",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    module = importlib.import_module(f"{__name__}.{_HOMES.get(name, 'schema')}")
    value = globals()[name] = getattr(module, name)
    return value
