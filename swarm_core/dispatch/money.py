"""What people do to caps: set, raise for a while; and what they look at."""

from __future__ import annotations

from collections.abc import Sequence

from swarm_core.budget.ledger import Ledger
from swarm_core.budget.model import SETTABLE, Account, Cap
from swarm_core.dispatch import spending
from swarm_core.dispatch.raising import DAILY, Raised, Raising, resource_of
from swarm_core.dispatch.spending import Burn, By, SpentBy
from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.errors import NoRaise, NotFound
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.kernel.text import nearest
from swarm_core.people import TERMINAL
from swarm_core.policy import Action, Policy, Resource
from swarm_core.store import Store
from swarm_core.tasks import queries


class Money:
    """Changes caps for people. Every change is a fact with who made it."""

    def __init__(self, store: Store, policy: Policy, ledger: Ledger, raising: Raising) -> None:
        self._store = store
        self._policy = policy
        self._ledger = ledger
        self._raising = raising

    async def spent_by(self, by: By, days: int) -> list[SpentBy]:
        """What the last `days` days cost, today among them."""
        since = spending.first_day(self._store.clock.now(), days)
        whose = self._policy.whose
        return await self._store.read(lambda rows: spending.spent_by(rows, by, since, whose))

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

    async def raise_cap(
        self, actor: Actor, scope: TaskId | str, amount: MicroUSD, place: Place = TERMINAL
    ) -> Raised:
        """Let `amount` more through: one task, or an account of today, as `OverBudget` names it;
        "day" is today's. It ends with the account: a day's at midnight UTC. Who may not do that
        alone has others asked; they are told, and what they decide is told at `place`.

        A raise of the day, or of a category's share of it, is one of the day and its headroom.
        Raises `NoRaise` where nothing binds or the account is of another sort, `NotAllowed` for
        what is not the actor's to ask for, `NotFound`, `AlreadyEnded`.
        """
        if amount <= 0:
            raise ValueError(f"a raise of {amount}")
        if isinstance(scope, str) and scope.startswith("task/"):
            digits = scope.removeprefix("task/")
            if not (digits.isascii() and digits.isdecimal()):
                raise NoRaise(scope=scope)
            scope = TaskId(int(digits))
        resource = await self._task(scope) if isinstance(scope, int) else resource_of(scope)
        self._policy.authorize(actor, Action.ASK_RAISE, resource)
        wanted = scope
        return await self._store.write(
            lambda tx: self._raising.ask(tx, actor, wanted, amount, place), first=True
        )

    def raisable(self, actor: Actor, accounts: Sequence[Account]) -> tuple[str, ...]:
        """Those of `accounts` that the actor may have raised, or ask to have raised, now."""
        today = self._store.clock.now().date().isoformat()
        return tuple(
            each.account
            for each in accounts
            if each.cap is not None
            and each.account.partition("/")[0] in DAILY
            and each.account.endswith(f"/{today}")
            and self._policy.allows(actor, Action.ASK_RAISE, resource_of(each.account))
        )

    async def _task(self, task: TaskId) -> Resource:
        found = await self._store.read(lambda rows: queries.get(rows, task))
        if found is None:
            raise NotFound(kind="task", name=str(task), near=())
        return Resource("task", str(task), found.person)
