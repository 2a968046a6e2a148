"""`/budget`: what is spent and by whom, caps set and raised, the chart."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Literal

from bot.commands import views
from bot.commands.declared import find
from bot.commands.desk import Desk
from swarm_core import Action, MicroUSD, Resource, TaskId, TaskState, errors

Given = Mapping[str, Any]

CHART_DAYS = 30
MOST_WAITING = 25
BY: dict[str, Literal["workers", "models", "people"]] = {
    "workers": "workers",
    "models": "models",
    "people": "people",
}


async def budget(desk: Desk, given: Given) -> views.View:
    what, days = given.get("what"), given.get("days", 1)
    money = desk.swarm.money
    if what in ("workers", "models", "people", "categories", "chart"):
        # Everybody sees what they have spent; who else has, whoever sees their work.
        desk.swarm.policy.authorize(desk.actor, Action.READ_BOARD, Resource("board"))
        desk.swarm.seeing.whole(desk.actor)
    match what:
        case "set":
            return await _set(desk, given)
        case "raise":
            return await _raise(desk, given)
        case "chart":
            return await _chart(desk, given.get("days", CHART_DAYS))
        case "categories":
            return views.Categories(days=days, accounts=tuple(await money.categories(days)))
        case "workers" | "models" | "people":
            rows = await money.spent_by(BY[what], days)
            return views.Spending(by=what, days=days, rows=tuple(rows))
    accounts = tuple(await desk.swarm.views.money(desk.actor.key))
    frozen = await desk.swarm.views.frozen() if any(a.frozen for a in accounts) else ()
    return views.Budget(
        accounts=accounts,
        frozen=tuple(account for account in frozen if account.cap_name == "task"),
        free=tuple(account.free for account in accounts),
        changed=tuple(await money.changed_caps()),
        raisable=money.raisable(desk.actor, accounts),
        waiting=tuple(await _waiting(desk)),
    )


async def _waiting(desk: Desk) -> list[TaskId]:
    """Their newest tasks that wait for money."""
    found = await desk.swarm.views.listing(
        states=(TaskState.WAITING,), sight=desk.swarm.seeing.mine(desk.actor), most=MOST_WAITING
    )
    return [task.id for task in found if task.waiting == errors.OverBudget.code]


async def _set(desk: Desk, given: Given) -> views.View:
    name, amount = _needed(given, "which"), _needed(given, "amount")
    cap = None if amount == "none" else MicroUSD(amount)
    await desk.swarm.money.set_cap(desk.actor, name, cap)
    return views.CapSet(name=name, cap=cap, configured=f"budget.{name}")


async def _raise(desk: Desk, given: Given) -> views.View:
    which, amount = _needed(given, "which"), _needed(given, "amount")
    if amount == "none" or amount <= 0:
        raise errors.BadArgument(
            command="budget",
            name="amount",
            value=str(amount),
            expected="an amount above zero",
            example="/budget raise day 1",
        )
    number = which.removeprefix("#")
    scope = TaskId(int(number)) if number.isascii() and number.isdecimal() else which
    raised = await desk.swarm.money.raise_cap(desk.actor, scope, MicroUSD(amount), desk.place)
    return views.CapRaised(raised=raised)


def _needed(given: Given, name: str) -> Any:
    if name in given:
        return given[name]
    param = next(param for param in find("budget").params if param.name == name)
    example = "/budget raise day 1" if given["what"] == "raise" else "/budget set day 5"
    raise errors.MissingArgument(command="budget", name=param.kind.metavar, example=example)


async def _chart(desk: Desk, days: int) -> views.View:
    from bot.charts import draw_burn

    burn = await desk.swarm.money.burn(days)
    folder = desk.swarm.store.folder / "charts"
    file = folder / f"budget-{burn.today}.png"
    await asyncio.to_thread(draw_burn, burn, file, desk.messages)
    picture = await asyncio.to_thread(file.read_bytes)
    return views.Chart(file=str(file), burn=burn, picture=picture)
