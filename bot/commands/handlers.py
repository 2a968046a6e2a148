"""What commands do: typed arguments in, a view out. One function a command, found by its name."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from bot.commands import views
from bot.commands.asking import Given, ask, instead, retry, simulate, task
from bot.commands.checkup import checkup
from bot.commands.configuring import config
from bot.commands.deciding import approvals, approve, cheaper, deny
from bot.commands.declared import find
from bot.commands.desk import Desk
from bot.commands.fields import FIELDED
from bot.commands.finding import history, search
from bot.commands.hearing import heard
from bot.commands.incidents import HANDLERS as INCIDENTS
from bot.commands.keeping import archive, backup, erase
from bot.commands.linking import HANDLERS as LINKING
from bot.commands.missed import missed
from bot.commands.models import models, status_problems, store_problems
from bot.commands.on_discord import discord
from bot.commands.on_telegram import telegram
from bot.commands.people import HANDLERS as PEOPLE
from bot.commands.priorities import HANDLERS as PRIORITIES
from bot.commands.spending import budget
from bot.commands.talking import memory, new, tell
from bot.commands.top import top
from bot.version import VERSION
from swarm_core import (
    EVERYTHING,
    FINISHED,
    UNFINISHED,
    Action,
    Fact,
    Resource,
    TaskId,
    TaskState,
    errors,
    from_micros,
    is_private,
    profile_of,
    to_micros,
)

PAGE = 20
FAILURES_SINCE = timedelta(days=7)


async def tasks(desk: Desk, given: Given) -> views.View:
    most = given.get("most", PAGE)
    state = given.get("state")
    everything = bool(given.get("all")) or state in FINISHED
    states: tuple[TaskState, ...] = () if everything else UNFINISHED
    seeing = desk.swarm.seeing
    found = await desk.swarm.views.listing(
        states=(TaskState(state),) if state else states,
        sight=seeing.mine(desk.actor) if given.get("mine") else seeing.sight(desk.actor),
        before=given.get("before"),
        most=most + 1,
    )
    return views.Tasks(tasks=tuple(found[:most]), more=len(found) > most, everything=everything)


async def show(desk: Desk, given: Given) -> views.View:
    await desk.swarm.seeing.task(desk.actor, Action.READ_TASK, given["number"])
    if given.get("full"):
        return views.Whole(whole=await desk.swarm.views.whole(given["number"]))
    found = await desk.swarm.views.task(given["number"])
    return views.Shown(task=found, instead=instead(desk.swarm, found.task))


async def why(desk: Desk, given: Given) -> views.View:
    await desk.swarm.seeing.task(desk.actor, Action.READ_TASK, given["number"])
    found = await desk.swarm.views.task(given["number"])
    history = await desk.swarm.views.why(given["number"])
    reasons = {
        str(each.id): each.reason for each in await desk.swarm.deciding.of_task(found.task.id)
    }
    return views.Why(
        task=found,
        history=tuple(
            views.Entry(
                at=fact.at,
                kind=fact.event.kind,
                actor=fact.actor,
                run=fact.run,
                detail=_detail(fact, reasons),
            )
            for fact in history
        ),
    )


def _detail(fact: Fact, reasons: Mapping[str, str | None]) -> dict[str, Any]:
    """What a fact says, and the reason of a decision in its words, unless those were erased."""
    detail: dict[str, Any] = msgspec.to_builtins(fact.event)
    if fact.event.kind == "approval.decided":
        detail["reason"] = reasons.get(detail["approval"])
    return detail


def _everybodys(desk: Desk) -> None:
    """What tells of everybody's work is for those who may see it."""
    desk.swarm.policy.authorize(desk.actor, Action.READ_BOARD, Resource("board"))
    desk.swarm.seeing.whole(desk.actor)


async def cancel(desk: Desk, given: Given) -> views.View:
    cancelled: list[TaskId] = []
    before: list[TaskId] = []
    for number in given["numbers"]:
        try:
            await desk.swarm.control.cancel(desk.actor, number)
            cancelled.append(number)
        except errors.AlreadyEnded:
            if len(given["numbers"]) == 1:
                raise
            before.append(number)
    return views.Cancelled(cancelled=tuple(cancelled), ended_before=tuple(before))


def _scopes(desk: Desk, what: TaskId | str) -> tuple[TaskId | str, ...]:
    """What is meant; by `me` all one has asked, from where nobody else reads also elsewhere."""
    if what != "me":
        return (what,)
    return desk.swarm.seeing.keys_of(desk.actor) if is_private(desk.actor) else (desk.actor.key,)


