"""Commands about what is wrong: the list, one in full, and who has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.commands import incident_views as views
from bot.commands.desk import Desk

Arguments = Mapping[str, Any]


async def incidents(desk: Desk, given: Arguments) -> views.IncidentView:  # noqa: ARG001
    now, before = await desk.swarm.watch.incidents.listing(desk.actor)
    return views.Incidents(open=now, closed=before)


async def incident(desk: Desk, given: Arguments) -> views.IncidentView:
    kept, number = desk.swarm.watch.incidents, given["number"]
    if given["do"] == "ack":
        found, new = await kept.acknowledge(desk.actor, number)
        return views.IncidentTaken(incident=found, new=new)
    return views.IncidentWhole(shown=await kept.show(desk.actor, number))


HANDLERS = {"incidents": incidents, "incident": incident}
