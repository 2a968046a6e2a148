"""Adding and changing standing priorities: everything is shown, with its price and its next
instants, before it holds. What is shown is what holds: the line that makes it says all of it, so
nothing is read a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.commands import priority_views as views
from bot.commands.declared import find
from bot.commands.declaring import bind
from bot.commands.desk import Desk
from bot.commands.priority_lines import (
    changes_of,
    line_of,
    misfit,
    name_from,
    options_of,
    place_given,
    plain_name,
    trigger_of,
)
from bot.commands.priority_reading import MOST_READING, has_model, read, read_by_model
from swarm_core import (
    TERMINAL,
    Place,
    Reading,
    StandingPriority,
    TaskId,
    Trigger,
    Unsure,
    errors,
    format_usd,
    machine_zone,
    to_micros,
    zone_of,
)

Given = Mapping[str, Any]
NEXT = 3
MOST_SUGGESTED = 4
"""Instants that are shown beforehand."""
WEIGHTY = frozenset(
    {
        *("trigger", "zone", "text", "gate", "action", "worker", "model"),
        *("cap", "month_cap", "mode", "quiet"),
    }
)
"""What changes when something is done, what, or for how much: shown before it holds."""
_NO_OPTIONS = frozenset({"yes", "by-model", "name", "what", "do"})


def zone_for(desk: Desk, given: Given) -> str:
    """The name of the zone times are meant in: as given, the person's, else the machine's. Raises
    `UnknownZone`."""
    wished = desk.swarm.members.me(desk.actor).wishes.get("zone")
    zone = given.get("zone") or wished or machine_zone()
    zone_of(zone)
    return str(zone)


async def add(desk: Desk, given: Given) -> views.PriorityView:
    """Show what would be added; with `yes`, add it."""
    text = _unquoted(given.get("what", ""))
    if not text:
        raise errors.MissingArgument(
            command="priority", name="what", example=find("priority").example
        )
    now, zone = desk.swarm.store.clock.now(), zone_for(desk, given)
    if (trigger := trigger_of(given, zone, now)) is not None:
        return await _wanted(desk, given, Reading(trigger=trigger, zone=zone, text=text))
    found, task = read(desk, text, zone), None
    if given.get("by-model") and not isinstance(found, Reading):
        found, task = await read_by_model(desk, text, zone)
    if not isinstance(found, Reading):
        return await _unclear(desk, given, text, found, task)
    if not found.text.strip():
        raise errors.MissingArgument(
            command="priority", name="what is to be done", example=find("priority").example
        )
    return await _wanted(desk, given, found, task)


async def _unclear(
    desk: Desk, given: Given, text: str, found: Unsure, task: TaskId | None
) -> views.PriorityView:
    """What was understood, and what may be meant: each is a line that shows what would come."""
    suggestions = []
    for reading in found.suggestions[:MOST_SUGGESTED]:
        meant = reading if reading.text.strip() else msgspec.structs.replace(reading, text=text)
        wanted = await _priority(desk, given, meant)
        line = line_of(wanted, here=_here(desk), approved=0, sure=False)
        suggestions.append(views.Suggestion(reading=reading, line=line))
    ask = has_model(desk) and task is None
    return views.Unclear(
        text=text,
        unsure=found,
        suggestions=tuple(suggestions),
        by_model=" ".join(["/priority add --by-model", *options_of(given), "--", text])
        if ask
        else "",
        most=MOST_READING,
        task=task,
    )


async def _wanted(
    desk: Desk, given: Given, found: Reading, task: TaskId | None = None
) -> views.PriorityView:
    wanted = await _priority(desk, given, found)
    priorities = desk.swarm.priorities
    if wanted.place != _here(desk):
        desk.swarm.members.reach(desk.actor, wanted.place)
    priorities.fits(wanted)
    instants = tuple(to_micros(each) for each in priorities.preview(wanted, NEXT))
    estimate = await priorities.estimate(desk.actor, wanted)
    agreed = given.get("approved", estimate.most)
    if not given.get("yes") or estimate.most > agreed:
        return views.Proposed(
            priority=wanted,
            next=instants,
            estimate=estimate,
            line=line_of(wanted, here=_here(desk), approved=estimate.most),
            dearer=bool(given.get("yes")),
            once=_once(desk, wanted, free=estimate.free),
            assumed=found.assumed,
            task=task,
        )
    wanted = msgspec.structs.replace(wanted, approved=agreed)
    try:
        made, again = await priorities.add(desk.actor, wanted), False
    except errors.NameTaken:
        # A second press: what it asked for stands already.
        made, again = await _standing(desk, wanted.name), True
        if not _same(made, wanted):
            raise
    return views.Set(priority=made, next=instants, again=again)


async def _priority(desk: Desk, given: Given, found: Reading) -> StandingPriority:
    changes = changes_of(given)
    changes.setdefault("action", found.action or "task")
    if found.report:
        changes.setdefault("report", found.report)
    if "name" in given:
        name = plain_name(given["name"])
    else:
        seen = await desk.swarm.priorities.listing(desk.actor)
        name = name_from(found.text, frozenset(each.priority.name for each in seen))
    return StandingPriority(
        name=name,
        text=found.text,
        trigger=found.trigger,
        zone=found.zone,
        by=desk.actor.key,
        place=place_given(given, desk.place),
        **changes,
    )


async def edit(desk: Desk, given: Given) -> views.PriorityView:
    """Show what would be changed, or change it: with `yes`, and what is of no weight at once."""
    name, given = _named(given)
    if "name" in given:
        raise misfit("name", given["name"], "left out: a name stays what it is")
    now = await _standing(desk, name)
    changes, assumed = await _changes(desk, given, now)
    changes = {field: value for field, value in changes.items() if getattr(now, field) != value}
    priorities = desk.swarm.priorities
    wanted = msgspec.structs.replace(now, **changes)
    priorities.fits(wanted, new=bool({"trigger", "zone"} & changes.keys()))
    instants = tuple(to_micros(each) for each in priorities.preview(wanted, NEXT))
    if not changes:
        return views.Set(priority=now, next=instants, again=True)
    if not WEIGHTY & changes.keys():
        made = await priorities.edit(desk.actor, name, **changes)
        return views.Set(priority=made, next=instants, changed=tuple(changes))
    estimate = await priorities.estimate(desk.actor, wanted)
    agreed = given.get("approved", estimate.most)
    if not given.get("yes") or estimate.most > agreed:
        return views.Proposed(
            priority=wanted,
            next=instants,
            estimate=estimate,
            line=line_of(wanted, fields=frozenset(changes), here=now.place, approved=estimate.most),
            dearer=bool(given.get("yes")),
            changed=tuple(changes),
            assumed=assumed,
        )
    changes["approved"] = agreed
    made = await priorities.edit(desk.actor, name, **changes)
    return views.Set(priority=made, next=instants, changed=tuple(changes))


def _named(given: Given) -> tuple[str, dict[str, Any]]:
    """The name, and what is to be changed: options, and `NAME field value` in words."""
    example = "/priority edit nightly every 2h"
    name, _, rest = given.get("what", "").strip().partition(" ")
    field, _, value = rest.strip().partition(" ")
    given = {each: found for each, found in given.items() if each != "what"}
    if not name:
        raise errors.MissingArgument(command="priority", name="name", example=example)
    if not field:
        if not given.keys() - _NO_OPTIONS:
            raise errors.MissingArgument(command="priority", name="what to change", example=example)
        return name, given
    field, value = field.removeprefix("--"), _unquoted(value)
    if not value:
        raise errors.MissingArgument(command="priority", name=field, example=example)
    if field in ("text", "time"):
        return name, {**given, field: value}
    known = {p.name for p in find("priority").options} - _NO_OPTIONS
    if field not in known:
        raise errors.NotFound(kind="field", name=field[:60], near=_near(field, known))
    return name, {**given, **bind(find("priority"), {field: value})}


def _near(field: str, known: set[str]) -> tuple[str, ...]:
    from swarm_core import nearest

    return tuple(nearest(field, sorted({*known, "text", "time"})))


async def _changes(
    desk: Desk, given: Given, now: StandingPriority
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The fields that would be others, whether or not they are already so."""
    zone = given.get("zone") or now.zone
    zone_of(zone)
    changes: dict[str, Any] = {**changes_of(given, now.gate), "zone": zone}
    assumed: tuple[str, ...] = ()
    trigger: Trigger | None = trigger_of(given, zone, desk.swarm.store.clock.now())
    if trigger is None and "time" in given:
        found = read(desk, given["time"], zone)
        if not isinstance(found, Reading) or found.text.strip():
            told = found.text if isinstance(found, Reading) else given["time"]
            raise errors.BadSchedule(read=told[:200], example="every weekday at 9:00")
        trigger, assumed = found.trigger, found.assumed
        changes["zone"] = found.zone
    if trigger is not None:
        changes["trigger"] = trigger
    if "approved" in given and not given.get("yes"):
        changes["approved"] = given["approved"]
    if "text" in given:
        changes["text"] = given["text"]
    if "channel" in given:
        changes["place"] = place_given(given, now.place)
        if changes["place"] != now.place:
            desk.swarm.members.reach(desk.actor, changes["place"])
    return changes, assumed


