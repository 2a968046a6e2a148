"""What a priority will cost, and whether it may."""

from __future__ import annotations

from swarm_core.dispatch.intake import Intake
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import GateCosts, NothingToSpend
from swarm_core.kernel.money import ZERO, MicroUSD, format_usd
from swarm_core.routing.model import Tier
from swarm_core.schedule.cron import following
from swarm_core.schedule.model import Cron, Estimate, Every, Idle, Once, StandingPriority
from swarm_core.schedule.requests import gate_of, work_of

_MONTH = 31 * 86_400_000_000
_COUNTED = 2_000
"""Instants that are counted one by one; a schedule with more of them is taken as even."""


def estimate_of(
    intake: Intake, actor: Actor, wanted: StandingPriority, usual: MicroUSD | None, now: Micros
) -> Estimate:
    """By what it is routed to now, and what its runs have cost so far."""
    if wanted.action == "remind":
        return Estimate(worker=None, model=None, most=ZERO, usual=usual, month=ZERO, free=True)
    chosen = intake.simulate(actor, work_of(wanted, Micros(0))).route.chosen
    most = MicroUSD(min(chosen.most, wanted.cap)) if chosen else ZERO
    # A run may make many calls, so without a record of it the cap is all that is known.
    run = usual if usual is not None else (wanted.cap if most else ZERO)
    month = MicroUSD(min(wanted.month_cap, run * runs_in_a_month(wanted, now)))
    return Estimate(
        worker=chosen.worker if chosen else None,
        model=chosen.model if chosen else None,
        most=most,
        usual=usual,
        month=month,
        free=most == 0,
    )


def runs_in_a_month(wanted: StandingPriority, now: Micros) -> int:
    """At most, in 31 days from now."""
    match wanted.trigger:
        case Every(period=period):
            return _MONTH // period
        case Once():
            return 1
        case Cron():
            count, at = 0, now
            while count < _COUNTED:
                then = following(wanted.trigger, wanted.zone, at)
                if then is None or then > now + _MONTH:
                    return count
                count, at = count + 1, then
            return count * _MONTH // max(1, at - now)
        case Idle(after=after):
            return _MONTH // max(1, after, wanted.cooldown)
        case _:
            return _MONTH // max(60_000_000, wanted.cooldown)


def gate_is_free(intake: Intake, by: Actor, wanted: StandingPriority) -> None:
    """Raises `GateCosts`, and what intake raises for its words."""
    if wanted.gate is None:
        return
    chosen = intake.simulate(by, gate_of(wanted, Micros(0))).route.chosen
    if chosen is None or chosen.tier != Tier.PLAYBOOK:
        worker = chosen.worker if chosen else ""
        raise GateCosts(run=wanted.gate.run[:200], worker=worker)


def affords(intake: Intake, by: Actor, wanted: StandingPriority) -> None:
    """Raises `NothingToSpend` for what costs and has a cap of nothing, and what intake raises."""
    if wanted.action == "remind":
        return
    chosen = intake.simulate(by, work_of(wanted, Micros(0))).route.chosen
    cap = min(wanted.cap, wanted.month_cap)
    if chosen and chosen.most and not cap:
        raise NothingToSpend(name=wanted.name, worker=chosen.worker, cap=format_usd(cap))
