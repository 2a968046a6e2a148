"""Raises of caps: asked for, decided on, carried out. All of it inside a write.

What can go wrong: two raises that each are allowed and together are not; a yes to one raise that
lets another through, or one twice; a raise of which the task that waits for it never hears. So a
raise is an approval like any other: one row, bound to account, amount and end, decided once. Who
may decide alone has it asked and decided in the same write. The limits are looked at in the write
that raises, for whoever decides; a task that waits for its own cap is woken there, and what waits
for another cap by the dispatcher, which listens to these facts.
"""

from __future__ import annotations

import msgspec

from swarm_core.approvals import Approval, Approvals, Asking, digest_of
from swarm_core.approvals import tables as approved
from swarm_core.budget import standing
from swarm_core.budget.events import CapRaised
from swarm_core.budget.joining import account_now
from swarm_core.budget.model import HEADROOM, SETTABLE, Account, Scope
from swarm_core.budget.rules import renewal, share_of, share_scope
from swarm_core.dispatch.bound import Bound
from swarm_core.dispatch.consent import Consent
from swarm_core.dispatch.growing import cap_raised
from swarm_core.kernel.actor import OWNER, Actor, Place
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.errors import AlreadyEnded, NoRaise, NotFound, OverBudget, RaiseLimit
from swarm_core.kernel.ids import NO_TASK, TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.policy import RAISE, Action, Policy, Resource
from swarm_core.store import Tx
from swarm_core.tasks import queries
from swarm_core.tasks.model import FINISHED
from swarm_core.tasks.tasks import Tasks

