"""Cron expressions at the start or the end of a line, as those who know them write them."""

from __future__ import annotations

import re

from swarm_core.schedule.model import Cron
from swarm_core.schedule.reading.values import Bad, Problem, Reading, Unsure, Zone
from swarm_core.schedule.reading.zones import zone_named
from swarm_core.schedule.walls import BadField, cron_of, wall_of

EDGE = " \t\r\n,;:\N{EN DASH}\N{EM DASH}-"
"""What may stand between a time and what is to be done."""
_FIELD = r"[0-9*/,#L-]+|[A-Za-z]{3}(?:[-,][A-Za-z]{3})*"
_FIVE = rf"(?:{_FIELD})(?:[ \t]+(?:{_FIELD})){{4}}"
_TOLD = r"(?P<told>cron:?[ \t]+)?"
_TELLING = re.compile(r"[*/]|\d[-,#]\d")
_FIRST = re.compile(
    rf"{_TOLD}(?P<tick>`?)(?P<fields>{_FIVE}(?:[ \t]+[*/\d,-]+)*)(?P=tick)(?=$|[\s:,])", re.I
)
_LAST = re.compile(rf"(?<!\S){_TOLD}(?P<tick>`?)(?P<fields>{_FIVE})(?P=tick)[.!]?$", re.I)
_IN_ZONE = re.compile(r"\s*\(([^()\s]+)\)")
_MACRO = re.compile(r"@(hourly|daily|midnight|weekly|monthly|yearly|annually)\b", re.IGNORECASE)
MACROS = {
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "midnight": "0 0 * * *",
    "weekly": "0 0 * * 0",
    "monthly": "0 0 1 * *",
    "yearly": "0 0 1 1 *",
    "annually": "0 0 1 1 *",
}


def at_start(text: str, zone: str) -> Reading | Unsure | None:
    """What a line says that begins with an expression; None where it does not."""
    line = text.strip()
    if found := _MACRO.match(line):
        return Reading(
            trigger=Cron(MACROS[found[1].lower()]),
            zone=zone,
            text=line[found.end() :].strip(EDGE),
            words=found[0],
        )
    return _read(line, _FIRST.match(line), zone)


def at_end(text: str, zone: str) -> Reading | Unsure | None:
    """The same at its end."""
    line = text.strip()
    return _read(line, _LAST.search(line), zone)


def _read(line: str, found: re.Match[str] | None, zone: str) -> Reading | Unsure | None:
    if found is None or not (found["told"] or found["tick"] or _TELLING.search(found["fields"])):
        return None
    after = line[found.end() :]
    place: Zone | Bad | None = None
    if named := _IN_ZONE.match(after):
        place = zone_named(named[1])
        if isinstance(place, Zone):
            after = after[named.end() :]
    rest = f"{line[: found.start()]} {after}".strip(EDGE)
    try:
        trigger = Cron(_tidy(found["fields"]))
    except BadField as bad:
        problem: Problem = "never" if bad.field == "never" else "cron"
        return Unsure(problem=problem, data={"field": bad.field, "words": bad.text})
    words = line[found.start() : len(line) - len(after)].strip()
    if isinstance(place, Bad):
        data = {"words": place.words, "near": ", ".join(place.near)}
        return Unsure(problem="zone", data=data)
    if place:
        return Reading(trigger=trigger, zone=place.name, named=True, text=rest, words=words)
    return Reading(trigger=trigger, zone=zone, text=rest, words=words)


def _tidy(fields: str) -> str:
    """As they are shown: what has words in the form that those words are read as."""
    wall = wall_of(fields)
    return cron_of(wall) if wall else " ".join(fields.split())