async def stop(desk: Desk, given: Given) -> views.View:
    scopes, interrupted = _scopes(desk, given["what"]), 0
    for scope in scopes:
        interrupted += await desk.swarm.control.stop(desk.actor, scope)
    return views.Stopped(scope=scopes[0], interrupted=interrupted)


async def resume(desk: Desk, given: Given) -> views.View:
    """Without saying what: everything that is stopped as a whole, and what is mine."""
    if "step" in given or "try" in given:
        return await _decide(desk, given)
    if given.get("what") == "budget":
        accounts, woken = await desk.swarm.control.thaw(desk.actor)
        return views.Thawed(accounts=accounts, woken=woken)
    stops = await desk.swarm.views.stops()
    what = given.get("what")
    scopes = _scopes(desk, what) if what else (EVERYTHING, *_scopes(desk, "me"))
    lifted = any(isinstance(scope, int) or scope in stops for scope in scopes)
    woken = 0
    for scope in scopes:
        woken += await desk.swarm.control.resume(desk.actor, scope)
    return views.Resumed(scope=scopes[0], woken=woken, lifted=lifted)


async def _decide(desk: Desk, given: Given) -> views.View:
    """About the step of unknown outcome that one task waits with."""
    task, step = given.get("what"), given.get("step")
    if not isinstance(task, int) or step is None:
        missing = "the number of a task" if step else "`--step`"
        raise errors.MissingArgument(
            command="resume", name=missing, example="/resume 142 --step repeat"
        )
    await desk.swarm.control.decide(desk.actor, TaskId(task), step, given.get("try"))
    return views.Decided(task=TaskId(task), step=step)


async def status(desk: Desk, given: Given) -> views.View:  # noqa: ARG001
    found = desk.swarm.router.workers().values()
    return views.Status(
        status=await desk.swarm.views.status(),
        version=VERSION,
        pid=os.getpid(),
        serving=desk.serving,
        has_model=any(worker.tier > 0 for worker in found),
        problems=(*store_problems(desk), *await status_problems(desk)),
        backup=await desk.swarm.keeping.backups.state(),
        service=desk.life.service if desk.life else None,
    )


async def reload(desk: Desk, given: Given) -> views.View:  # noqa: ARG001
    if desk.life is None:
        raise errors.NotRunning(folder=str(desk.swarm.store.folder))
    return await desk.life.reload()


async def failures(desk: Desk, given: Given) -> views.View:
    _everybodys(desk)
    now = desk.swarm.store.clock.now()
    try:
        begin = now - given.get("since", FAILURES_SINCE)
    except OverflowError:
        begin = from_micros(0)
    since = to_micros(begin)
    return views.Failures(since=since, groups=await desk.swarm.views.failing(since))


async def workers(desk: Desk, given: Given) -> views.View:  # noqa: ARG001
    return views.Workers(workers=tuple(await desk.swarm.views.workers(desk.swarm.pool.busy)))


async def identities(desk: Desk, given: Given) -> views.View:
    roster = desk.swarm.roster
    if name := given.get("name"):
        return views.Identity(identity=profile_of(roster.get(name)))
    return views.Identities(
        identities=tuple(profile_of(found) for found in roster.identities.values()),
        problems=tuple(dict(problem.data) for problem in roster.problems),
    )


async def doctor(desk: Desk, given: Given) -> views.View:
    if fix := bool(given.get("fix")):
        desk.swarm.policy.authorize(desk.actor, Action.CONFIGURE, Resource("machine"))
    verify = bool(given.get("verify"))
    spaces = desk.swarm.policy.allows(desk.actor, Action.CONFIGURE, Resource("space"))
    return await checkup(desk.swarm, serving=desk.serving, verify=verify, fix=fix, spaces=spaces)


async def help(desk: Desk, given: Given) -> views.View:  # noqa: A001
    name = given.get("command")
    command = find(name.removeprefix("/")).name if name else None
    return views.Help(
        command=command,
        plain=desk.swarm.settings.chat.plain_text,
        fields=desk.place.surface in FIELDED,
    )


Handler = Callable[[Desk, Given], Awaitable[views.View]]

HANDLERS: dict[str, Handler] = {
    handler.__name__: handler
    for handler in (
        *(task, ask, tasks, show, why, cancel, retry, stop, resume),
        *(search, history, top),
        *(simulate, tell, heard, new, memory, missed, models, failures),
        *(approvals, approve, deny, cheaper),
        *(archive, backup, erase, reload),
        *(status, workers, identities, budget, config, doctor, discord, telegram, help),
    )
}
HANDLERS.update(INCIDENTS)
HANDLERS.update(PEOPLE)
HANDLERS.update(LINKING)
HANDLERS.update(PRIORITIES)
