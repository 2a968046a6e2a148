"""The ledger: hold before a call, settle after it.

What can go wrong: two calls that each fit but together do not; a crash between a call and its
bill; a bill above its hold. Holds are taken inside the single writer's transaction, so no two can
interleave; a hold stays until it is settled, so a crash leaves the worst case counted, never the
best; a bill above its hold is booked in full, and the scope takes no further holds until an
operator looks.
"""

from __future__ import annotations

from datetime import datetime

from swarm_core.budget import events as ev
from swarm_core.budget import tables
from swarm_core.budget.model import Account, Hold, Scope
from swarm_core.budget.rules import scopes
from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.kernel.errors import OverBudget, ScopeFrozen
from swarm_core.kernel.ids import HoldId, RunId, TaskId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.store import Rows, Tx


class Ledger:
    """Reserves and settles. `session` names this start of the swarm, for the session cap."""

    def __init__(self, session: str) -> None:
        self.session = session

    def set_caps(self, tx: Tx, caps: dict[str, MicroUSD]) -> None:
        """Put `caps` in force, recorded only when something changed."""
        if caps != tables.caps(tx):
            tx.append(ev.CapsSet(caps=caps), SWARM)

    def reserve(
        self,
        tx: Tx,
        *,
        person: str,
        task: TaskId,
        run: RunId,
        most: MicroUSD,
        task_cap: MicroUSD | None,
        least: MicroUSD | None = None,
    ) -> Hold | None:
        """Hold `most` against every cap above the task, or what room there is from `least` on, or
        raise `OverBudget` naming the cap that fits least. A hold of nothing is no hold: None.

        `task_cap` is the task's own cap. Raises `ScopeFrozen` where a bill once exceeded its
        hold, ValueError for less than nothing.
        """
        if most < 0:
            raise ValueError(f"a hold of {most}")
        if most == 0:
            return None
        above = scopes(tx.now, person=person, task=task, session=self.session)
        most = _fitting(tx, above, most, most if least is None else least, task_cap)
        hold = HoldId(tx.seq + 1)  # the number of the fact itself: never given out twice
        tx.append(ev.BudgetHeld(hold=hold, most=most, scopes=above), SWARM, task=task, run=run)
        return Hold(hold, most, above)

    def settle(
        self, tx: Tx, hold: Hold | None, cost: MicroUSD, *, task: TaskId, run: RunId
    ) -> None:
        """Replace the hold by the bill. A call without a hold must be free of charge.

        Raises ValueError for a bill below nothing, or a hold that is not open: one hold pays
        for one call.
        """
        if cost < 0:
            raise ValueError(f"a bill of {cost}")
        if hold is None:
            if cost != 0:
                raise ValueError(f"a bill of {cost} without a hold")
            return
        tx.append(
            ev.BudgetSettled(
                hold=hold.id,
                most=hold.most,
                cost=cost,
                overrun=MicroUSD(max(ZERO, cost - hold.most)),
                scopes=hold.scopes,
            ),
            SWARM,
            task=task,
            run=run,
        )

    def thaw(self, tx: Tx, actor: Actor) -> tuple[Account, ...]:
        """Let every frozen account take holds again; returns them as they stood."""
        frozen = tables.frozen(tx)
        if frozen:
            tx.append(ev.BudgetThawed(accounts=tuple(a.account for a in frozen)), actor)
        return frozen

    def open_hold(self, tx: Tx, hold: HoldId | None) -> Hold | None:
        """A hold that a dead run left."""
        return tables.hold(tx, hold)

    def standing(self, rows: Rows, now: datetime, person: str) -> list[Account]:
        """How every scope above `person` stands now, also those nothing was held against."""
        above = scopes(now, person=person, task=0, session=self.session)[:-1]
        known = tables.accounts(rows, tuple(scope.account for scope in above))
        caps = tables.caps(rows)
        return [
            known.get(scope.account)
            or Account(
                account=scope.account,
                cap_name=scope.cap,
                cap=caps.get(scope.cap),
                held=ZERO,
                spent=ZERO,
                overrun=ZERO,
                frozen=False,
            )
            for scope in above
        ]


def _fitting(
    tx: Tx,
    above: tuple[Scope, ...],
    most: MicroUSD,
    least: MicroUSD,
    task_cap: MicroUSD | None,
) -> MicroUSD:
    """As much up to `most` as every cap has room for; raises when that is under `least`."""
    tightest: OverBudget | None = None
    get = tx.tallies.get
    for scope in above:
        _, held, spent, _, frozen = get(tables.ACCOUNTS, scope.account) or ("", 0, 0, 0, 0)
        if frozen:
            raise ScopeFrozen(scope=scope.account)
        (cap,) = (task_cap,) if scope.cap == "task" else get(tables.CAPS, scope.cap) or (None,)
        if cap is None or cap - held - spent >= most:
            continue
        most = MicroUSD(cap - held - spent)
        tightest = OverBudget(scope=scope.account, cap=cap, held=held, spent=spent, most=least)
    if tightest and most < least:
        raise tightest
    return most
