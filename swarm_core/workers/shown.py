"""The tools of a worker as models are shown them, worked out once for all runs."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

import msgspec

from swarm_core.providers.estimate import estimate_tool
from swarm_core.providers.model import ToolSpec
from swarm_core.workers.ports import Tools
from swarm_core.workers.talk import RECALL


class Shown(msgspec.Struct, frozen=True):
    """What a prompt declares, and about how many tokens it is."""

    specs: tuple[ToolSpec, ...] = ()
    tokens: int = 0


NONE = Shown()
_made: WeakKeyDictionary[Tools, dict[tuple[str, ...], Shown]] = WeakKeyDictionary()


def shown(tools: Tools, names: Iterable[str]) -> Shown:
    """Those of `names` that there are, and `recall` when there are any: the same values each
    time, so that what is worked out from them need not be worked out at every turn."""
    made = _made.setdefault(tools, {})
    key = tuple(names)
    if key not in made:
        found = tuple(
            ToolSpec(name=name, description=summary, schema=schema)
            for name, summary, schema in tools.described(key)
        )
        specs = (*found, RECALL) if found else ()
        made[key] = Shown(specs, sum(estimate_tool(tool) for tool in specs))
    return made[key]
