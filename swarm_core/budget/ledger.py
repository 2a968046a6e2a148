"""The ledger: hold before a call, settle after it.

What can go wrong: two calls that each fit but together do not; a crash between a call and its
bill; a bill above its hold. Holds are taken inside the single writer's transaction, so no two can
interleave; a hold stays until it is settled, so a crash leaves the worst case counted, never the
best; a bill above its hold is booked in full, and the scope takes no further holds until an
operator looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from swarm_core.budget import events as ev
from swarm_core.budget import standing, tables
from swarm_core.budget.joining import account_now, payer_now
from swarm_core.budget.model import SHARES, Account, Hold, Payer, Scope
from swarm_core.budget.rules import (
    MARKS,
    WARNED,
    Above,
    above,
    billed,
    forecast,
    own_cap,
    renewal,
    share_scope,
)
from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.kernel.errors import OverBudget, ScopeFrozen
from swarm_core.kernel.ids import HoldId, RunId, TaskId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.store import Rows, Tx

_NONE = (None,)
_NOTHING = ("", 0, 0, 0, 0, 0, 0)


class Ledger:
    """Reserves and settles. `session` names this start of the swarm, for the session cap."""

    def __init__(self, session: str) -> None:
        self.session = session

    def set_caps(
        self, tx: Tx, caps: dict[str, MicroUSD], shares: Mapping[str, int] | None = None
    ) -> None:
        """Put what is configured in force, recorded only when something changed. What a person
        has set since stays for those caps whose configured value is the same."""
        if (caps, dict(shares or {})) != standing.configured(tx):
            tx.append(ev.CapsSet(caps=caps, shares=dict(shares or {})), SWARM)

    def change_cap(self, tx: Tx, actor: Actor, name: str, cap: MicroUSD | None) -> None:
        """Put one cap in force, recorded only when it is another one."""
        known = standing.caps_of(tx).get(name)
        if (known.cap if known else None) != cap:
            tx.append(ev.CapChanged(name=name, cap=cap), actor)

    def reserve(
        self,
        tx: Tx,
        payer: Payer,
        *,
        task: TaskId | None,
        run: RunId | None,
        most: MicroUSD,
        task_cap: MicroUSD | None,
        least: MicroUSD | None = None,
    ) -> Hold | None:
        """Hold `most` against every cap above the task, or what room there is from `least` on, or
        raise `OverBudget` naming the cap that fits least. A hold of nothing is no hold: None.

        `task_cap` is the task's own cap; without a `task` the call belongs to none. Raises
        `ScopeFrozen` where a bill once exceeded its hold, ValueError for less than nothing.
        """
        if most < 0:
            raise ValueError(f"a hold of {most}")
        if most == 0:
            return None
        if (person := payer_now(tx, payer.person)) != payer.person:
            payer = msgspec.structs.replace(payer, person=person)
        accounts = above(tx.now, payer, self.session)
        own = () if task is None else (Scope("task", f"task/{task}"),)
        caps = tx.tallies.get
        named = [
            Scope(alone, s.account) if caps(tables.CAPS, alone := own_cap(s.account)) else s
            for s in accounts.capped
        ]
        capped = [s for s in named if (caps(tables.CAPS, s.cap) or _NONE)[0] is not None]
        full = (*accounts.swarm, *capped, *own)
        shares = _shares(tx, accounts)
        most = _fitting(
            tx, full, accounts.own, most, most if least is None else least, task_cap, shares
        )
        scopes = (*full, *_split(accounts, shares, most))
        hold = HoldId(tx.seq + 1)  # the number of the fact itself: never given out twice
        tx.append(ev.BudgetHeld(hold=hold, most=most, scopes=scopes), SWARM, task=task, run=run)
        return Hold(hold, most, scopes)

    def settle(
        self, tx: Tx, hold: Hold | None, cost: MicroUSD, *, task: TaskId | None, run: RunId | None
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
                scopes=billed(hold.scopes, cost),
            ),
            SWARM,
            task=task,
            run=run,
        )
        if cost:
            _warn(tx, hold, task, run)

    def thaw(self, tx: Tx, actor: Actor) -> tuple[Account, ...]:
        """Let every frozen account take holds again; returns them as they stood."""
        frozen = standing.frozen(tx)
        if frozen:
            tx.append(ev.BudgetThawed(accounts=tuple(a.account for a in frozen)), actor)
        return frozen

    def join(self, tx: Tx, actor: Actor, payer: str, into: str) -> None:
        """`payer` pays as `into` from here on."""
        tx.append(ev.PayersJoined(payer=payer, into=into), actor)

    def part(self, tx: Tx, actor: Actor, payer: str, other: str) -> None:
        """`other` pays for themselves from here on, and has spent today what `payer` has."""
        day = tx.now.date().isoformat()
        tx.append(ev.PayerParted(payer=payer, other=other, day=day), actor)

    def open_hold(self, tx: Tx, hold: HoldId | None) -> Hold | None:
        """A hold that a dead run left."""
        return standing.hold(tx, hold)

    def standing(self, rows: Rows, now: datetime, payer: Payer) -> list[Account]:
        """How the swarm and the person of `payer` stand now, also where nothing was held; the
        owner has no account of their own."""
        accounts = above(now, payer, self.session)
        person = [scope for scope in accounts.capped if scope.cap == "person_day"]
        scopes = [*accounts.swarm, *person]
        return standing.of_scopes(rows, scopes, now)

    def categories(self, rows: Rows, now: datetime) -> list[Account]:
        """How the shares of today stand."""
        day = now.date().isoformat()
        return standing.of_scopes(rows, [share_scope(share, day) for share in SHARES], now)


Share = tuple[int, int, int]
"""Cap, held, spent."""


def _fitting(
    tx: Tx,
    full: tuple[Scope, ...],
    share: Scope,
    most: MicroUSD,
    least: MicroUSD,
    task_cap: MicroUSD | None,
    shares: tuple[Share, Share] | None,
) -> MicroUSD:
    """As much up to `most` as every cap has room for; raises when that is under `least`."""
    tightest: OverBudget | None = None
    get = tx.tallies.get
    for scope in full:
        _, held, spent, _, frozen, raised, _ = get(tables.ACCOUNTS, scope.account) or _NOTHING
        if frozen:
            raise ScopeFrozen(scope=scope.account)
        (cap,) = (task_cap,) if scope.cap == "task" else get(tables.CAPS, scope.cap) or _NONE
        if cap is None or cap + raised - held - spent >= most:
            continue
        cap += raised
        most = MicroUSD(cap - held - spent)
        tightest = OverBudget(scope=scope.account, cap=cap, held=held, spent=spent, most=least)
    if shares and (free := sum(max(0, cap - held - spent) for cap, held, spent in shares)) < most:
        most = MicroUSD(free)
        cap, held, spent = (mine + rest for mine, rest in zip(*shares, strict=True))
        tightest = OverBudget(scope=share.account, cap=cap, held=held, spent=spent, most=least)
    if tightest and most < least:
        raise tightest
    return most


def _shares(tx: Tx, accounts: Above) -> tuple[Share, Share] | None:
    """The category's own share and the headroom; None when the day is not shared. What is frozen
    there is so in the whole swarm's accounts, too."""
    get = tx.tallies.get
    found = list[Share]()
    for scope in (accounts.own, accounts.headroom):
        (cap,) = get(tables.CAPS, scope.cap) or _NONE
        if cap is None:
            return None
        _, held, spent, _, _, raised, _ = get(tables.ACCOUNTS, scope.account) or _NOTHING
        found.append((cap + raised, held, spent))
    return found[0], found[1]


