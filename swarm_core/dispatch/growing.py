"""What people have said yes to, once a task may cost more in all than they were told.

What can go wrong: a task whose cap is raised keeps a yes that was bound to the old one, and is
never begun again; or it gets by the raise what nobody has said yes to. So where a raise is carried
out, in the same write, what was approved is approved anew by who raised, and what is still open is
asked anew.
"""

from __future__ import annotations

from swarm_core.approvals import Approval, Asking
from swarm_core.dispatch import bound
from swarm_core.dispatch.consent import Consent
from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import Tx
from swarm_core.tasks import queue
from swarm_core.tasks.model import Startable


def cap_raised(tx: Tx, consent: Consent, actor: Actor, task: TaskId, by: MicroUSD) -> None:
    """`actor` has just let the own cap of `task` grow."""
    found = queue.startable(tx, task)
    cap = bound.cap_of(tx, found)
    if cap is None:
        return
    price = consent.approvals.live(tx, task, "price")
    if price is None:
        _agree_to_cap(tx, consent, actor, found, cap)
    elif price.state in ("open", "approved"):
        _bind_to_cap(tx, consent, actor, price, before=cap - by, cap=cap)
    consent.ask_fallback_again(tx, task)


def _agree_to_cap(tx: Tx, consent: Consent, actor: Actor, task: Startable, cap: MicroUSD) -> None:
    """A cap that a person gave was all that could be asked for, so it needed no yes; the raised
    one is all that can, and who raised it has said yes to that."""
    rules = consent.rules
    if rules.above is None or task.cap == rules.caps[task.kind] or cap <= rules.above:
        return
    action = bound.price(tx, task, task.worker, task.model, cap)
    asking = Asking(kind="price", action=action, cost=cap)
    consent.agree(tx, actor, consent.approvals.ask(tx, task.person, asking, task.id))


def _bind_to_cap(
    tx: Tx, consent: Consent, actor: Actor, price: Approval, *, before: int, cap: MicroUSD
) -> None:
    """The same price under the new cap; up to that where the old one was its bound."""
    chosen = price.allowed
    most = cap if chosen["most"] == before else MicroUSD(int(chosen["most"] or 0))
    other = {**price.other, "cap": cap} if price.other and not price.instead else None
    asking = Asking(
        kind="price", action={**chosen, "most": most, "cap": cap}, other=other, cost=most
    )
    again = consent.approvals.ask(tx, price.asker, asking, price.task)
    if price.state == "approved":
        consent.agree(tx, actor, again)
    else:
        consent.park(tx, SWARM, again)
