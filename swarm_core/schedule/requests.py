"""What is handed in for an instant."""

from __future__ import annotations

import msgspec

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.schedule.model import Mode, StandingPriority
from swarm_core.schedule.reacting import key_of
from swarm_core.tasks.model import Request


def work_of(priority: StandingPriority, at: Micros) -> Request:
    """Its work."""
    return Request(
        text=priority.text,
        place=priority.place,
        kind="ask" if priority.action == "ask" else "task",
        key=key_of(priority.name, at),
        worker=priority.worker,
        model=priority.model,
        cap=priority.cap,
        join=False,
        standing=priority.name,
    )


def gate_of(priority: StandingPriority, at: Micros) -> Request:
    """Its gate, which costs nothing."""
    assert priority.gate
    return Request(
        text=priority.gate.run,
        place=priority.place,
        key=key_of(priority.name, at, gate=True),
        cap=ZERO,
        join=False,
        standing=priority.name,
    )


def agreed(request: Request, priority: StandingPriority, mode: Mode, most: MicroUSD) -> Request:
    """`request` with what is known of the yes to its price, which is `most`."""
    if mode == "auto":
        return msgspec.structs.replace(request, max_cost=priority.cap)
    if most <= priority.approved:
        return msgspec.structs.replace(request, max_cost=priority.approved) if most else request
    return msgspec.structs.replace(request, asks_above=ZERO)