async def _standing(desk: Desk, name: str) -> StandingPriority:
    return (await desk.swarm.priorities.show(desk.actor, name, 1)).standing.priority


def _here(desk: Desk) -> Place:
    return place_given({}, desk.place)


def _same(one: StandingPriority, other: StandingPriority) -> bool:
    told = (one.text, one.trigger, one.zone, one.by)
    return told == (other.text, other.trigger, other.zone, other.by)


def _once(desk: Desk, wanted: StandingPriority, *, free: bool) -> str:
    """The line that does it once, as a task or question of its own; where it is pressed, by its
    key once, however often that is."""
    if wanted.action == "remind":
        return ""
    worker = f" --worker {wanted.worker}" if wanted.worker and wanted.action == "task" else ""
    model = f" --model {wanted.model}" if wanted.model else ""
    cap = "" if free else f" --cap {format_usd(wanted.cap)}"
    typed = desk.place.surface == TERMINAL.surface
    key = "" if typed else f" --key p{to_micros(desk.swarm.store.clock.now())}"
    options = f"{worker}{model}{cap}{key}"
    return f"/{wanted.action}{f'{options} --' if options else ''} {wanted.text}"


def _unquoted(text: str) -> str:
    """`text` without quotation marks round the whole."""
    text = text.strip()
    whole = len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1]
    return text[1:-1].strip() if whole else text
