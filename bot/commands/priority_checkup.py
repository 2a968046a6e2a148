"""What a doctor says of standing priorities."""

from __future__ import annotations

import os

from bot.commands import views
from bot.commands.priority_lines import place_name
from bot.sections.discord import Discord
from bot.sections.telegram import Telegram
from swarm_core import (
    TERMINAL,
    PriorityStanding,
    Swarm,
    errors,
    from_micros,
    local_owner,
    zone_of,
)


async def priority_lines(swarm: Swarm) -> list[views.Line]:
    """How they stand all together, and each that is not well."""
    found = await swarm.priorities.listing(local_owner(os.geteuid()))
    lines = [_together(swarm, found)]
    for each in found:
        lines += _one(swarm, each)
    for name, error in sorted(swarm.priorities.wrong.items()):
        lines.append(_left_out(name, error))
    return lines


def _together(swarm: Swarm, found: list[PriorityStanding]) -> views.Line:
    if found and swarm.settings.automation.mode == "manual":
        manual = {"count": len(found)}
        return views.Line(what="priorities", level="warn", finding="manual", data=manual)
    due = [(each.next, each.priority) for each in found if each.next is not None]
    data: dict[str, object] = {"count": len(found), "next": bool(due), "name": "", "at": ""}
    if due:
        at, first = min(due, key=lambda pair: pair[0])
        data |= {"name": first.name, "at": _clock(at, first.zone)}
    return views.Line(what="priorities", level="ok", finding="ok", data=data)


def _clock(at: int, zone: str) -> str:
    try:
        return f"{from_micros(at).astimezone(zone_of(zone)):%Y-%m-%d %H:%M} ({zone})"
    except errors.UnknownZone:
        return f"{from_micros(at):%Y-%m-%d %H:%M} (UTC)"


def _one(swarm: Swarm, standing: PriorityStanding) -> list[views.Line]:
    each, lines = standing.priority, list[views.Line]()

    def bad(finding: str, **data: str) -> None:
        about = {"name": each.name, **data}
        lines.append(views.Line(what="priorities", level="warn", finding=finding, data=about))

    if standing.paused and standing.paused != "person":
        bad(f"paused_{standing.paused}")
    try:
        zone_of(each.zone)
    except errors.UnknownZone:
        bad("zone", zone=each.zone)
    if not _served(swarm, each.place.surface):
        bad("channel", place=place_name(each.place))
    return lines


def _served(swarm: Swarm, surface: str) -> bool:
    """Whether what is told there can arrive, as far as the settings say."""
    match surface:
        case "discord":
            return swarm.settings.of(Discord).enabled
        case "telegram":
            return swarm.settings.of(Telegram).enabled
    return surface == TERMINAL.surface


def _left_out(name: str, error: errors.WaggleError) -> views.Line:
    data = {"name": name, "code": error.code, "data": dict(error.data)}
    return views.Line(what="priorities", level="warn", finding="left_out", data=data)
