"""Commands about work that recurs: what there is, how it goes, and steering it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from bot.commands import priority_views as views
from bot.commands.asking import taken_in
from bot.commands.configuring import configure_here
from bot.commands.desk import Desk
from bot.commands.priority_adding import add, edit
from bot.commands.priority_lines import instant_at, instant_of
from bot.commands.views import Accepted
from swarm_core import NO_TASK, TERMINAL, Action, Resource, errors, waits_for_start

Given = Mapping[str, Any]
_PRESSED = re.compile(r"at([0-9]{14,18})")
"""The key of a button: when it was shown."""
LAST = 10
"""Instants that are shown of one."""


async def priority(desk: Desk, given: Given) -> views.PriorityView | Accepted:
    do = given.get("do", "list")
    match do:
        case "add":
            return await add(desk, given)
        case "edit":
            return await edit(desk, given)
        case "list":
            return await _list(desk)
        case "cancel" if not given.get("what"):
            return views.LetGo()
    name = _name(given, do)
    match do:
        case "show":
            return await _show(desk, name)
        case "run":
            return await _run(desk, given, name)
        case "skip":
            at = await _instant(desk, given, name)
            count = await desk.swarm.priorities.skip(desk.actor, name, at)
            return views.Steered(name=name, done="skipped", count=count)
        case "pause":
            await desk.swarm.priorities.pause(desk.actor, name)
            return views.Steered(name=name, done="paused")
        case "resume":
            await desk.swarm.priorities.resume(desk.actor, name)
            shown = await desk.swarm.priorities.show(desk.actor, name, 1)
            return views.Steered(name=name, done="resumed", next=shown.standing.next)
    return await _remove(desk, given, name)


def _name(given: Given, do: str) -> str:
    if name := given.get("what", given.get("name", "")).strip():
        return str(name)
    raise errors.MissingArgument(command="priority", name="name", example=f"/priority {do} nightly")


async def _list(desk: Desk) -> views.Listed:
    swarm = desk.swarm
    return views.Listed(
        priorities=tuple(await swarm.priorities.listing(desk.actor)),
        mode=swarm.settings.automation.mode,
        may_add=_may(desk, Action.SET_PRIORITY),
    )


async def _show(desk: Desk, name: str) -> views.Told:
    shown = await desk.swarm.priorities.show(desk.actor, name, LAST)
    return views.Told(
        shown=shown,
        mode=desk.swarm.settings.automation.mode,
        may_steer=_may(desk, Action.SET_PRIORITY, shown.standing.priority.by),
        pressed=desk.place.surface != TERMINAL.surface,
    )


def _may(desk: Desk, action: Action, whose: str | None = None) -> bool:
    thing = Resource("priority", "", whose if whose is not None else desk.actor.key)
    return desk.swarm.policy.allows(desk.actor, action, thing)


async def _instant(desk: Desk, given: Given, name: str) -> Any:
    """The instant that is meant, in the zone of the priority."""
    if "at" not in given:
        return None
    shown = await desk.swarm.priorities.show(desk.actor, name, 1)
    zone = given.get("zone", shown.standing.priority.zone)
    return instant_of(given, zone, desk.swarm.store.clock.now())


async def _run(desk: Desk, given: Given, name: str) -> views.PriorityView | Accepted:
    if not desk.serving:
        raise errors.NoSwarmToDoIt(folder=str(desk.swarm.store.folder))
    at = await _instant(desk, given, name)
    pressed = _PRESSED.fullmatch(given.get("key", ""))
    receipt = await desk.swarm.priorities.run(
        desk.actor, name, at, asked=instant_at(pressed[1]) if pressed else None
    )
    if receipt.task == NO_TASK:
        return views.Ran(name=name)
    return await taken_in(desk, receipt)


async def _remove(desk: Desk, given: Given, name: str) -> views.PriorityView:
    shown = await desk.swarm.priorities.show(desk.actor, name, 1)
    if not given.get("yes"):
        desk.swarm.policy.authorize(
            desk.actor,
            Action.SET_PRIORITY,
            Resource("priority", name, shown.standing.priority.by),
        )
        return views.Doubted(priority=shown.standing.priority)
    await desk.swarm.priorities.remove(desk.actor, name)
    return views.Steered(name=name, done="removed")


async def automation(desk: Desk, given: Given) -> views.PriorityView:
    """What the swarm does by itself; changed in the file of settings, and put in force."""
    settings, mode = desk.swarm.settings, given.get("mode")
    if mode is None:
        return views.Automation(mode=desk.swarm.settings.automation.mode)
    desk.swarm.policy.authorize(desk.actor, Action.SET_AUTOMATION, Resource("automation", mode))
    key = "automation.mode"
    wanted = {"key": "set", "which": key, "value": mode}
    done = await asyncio.to_thread(configure_here, wanted, settings.file)
    if desk.life is not None and not waits_for_start(key):
        await desk.life.reload()
    return views.Automation(
        mode=mode,
        changed=True,
        file=getattr(done, "file", ""),
        waits=desk.swarm.settings.automation.mode != mode,
    )


HANDLERS = {"priority": priority, "automation": automation}
