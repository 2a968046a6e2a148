"""The priorities that stand in `waggle.yaml`, as values."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.errors import BadValue, WaggleError
from swarm_core.people import TERMINAL, local_owner
from swarm_core.schedule.cron import zone_of
from swarm_core.schedule.model import (
    Cron,
    Every,
    Gate,
    Happens,
    Idle,
    Once,
    StandingPriority,
    Trigger,
)
from swarm_core.settings import PrioritySettings, Settings

_MICRO = timedelta(microseconds=1)


def priorities_in(
    settings: Settings, usual_zone: str
) -> tuple[dict[str, StandingPriority], dict[str, WaggleError]]:
    """Those that are switched on, by name, and what is wrong with the others. They run for the
    owner."""
    found, wrong = dict[str, StandingPriority](), dict[str, WaggleError]()
    for name, entry in settings.priorities.items():
        if entry.enabled:
            try:
                found[name] = _priority(name, entry, entry.zone or usual_zone)
            except WaggleError as error:
                wrong[name] = placed(settings, name, error)
    return found, wrong


def spot_of(settings: Settings, name: str) -> tuple[str, int]:
    """The file and the line in which the priority of that name stands."""
    spot = settings.spots.get(f"priorities.{name}")
    return str(settings.file or ""), (spot.line if spot else None) or 1


def placed(settings: Settings, name: str, error: WaggleError) -> WaggleError:
    """`error` with where it stands."""
    file, line = spot_of(settings, name)
    data = {key: value for key, value in error.data.items() if value not in (None, "", ())}
    told = ", ".join(f"{key} {value}" for key, value in data.items())
    return BadValue(
        file=file,
        line=line,
        key=f"priorities.{name}",
        problem=f"{error.code.replace('_', ' ')} ({told})" if told else error.code,
        expected=str(error.data.get("example") or "see docs/priorities.md"),
    )


def _priority(name: str, entry: PrioritySettings, zone: str) -> StandingPriority:
    return StandingPriority(
        name=name,
        text=entry.run,
        trigger=_trigger(entry, zone),
        zone=zone,
        by=local_owner(os.getuid()).key,
        place=_place(entry.channel),
        action=entry.action,
        worker=entry.worker,
        model=entry.model,
        cap=entry.cap,
        month_cap=entry.month_cap,
        approved=entry.approved,
        cooldown=entry.cooldown // _MICRO,
        overlap=entry.overlap,
        jitter=entry.jitter // _MICRO,
        quiet=str(entry.quiet) if entry.quiet else "",
        gate=Gate(run=entry.gate, when=entry.gate_when) if entry.gate else None,
        only_if_changed=entry.only_if_changed,
        report=entry.report,
        catch_up=entry.catch_up,
        mode=entry.mode or "",
        source="file",
    )


def _trigger(entry: PrioritySettings, zone: str) -> Trigger:
    if entry.cron is not None:
        return Cron(fields=" ".join(entry.cron.split()))
    if entry.every is not None:
        return Every(period=entry.every // _MICRO, start=Micros(0))
    if entry.at is not None:
        then = datetime.strptime(entry.at, "%Y-%m-%d %H:%M").replace(tzinfo=zone_of(zone))
        return Once(at=to_micros(then.astimezone(UTC)))
    if entry.idle is not None:
        return Idle(after=entry.idle // _MICRO)
    fact, *fields = (entry.when or "").split()
    parts = (field.partition("=") for field in fields)
    return Happens(fact=fact, where={name: value for name, _, value in parts})


def _place(channel: str | None) -> Place:
    if channel is None:
        return TERMINAL
    surface, space, *thread = channel.split("/")
    return Place(surface=surface, space=space, thread="/".join(thread))
