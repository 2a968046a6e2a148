"""What stands in the file is what holds: at start and at every reload."""

from __future__ import annotations

import logging

from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.clock import to_micros
from swarm_core.kernel.errors import NameTaken, WaggleError
from swarm_core.schedule import rows
from swarm_core.schedule.checking import check
from swarm_core.schedule.cron import machine_zone
from swarm_core.schedule.filed import placed, priorities_in
from swarm_core.schedule.model import StandingPriority
from swarm_core.schedule.priorities import Priorities, put, take_out
from swarm_core.settings import Settings
from swarm_core.store import Store, Tx

log = logging.getLogger(__name__)


async def sync(store: Store, priorities: Priorities, settings: Settings, zone: str | None) -> None:
    """Have the priorities of `settings` and no others of a file. `zone` is the owner's. One that
    is wrong is left as it was, and told of; the others hold."""
    wanted, wrong = priorities_in(settings, zone or machine_zone())
    now = to_micros(store.clock.now())
    before = {k.priority.name: k.priority for k in await store.read(rows.every)}
    for name, each in list(wanted.items()):
        try:
            if name in before and before[name].source == "chat":
                raise NameTaken(name=name, free=f"{name}-2")
            if before.get(name) != each:  # one that is over by now was not when it was set
                check(each, now, priorities.facts)
        except WaggleError as error:
            wrong[name] = placed(settings, name, error)
            del wanted[name]
    for problem in wrong.values():
        log.warning("a standing priority is left out: %s", problem)
    priorities.wrong = wrong
    stay = {*wanted, *wrong}
    gone = [n for n, each in before.items() if each.source == "file" and n not in stay]
    changed = [each for name, each in wanted.items() if before.get(name) != each]
    if gone or changed:
        await store.write(lambda tx: _write(tx, gone, changed))


def _write(tx: Tx, gone: list[str], changed: list[StandingPriority]) -> None:
    for name in gone:
        take_out(tx, name, SWARM)
    for each in changed:
        put(tx, each, SWARM)
