"""Notices that wait although their surface is there."""

from __future__ import annotations

from swarm_core.kernel.clock import Micros
from swarm_core.notices.model import WEBHOOK
from swarm_core.store import Rows

_LOOKED_AT = 100


def oldest(rows: Rows, now: Micros) -> dict[str, Micros]:
    """For each surface that is connected and has people: since when the oldest of its notices
    waits that nothing holds back; of the hundred first. Surfaces with none are left out. Other
    systems have a day each, and the owner is told of them in another way."""
    found: dict[str, Micros] = {}
    surfaces = rows.execute("select surface from attached where surface <> ?", (WEBHOOK,))
    for (surface,) in surfaces.fetchall():
        (at,) = rows.execute(
            "select min(max(created, held)) from (select created, held from notices"
            " where surface = ? and state = 'pending' and held <= ? order by id limit ?)",
            (surface, now, _LOOKED_AT),
        ).fetchone()
        if at is not None:
            found[surface] = Micros(at)
    return found
