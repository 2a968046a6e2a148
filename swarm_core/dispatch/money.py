"""What people do to caps: set, raise for a while.

What can go wrong: two raises that each are allowed and together are not; a raise of which the
task that waits for it never hears. So the limits are looked at inside the write that records the
raise, and a task that waits for its own cap is woken there; what waits for any other is woken by
the dispatcher, which listens to these facts.
"""

from __future__ import annotations

import msgspec

from swarm_core.budget import standing
from swarm_core.budget.events import CapRaised
from swarm_core.budget.ledger import Ledger
from swarm_core.budget.model import HEADROOM, SETTABLE, Account, Cap, Scope
from swarm_core.budget.rules import share_of, share_scope
from swarm_core.dispatch import spending
from swarm_core.dispatch.spending import Burn, By, SpentBy
from swarm_core.kernel.actor import OWNER, Actor
from swarm_core.kernel.errors import (
    AlreadyEnded,
    NoRaise,
    NotFound,
    OverBudget,
    RaiseLimit,
)
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.kernel.text import nearest
from swarm_core.policy import Action, Policy, Resource
from swarm_core.store import Store, Tx
from swarm_core.tasks import queries
from swarm_core.tasks.model import FINISHED, Task
from swarm_core.tasks.tasks import Tasks

DAILY = tuple(name for name in SETTABLE if name.endswith("day"))
MOST_RAISED = MicroUSD(1_000_000)
MOST_RAISES = 2
"""What others than the owner may raise one cap by, and how often in one day (UTC)."""


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """How an account stands after a raise. `woken`: the task that waited for it goes on."""

    account: Account
    amount: MicroUSD
    woken: bool


class Money:
    """Changes caps for people. Every change is a fact with who made it."""

    def __init__(self, store: Store, policy: Policy, ledger: Ledger, tasks: Tasks) -> None:
        self._store = store
        self._policy = policy
        self._ledger = ledger
        self._tasks = tasks

    async def spent_by(self, by: By, days: int) -> list[SpentBy]:
        """What the last `days` days cost, today among them."""
        since = spending.first_day(self._store.clock.now(), days)
        return await self._store.read(lambda rows: spending.spent_by(rows, by, since))

    async def categories(self, days: int) -> list[Account]:
        """How the shares of today stand; with more days, what each has spent in them."""
        now, ledger = self._store.clock.now(), self._ledger
        return await self._store.read(lambda r: spending.categories(r, ledger, now, days))

    async def burn(self, days: int) -> Burn:
        """What each of the last `days` days cost."""
        now = self._store.clock.now()
        return await self._store.read(lambda rows: spending.burn(rows, now, days))

    async def changed_caps(self) -> list[Cap]:
        """Caps that a person has set, with what is configured."""
        return await self._store.read(spending.caps)

    async def set_cap(self, actor: Actor, name: str, cap: MicroUSD | None) -> None:
        """Put one cap in force at once, None for none, until its configured value changes. What
        waits for it goes on if it fits; below what is spent nothing more goes through.

        Raises `NotFound` for a cap that is not one of `SETTABLE`, `NotAllowed`.
        """
        if name not in SETTABLE:
            raise NotFound(kind="cap", name=name, near=tuple(nearest(name, list(SETTABLE))))
        if cap is not None and cap < 0:
            raise ValueError(f"a cap of {cap}")
        self._policy.authorize(actor, Action.SET_CAP, Resource("cap", name))
        await self._store.write(
            lambda tx: self._ledger.change_cap(tx, actor, name, cap), first=True
        )

    async def raise_cap(self, actor: Actor, scope: TaskId | str, amount: MicroUSD) -> Raised:
        """Let `amount` more through: one task, or an account of today, as `OverBudget` names it;
        "day" is today's. It ends with the account: a day's at midnight UTC.

        A raise of the day, or of a category's share of it, is one of the day and its headroom.
        Raises `NoRaise` where nothing binds or the account is of another sort, `RaiseLimit` when
        the actor is not the owner and asks too much or too often, `NotFound`, `AlreadyEnded`.
        """
        if amount <= 0:
            raise ValueError(f"a raise of {amount}")
        if isinstance(scope, str) and scope.startswith("task/"):
            digits = scope.removeprefix("task/")
            if not (digits.isascii() and digits.isdecimal()):
                raise NoRaise(scope=scope)
            scope = TaskId(int(digits))
        if isinstance(scope, str):
            self._policy.authorize(actor, Action.RAISE_CAP, Resource("cap", scope))
            return await self._store.write(
                lambda tx: self._raise_today(tx, actor, str(scope), amount), first=True
            )
        number = scope
        found = await self._store.read(lambda rows: queries.get(rows, number))
        if found is None:
            raise NotFound(kind="task", name=str(number), near=())
        task = found
        resource = Resource("task", str(number), task.person)
        self._policy.authorize(actor, Action.RAISE_CAP, resource)
        return await self._store.write(
            lambda tx: self._raise_task(tx, actor, task, amount), first=True
        )

    def _raise_today(self, tx: Tx, actor: Actor, scope: str, amount: MicroUSD) -> Raised:
        today = tx.now.date().isoformat()
        if scope == "day" or share_of(scope):
            scope = f"day/{scope.rpartition('/')[2] if '/' in scope else today}"
        name = scope.partition("/")[0]
        of_today = name in DAILY and scope.endswith(f"/{today}")
        if not of_today or standing.room(tx, scope).cap is None:
            raise NoRaise(scope=scope)
        scopes = [Scope(name, scope)]
        if name == "day":
            scopes.append(share_scope(HEADROOM, today))
        self._record(tx, actor, tuple(scopes), amount)
        return Raised(account=standing.room(tx, scope), amount=amount, woken=False)

    def _raise_task(self, tx: Tx, actor: Actor, task: Task, amount: MicroUSD) -> Raised:
        state, scope = self._tasks.state(tx, task.id), f"task/{task.id}"
        if state in FINISHED:
            raise AlreadyEnded(task=task.id, state=state.value)
        if task.cap is None:
            raise NoRaise(scope=scope)
        self._record(tx, actor, (Scope("task", scope),), amount, task.id)
        account = standing.room(tx, scope, task.cap)
        now = queries.get(tx, task.id)
        data = now.waiting_data if now and now.waiting == OverBudget.code else {}
        fits = data.get("scope") == scope and data["most"] <= (account.free or 0)
        if fits:
            self._tasks.wake(tx, task.id, "raised", actor=actor)
        return Raised(account=account, amount=amount, woken=fits)

    def _record(
        self,
        tx: Tx,
        actor: Actor,
        scopes: tuple[Scope, ...],
        amount: MicroUSD,
        task: TaskId | None = None,
    ) -> None:
        account, owner = scopes[0].account, OWNER in actor.roles
        if not owner:
            often = standing.raised_by_others(tx, account, standing.midnight(tx.at))
            if amount > MOST_RAISED or often >= MOST_RAISES:
                raise RaiseLimit(scope=account, most=MOST_RAISED, times=MOST_RAISES)
        tx.append(CapRaised(scopes=scopes, amount=amount, free_hand=owner), actor, task=task)
