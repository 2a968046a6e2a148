"""Readings as short notes: `cron 0 9 * * 1-5 | standup | remind | zone=Asia/Tokyo`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from swarm_core.kernel.clock import from_micros
from swarm_core.schedule.model import MINUTE, Cron, Every, Happens, Idle, Once, Trigger
from swarm_core.schedule.reading import Reading, Unsure

NOW = datetime(2026, 11, 22, 13, 3, 20, tzinfo=UTC)
"""A Sunday; in Vienna it is 14:03."""
ZONE = "Europe/Vienna"
LANGUAGES = ("de", "en")
_DAY = 1440 * MINUTE


def phrases(language: str) -> list[tuple[str, str]]:
    """Lines that people write, each with its note."""
    file = Path(__file__).parent / "phrases" / f"{language}.txt"
    rows = (row.partition(" | ") for row in file.read_text(encoding="utf-8").splitlines())
    return [(line, note) for line, _, note in rows if line]


def trigger_note(trigger: Trigger, zone: str) -> str:
    def local(at: int) -> str:
        return f"{from_micros(at).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"

    match trigger:
        case Cron(fields=fields):
            return f"cron {fields}"
        case Every(period=period, start=start):
            since = "" if start < _DAY else f" from {local(start)}"
            return f"every {period // MINUTE}{since}"
        case Once(at=at):
            return f"once {local(at)}"
        case Idle(after=after):
            return f"idle {after // MINUTE}"
        case Happens(fact=fact, where=where):
            return " ".join(["on", fact, *(f"{name}={value}" for name, value in where.items())])


def note(found: Reading | Unsure) -> str:
    if isinstance(found, Unsure):
        meant = (trigger_note(each.trigger, each.zone) for each in found.suggestions)
        return " | ".join([f"unsure {found.problem}", *meant])
    more = [
        found.action or "",
        f"report={found.report}" if found.report else "",
        f"zone={found.zone}" if found.named else "",
        *(f"assumed={each}" for each in found.assumed),
    ]
    told = trigger_note(found.trigger, found.zone)
    return " | ".join([told, found.text, *(each for each in more if each)])
