"""Zones by the names people write, and local times in them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.schedule.reading.values import Bad, Zone

_SHAPE = re.compile(r"[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+")
_UNIVERSAL = {"utc": "UTC", "gmt": "UTC", "z": "UTC"}
ABBREVIATED = {
    **dict.fromkeys(("est", "edt"), ("America/New_York",)),
    **dict.fromkeys(("cdt", "mst", "mdt"), ("America/Chicago", "America/Denver")),
    **dict.fromkeys(("pst", "pdt"), ("America/Los_Angeles",)),
    **dict.fromkeys(("cet", "cest", "mez", "mesz"), ("Europe/Berlin", "Europe/Paris")),
    **dict.fromkeys(("eet", "eest", "oez"), ("Europe/Helsinki", "Europe/Kyiv")),
    "cst": ("America/Chicago", "Asia/Shanghai"),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "jst": ("Asia/Tokyo",),
    "aest": ("Australia/Sydney", "Australia/Brisbane"),
}
"""Letters that name no place, and some say two. So they are asked about."""


@lru_cache
def _names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() if "/" in name or name == "UTC"}


@lru_cache
def _cities() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(_names().values()):
        if not name.startswith(("Etc/", "posix/", "right/", "US/", "Canada/")):
            city = name.rpartition("/")[2].replace("_", " ").casefold()
            found[city] = (*found.get(city, ()), name)
    return found


@lru_cache(256)
def zone_named(text: str) -> Zone | Bad | None:
    """`Europe/Vienna`, `utc`; `Bad` with near names for what looks like one, None for the rest."""
    low = text.casefold()
    if universal := _UNIVERSAL.get(low):
        return Zone(universal)
    if places := ABBREVIATED.get(low):
        return Bad("zone", text, places)
    if not _SHAPE.fullmatch(text):
        return None
    if name := _names().get(low):
        return Zone(name)
    near = get_close_matches(low, _names(), n=3, cutoff=0.75)
    areas = {name.partition("/")[0] for name in _names()}
    if near or low.partition("/")[0] in areas:
        return Bad("zone", text, tuple(_names()[name] for name in near))
    return None


def zone_of_city(words: str) -> Zone | Bad | None:
    """By a city alone, `new york`, where the table of zones has one."""
    places = _cities().get(words)
    if places is None:
        return None
    return Zone(places[0]) if len(places) == 1 else Bad("zone", words, places)


def on_the_wall(zone: str, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(zone))


def instant(
    day: date, hour: int, minute: int, zone: str, offset: int | None = None
) -> Micros | None:
    """That time on the wall; the first of two equal ones unless `offset`, minutes ahead of UTC,
    says otherwise. None where clocks leave it out, or are not so far from UTC then."""
    wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone))
    for fold in (0, 1):
        chosen = wall.replace(fold=fold)
        back = chosen.astimezone(UTC).astimezone(ZoneInfo(zone))
        same = (back.replace(tzinfo=None) == wall.replace(tzinfo=None)) and back.fold == fold
        ahead = chosen.utcoffset() or timedelta()
        if same and (offset is None or ahead == timedelta(minutes=offset)):
            return to_micros(chosen)
    return None


def twice(at: datetime) -> bool:
    """Whether this time on its zone's wall comes two times."""
    return at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