def _split(
    accounts: Above, shares: tuple[Share, Share] | None, most: MicroUSD
) -> tuple[Scope, ...]:
    """Who of the category's share and the headroom bears how much of a hold that fits."""
    own, rest = accounts.own, accounts.headroom
    if shares is None:
        return (own,)
    cap, held, spent = shares[0]
    part = max(0, cap - held - spent)
    if part >= most:
        return (own,)
    if part == 0:
        return (rest,)
    return (
        Scope(own.cap, own.account, MicroUSD(part)),
        Scope(rest.cap, rest.account, MicroUSD(most - part)),
    )


def _warn(tx: Tx, hold: Hold, task: TaskId | None, run: RunId | None) -> None:
    """Tell people, once for each mark, that an account is nearly used up."""
    get = tx.tallies.get
    for scope in hold.scopes:
        if scope.cap not in WARNED:
            continue
        account = account_now(tx, scope.account)
        _, held, spent, _, _, raised, warned = get(tables.ACCOUNTS, account) or _NOTHING
        (cap,) = get(tables.CAPS, scope.cap) or _NONE
        if cap is None or spent * 100 < (cap + raised) * MARKS[-1] or warned >= MARKS[0]:
            continue
        percent = next(mark for mark in MARKS if spent * 100 >= (cap + raised) * mark)
        over = renewal(account)
        if percent <= warned or (over and over <= tx.now):
            continue
        warning = ev.BudgetWarned(
            account=account,
            percent=percent,
            spent=spent,
            held=held,
            cap=MicroUSD(cap + raised),
            forecast=forecast(account, spent, held, tx.now),
        )
        tx.append(warning, SWARM, task=task, run=run)
