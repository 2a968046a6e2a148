"""Composition: what digests say of standing priorities and incidents. Part of `build`."""

from __future__ import annotations

from swarm_core.incidents import Incidents
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.clock import Micros
from swarm_core.notices.digest import Missed, Trouble
from swarm_core.notices.gathering import IsTheirs, Sources
from swarm_core.schedule.rows import missed_between
from swarm_core.store import Rows, Tx


def sources_of(incidents: Incidents) -> Sources:
    """Both, as they are asked for by whoever gathers a digest."""

    def missed(rows: Rows | Tx, theirs: IsTheirs, since: Micros, upto: Micros) -> list[Missed]:
        found = missed_between(rows, since, upto)
        return [Missed(name=name, instants=n) for name, by, n in found if theirs(by)]

    def troubles(rows: Rows | Tx, actor: Actor, since: Micros, upto: Micros) -> list[Trouble]:
        return [
            Trouble(number=each.id, name=each.about, closed=each.closed is not None)
            for each in incidents.between(rows, actor, since, upto)
        ]

    return Sources(missed=missed, incidents=troubles)