DAILY = tuple(name for name in SETTABLE if name.endswith("day"))
MOST_RAISED = MicroUSD(1_000_000)
MOST_RAISES = 2
"""What others than the owner may raise one cap by, and how often in one day (UTC)."""


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """What came of asking for a raise: `approval` is open when somebody else has to decide on it.
    `account` as it stands now; `woken`: the task that waited for it goes on."""

    approval: Approval
    account: Account
    amount: MicroUSD
    woken: bool = False


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What is raised, whose it is ('' for nobody's), and until when; None: while it lasts."""

    account: str
    whose: str
    task: TaskId = NO_TASK
    cap: MicroUSD | None = None
    until: Micros | None = None


class Raising:
    """Asks for raises and carries them out."""

    def __init__(self, tasks: Tasks, policy: Policy, consent: Consent) -> None:
        self._tasks = tasks
        self._policy = policy
        self._consent = consent

    @property
    def _approvals(self) -> Approvals:
        return self._consent.approvals

    def ask(
        self, tx: Tx, actor: Actor, scope: TaskId | str, amount: MicroUSD, place: Place
    ) -> Raised:
        """Have `scope` raised, at once by who may do that alone. What the same person asked for
        the same account before, and nobody has decided on, is taken back.

        Raises `NoRaise`, `NotFound` or `AlreadyEnded`.
        """
        target = _target(tx, scope)
        action = _action(target.account, amount, target.until)
        resource = Resource("cap", target.account, target.whose)
        limit = _limit(tx, actor, target.account, amount)
        alone = limit is None and self._policy.allows(actor, Action.RAISE_CAP, resource)
        account = standing.room(tx, target.account, target.cap)
        for before in self._open(tx, actor, target.account):
            if before.action == action and not alone:
                return Raised(approval=before, account=account, amount=amount)
            self._approvals.take_back(tx, before)
        asking = Asking(
            kind="raise",
            action=action,
            cost=amount,
            shown={"cap": account.cap, "spent": account.spent, "held": account.held},
            until=target.until,
            place=None if alone else place,
        )
        approval = self._approvals.ask(tx, actor.key, asking, target.task)
        if not alone:
            return Raised(approval=approval, account=account, amount=amount)
        self._approvals.decide(tx, actor, approval, "approved", digest=approval.digest)
        decided = approved.get(tx, approval.id)
        assert decided is not None
        return self.carry_out(tx, actor, decided)

    def present(self, tx: Tx, approval: Approval) -> str:
        """The digest of the raise as it would be done now; '' when it could not be."""
        amount, account = approval.action.get("amount"), str(approval.action.get("account"))
        try:
            target = _target(tx, approval.task or account)
        except (NoRaise, NotFound, AlreadyEnded):
            return ""
        return digest_of(_action(target.account, amount, target.until))

    def limit(self, tx: Tx, actor: Actor, approval: Approval) -> RaiseLimit | None:
        """Why `actor` may not have so much, or not once more today, let through."""
        amount = MicroUSD(int(approval.action.get("amount") or 0))
        return _limit(tx, actor, str(approval.action.get("account")), amount)

    def carry_out(self, tx: Tx, actor: Actor, approval: Approval) -> Raised:
        """`actor` has said yes: the account takes more, and the task that waits goes on."""
        account = str(approval.action["account"])
        amount = MicroUSD(int(approval.action["amount"] or 0))
        name, _, rest = account.partition("/")
        scopes = [Scope(name, account)]
        if name == "day":
            scopes.append(share_scope(HEADROOM, rest))
        free_hand = OWNER in actor.roles
        fact = CapRaised(scopes=tuple(scopes), amount=amount, free_hand=free_hand)
        tx.append(fact, actor, task=approval.task or None)
        woken = bool(approval.task) and self._let_go_on(tx, actor, approval.task, amount)
        task = queries.get(tx, approval.task) if approval.task else None
        now = standing.room(tx, account, task.cap if task else None)
        return Raised(approval=approval, account=now, amount=amount, woken=woken)

    def _open(self, tx: Tx, actor: Actor, account: str) -> list[Approval]:
        """What the same person has asked for the account and nobody has decided on."""
        return [
            each
            for each in approved.open_ones(tx)
            if each.kind == RAISE
            and account_now(tx, str(each.action["account"])) == account_now(tx, account)
            and self._policy.own(actor, each.asker)
        ]

    def _let_go_on(self, tx: Tx, actor: Actor, task: TaskId, amount: MicroUSD) -> bool:
        cap_raised(tx, self._consent, actor, task, amount)
        now = queries.get(tx, task)
        if now is None or now.waiting != OverBudget.code:
            return False
        scope = f"task/{task}"
        room = standing.room(tx, scope, now.cap)
        waits = now.waiting_data
        fits = bool(waits["scope"] == scope and waits["most"] <= (room.free or 0))
        if fits:
            self._tasks.wake(tx, task, "raised", actor=actor)
        return fits


def owners_of(approval: Approval, task_person: str) -> tuple[str, ...]:
    """Whose raise it is: who asked, and whose money it lets through."""
    whose = task_person or _whose(str(approval.action.get("account")))
    return tuple(dict.fromkeys(key for key in (approval.asker, whose) if key))


def resource_of(scope: str) -> Resource:
    """What policy is asked about, for an account."""
    return Resource("cap", scope, _whose(scope))


def _whose(account: str) -> str:
    name, _, rest = account.partition("/")
    return rest.rpartition("/")[0] if name == "person_day" else ""


def _action(account: str, amount: int | str | None, until: Micros | None) -> Bound:
    return {"kind": RAISE, "account": account, "amount": amount, "until": until}


def _limit(tx: Tx, actor: Actor, account: str, amount: MicroUSD) -> RaiseLimit | None:
    if OWNER in actor.roles:
        return None
    now = account_now(tx, account)
    often = standing.raised_by_others(tx, now, standing.midnight(tx.at))
    if amount <= MOST_RAISED and often < MOST_RAISES:
        return None
    return RaiseLimit(scope=account, most=MOST_RAISED, times=MOST_RAISES)


def _target(tx: Tx, scope: TaskId | str) -> Target:
    if isinstance(scope, int):
        return _of_task(tx, scope)
    today = tx.now.date().isoformat()
    if scope == "day" or share_of(scope):
        scope = f"day/{scope.rpartition('/')[2] if '/' in scope else today}"
    of_today = scope.partition("/")[0] in DAILY and scope.endswith(f"/{today}")
    if not of_today or standing.room(tx, scope).cap is None:
        raise NoRaise(scope=scope)
    ends = renewal(scope)
    return Target(account=scope, whose=_whose(scope), until=to_micros(ends) if ends else None)


def _of_task(tx: Tx, task: TaskId) -> Target:
    found = queries.get(tx, task)
    if found is None:
        raise NotFound(kind="task", name=str(task), near=())
    if found.state in FINISHED:
        raise AlreadyEnded(task=task, state=found.state.value)
    account = f"task/{task}"
    if found.cap is None:
        raise NoRaise(scope=account)
    return Target(account=account, whose=found.person, task=task, cap=found.cap)
