"""What waits for a person's decision: listed, approved, denied."""

from __future__ import annotations

from bot.commands import views
from bot.commands.asking import Given
from bot.commands.desk import Desk
from swarm_core import Action, Approval, Resource


async def approvals(desk: Desk, given: Given) -> views.View:
    everything = bool(given.get("all"))
    deciding = desk.swarm.deciding
    if name := given.get("id"):
        one = await desk.swarm.views.asked(name)
        return views.Approvals(approvals=(one.approval,), everything=True, one=one)
    found = await (deciding.latest() if everything else deciding.open_ones())
    sight, policy = desk.swarm.seeing.sight(desk.actor), desk.swarm.policy

    def sees(each: Approval) -> bool:
        resource = Resource(each.kind, each.id, each.asker)
        decides = policy.allows(desk.actor, Action.DECIDE, resource)
        return sight.knows(each.asker, others=decides)

    found = [each for each in found if sees(each)]
    return views.Approvals(approvals=tuple(found), everything=everything)


async def approve(desk: Desk, given: Given) -> views.View:
    decided = await desk.swarm.deciding.decide(
        desk.actor, given["id"], "approved", instead=bool(given.get("cheaper"))
    )
    return await _judged(desk, decided)


async def deny(desk: Desk, given: Given) -> views.View:
    decided = await desk.swarm.deciding.decide(
        desk.actor, given["id"], "denied", reason=given.get("reason", "")
    )
    return await _judged(desk, decided)


async def cheaper(desk: Desk, given: Given) -> views.View:
    task = given["number"]
    chosen = await desk.swarm.deciding.cheaper(desk.actor, task)
    await desk.swarm.dispatcher.admit(task)
    found = await desk.swarm.views.task(task)
    return views.Cheaper(task=found.task, model=chosen.model, most=chosen.most)


async def _judged(desk: Desk, decided: Approval) -> views.Judged:
    if not decided.task:
        return views.Judged(approval=decided, task=None)
    await desk.swarm.dispatcher.admit(decided.task)
    found = await desk.swarm.views.task(decided.task)
    return views.Judged(approval=decided, task=found.task)
