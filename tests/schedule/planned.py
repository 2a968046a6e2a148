"""The instants that the swarm would plan one after another."""

from __future__ import annotations

from datetime import datetime

from swarm_core.kernel.clock import from_micros, to_micros
from swarm_core.schedule.cron import following
from swarm_core.schedule.model import Cron


def instants(fields: str, zone: str, after: datetime, until: datetime) -> list[datetime]:
    """Those after `after`, up to and with `until`, each asked for from the one before."""
    found, at = [], to_micros(after)
    while (then := following(Cron(fields), zone, at)) is not None and then <= to_micros(until):
        found.append(from_micros(then))
        at = then
    return found
