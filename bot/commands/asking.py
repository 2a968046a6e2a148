"""Commands that have work done: what is typed becomes a request, and what intake says a view."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.commands import views
from bot.commands.attaching import attached
from bot.commands.declared import find
from bot.commands.desk import Desk
from swarm_core import (
    EVERYTHING,
    TERMINAL,
    UNFINISHED,
    Receipt,
    Request,
    Swarm,
    Task,
    TaskState,
    Wanted,
    errors,
    to_micros,
)

Given = Mapping[str, Any]
MOST_EXAMPLES = 3
PLAYBOOK = 0
"""The tier of scripts, which understand phrases; a model would take any line that names it."""


async def task(desk: Desk, given: Given) -> views.View:
    return await _submit(
        desk,
        Request(
            text=given["text"],
            place=desk.place,
            kind="task",
            key=key_of(desk, given),
            priority=given.get("priority", 5),
            worker=given.get("worker"),
            model=given.get("model"),
            needs=given.get("needs", ()),
            tags=given.get("tag", ()),
            complexity=given.get("complexity"),
            category=given.get("category"),
            deadline=_deadline(desk, given.get("deadline")),
            cap=given.get("cap"),
            yes=bool(given.get("yes")),
            max_cost=given.get("max-cost"),
            files=await attached(desk, given),
            undo=_undo(desk),
            room=desk.room,
        ),
    )


async def ask(desk: Desk, given: Given) -> views.View:
    worker, text = addressed(desk.swarm, given["text"])
    return await _submit(
        desk,
        Request(
            text=text,
            place=desk.place,
            kind="ask",
            key=key_of(desk, given),
            worker=worker,
            model=given.get("model"),
            cap=given.get("cap"),
            yes=bool(given.get("yes")),
            max_cost=given.get("max-cost"),
            files=await attached(desk, given),
            room=desk.room,
        ),
    )


async def simulate(desk: Desk, given: Given) -> views.View:
    """Who would do it; nothing runs and nothing is recorded."""
    swarm, kind = desk.swarm, given.get("kind", "task")
    worker, text = given.get("worker"), given["text"]
    if kind == "ask" and worker is None:
        worker, text = addressed(swarm, text)
    request = Request(
        text=text,
        place=desk.place,
        kind=kind,
        worker=worker,
        model=given.get("model"),
        complexity=given.get("complexity"),
        cap=given.get("cap"),
    )
    found = swarm.intake.simulate(desk.actor, request)
    near = () if found.route.chosen else _near(swarm, text)
    return views.Simulated(text=text, kind=kind, simulation=found, instead=near)


def _undo(desk: Desk) -> int:
    """Microseconds. At the terminal nothing waits: whoever types there may be a script."""
    if desk.place.surface == TERMINAL.surface:
        return 0
    return desk.swarm.settings.chat.undo // timedelta(microseconds=1)


def key_of(desk: Desk, given: Given) -> str | None:
    """Keys are the person's own: nobody can name somebody else's request."""
    return f"{desk.actor.key}/{given['key']}" if "key" in given else None


def addressed(swarm: Swarm, text: str) -> tuple[str | None, str]:
    """A first word that names a worker is a wish for it, unless the whole line already means
    that worker: `summarise README.md` is a playbook's phrase."""
    first, _, rest = text.strip().partition(" ")
    name = first.rstrip(":,").casefold()
    if not rest.strip() or name not in swarm.router.workers():
        return None, text
    chosen = swarm.router.choose(Wanted(text=text, kind="ask"), {}).chosen
    if chosen and chosen.worker == name and chosen.tier == PLAYBOOK:
        return None, text
    return name, rest.strip()


def _deadline(desk: Desk, when: timedelta | datetime | None) -> Any:
    if when is None:
        return None
    now = desk.swarm.store.clock.now()
    instant = now + when if isinstance(when, timedelta) else when
    if instant > now:
        return to_micros(instant)
    command = find("task")
    param = next(param for param in command.params if param.name == "deadline")
    raise errors.BadArgument(
        command=command.name,
        name=param.option,
        value=str(when),
        expected=param.kind.expected,
        example="/task standup --deadline 2h",
    )


async def _submit(desk: Desk, request: Request) -> views.Accepted:
    receipt = await desk.swarm.intake.submit(desk.actor, request)
    await desk.swarm.dispatcher.admit(receipt.task)
    return await taken_in(desk, receipt)


async def taken_in(desk: Desk, receipt: Receipt, *, again: bool = False) -> views.Accepted:
    """What there is to tell of a task that was taken in just now."""
    swarm = desk.swarm
    found, stopped = await swarm.views.taken_in(receipt.task)
    unfinished = found.task.state in UNFINISHED
    stops = [s for s in stopped if unfinished and s in (EVERYTHING, found.task.person)]
    waits = found.task.state is TaskState.QUEUED
    return views.Accepted(
        task=found.task,
        again=again,
        joined=receipt.joined,
        repeated=receipt.repeated,
        most=receipt.most,
        stopped=stops[0] if stops else None,
        needs=tuple(n.task for n in found.needs if waits and n.state is not TaskState.DONE),
        instead=instead(swarm, found.task),
        stamp=found.stamp,
        approval=receipt.approval,
    )


def instead(swarm: Swarm, task: Task) -> tuple[views.Example, ...]:
    """What could be asked instead of a task that nobody here can do."""
    if task.failure != errors.NoWorker.code:
        return ()
    return _near(swarm, task.text or "")


def _near(swarm: Swarm, text: str) -> tuple[views.Example, ...]:
    near = swarm.book.near(text)
    found = [views.Example(worker=n.playbook, line=n.example) for n in near]
    for worker in swarm.router.workers().values():
        if worker.examples and worker.name not in {example.worker for example in found}:
            found.append(views.Example(worker=worker.name, line=worker.examples[0]))
    return tuple(found[:MOST_EXAMPLES])


async def retry(desk: Desk, given: Given) -> views.View:
    receipt = await desk.swarm.control.retry(
        desk.actor,
        given["number"],
        yes=bool(given.get("yes")),
        max_cost=given.get("max-cost"),
    )
    await desk.swarm.dispatcher.admit(receipt.task)
    return await taken_in(desk, receipt, again=True)
