"""What a digest says, gathered from the rooms that know: of one person, for one span of time.

What can go wrong: somebody learns of what they may not see. So tasks are counted by whose they
are, approvals are listed for whom policy lets decide where the digest is read, and the swarm as a
whole is there for its owner, and for who is admin everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import msgspec

from swarm_core.approvals import Approval
from swarm_core.approvals import tables as approved
from swarm_core.budget import standing
from swarm_core.budget.model import Account, Scope
from swarm_core.dispatch.raising import owners_of
from swarm_core.dispatch.seeing import Seeing, is_private
from swarm_core.kernel.actor import ADMIN, OWNER, Actor
from swarm_core.kernel.clock import Micros, from_micros
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.notices import digest_tables as tables
from swarm_core.notices.digest import (
    DAYS,
    DAYS_BEFORE,
    RUNS,
    Amounts,
    Digest,
    Ends,
    Group,
    Missed,
    Spent,
    Trouble,
    Unusual,
    Whole,
    days_of,
    dear_days,
    first_failure,
    odd_runs,
)
from swarm_core.people import OWNER_NUMBER, Directory
from swarm_core.policy import Action, Policy, Resource
from swarm_core.store import Rows, Tx
from swarm_core.tasks import ended
from swarm_core.tasks.asked import asked as how_asked
from swarm_core.tasks.ended import Count
from swarm_core.tasks.model import Sight

MOST_NAMED = 5
"""Of each list; of the rest it is told how many there are."""
_MOST_RUNS = 200
_MOST_DAYS = 31

IsTheirs = Callable[[str], bool]
"""Whether a key is of whoever the digest is for, as far as it is seen from there."""


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads it, and where they are. `whose` are the names under which their notices are listed,
    `keys` those of everybody who had anything at work lately."""

    actor: Actor
    whose: tuple[str, ...]
    keys: Sequence[str]


class Sources(msgspec.Struct, kw_only=True):
    """What other rooms of this floor tell, set by the composition root: missed instants and
    incidents of whoever reads, in a span of time."""

    missed: Callable[[Rows | Tx, IsTheirs, Micros, Micros], Sequence[Missed]] | None = None
    incidents: Callable[[Rows | Tx, Actor, Micros, Micros], Sequence[Trouble]] | None = None


class Gathering:
    """Gathers digests. `sources` may be filled after it is made."""

    def __init__(self, directory: Directory, policy: Policy, seeing: Seeing) -> None:
        self._directory = directory
        self._policy = policy
        self._seeing = seeing
        self.sources = Sources()

    def gather(
        self,
        rows: Rows | Tx,
        reader: Reader,
        day: str,
        since: Micros,
        upto: Micros,
        before: Digest | None,
    ) -> Digest:
        """What there is to tell of that span; `before` is what was told last."""
        actor = reader.actor
        number = self._directory.number_of(actor.key)
        theirs = self._theirs(actor)
        counts = ended.counts(rows, since, upto)
        mine = [each for each in counts if theirs(each.person)]
        keys = tuple(filter(theirs, reader.keys))
        sight = Sight(people=keys)
        failures = ended.failed(rows, sight, since, upto, MOST_NAMED)
        groups = _groups(mine)
        decide = self._to_decide(rows, actor)
        parked = [t for t in ended.waiting(rows, sight) if t not in {a.task for a in decide}]
        missed, incidents = self.sources.missed, self.sources.incidents
        seen = {_about(each) for each in (before.unusual if before else ())}
        unusual = [
            *self._odd(rows, groups, since, upto),
            *_first_failures(rows, sight, failures, {g.name for g in groups}),
        ]
        whole = self._whole(rows, counts, upto) if self._sees_whole(actor) else None
        if whole:
            unusual += _dear(rows, since, upto)
        return Digest(
            person=number,
            day=day,
            since=since,
            upto=upto,
            own=_sum([each for each in mine if not each.standing]),
            groups=groups,
            failures=tuple(failures),
            failed=sum(each.tasks for each in mine if each.state.value == "failed"),
            approvals=tuple(each.id for each in decide[:MOST_NAMED]),
            to_decide=len(decide),
            parked=tuple(parked[:MOST_NAMED]),
            waiting=len(parked),
            missed=tuple(missed(rows, theirs, since, upto)) if missed else (),
            incidents=tuple(incidents(rows, actor, since, upto)) if incidents else (),
            undelivered=tables.undelivered(rows, reader.whose, since, upto),
            spent=self._spent(rows, actor, since, upto),
            money=self._money(rows, actor, upto),
            whole=whole,
            unusual=tuple(each for each in unusual if _about(each) not in seen),
        )

    def _theirs(self, actor: Actor) -> IsTheirs:
        number = self._directory.number_of(actor.key)
        space = self._seeing.mine(actor).space
        prefix = "/".join((*space, "")) if space else ""

        def theirs(key: str) -> bool:
            same = self._directory.number_of(key) == number if number else key == actor.key
            return same and key.startswith(prefix)

        return theirs

    def _sees_whole(self, actor: Actor) -> bool:
        return (
            is_private(actor)
            and bool(actor.roles & {OWNER, ADMIN})
            and self._policy.allows(actor, Action.READ_BOARD, Resource("board"))
        )

    def _to_decide(self, rows: Rows | Tx, actor: Actor) -> list[Approval]:
        """What the actor may decide on from where they are, what expires first in front."""
        found, sight = [], self._seeing.sight(actor)
        for each in approved.open_ones(rows):
            task = how_asked(rows, each.task) if each.task else None
            owners = owners_of(each, task.person if task and each.kind == "raise" else "")
            resources = [Resource(each.kind, each.id, owner) for owner in owners]
            known = all(sight.knows(owner, others=True) for owner in owners)
            if known and all(self._policy.allows(actor, Action.DECIDE, one) for one in resources):
                found.append(each)
        return found

    def _odd(
        self, rows: Rows | Tx, groups: Sequence[Group], since: Micros, upto: Micros
    ) -> list[Unusual]:
        found: list[Unusual] = []
        for group in groups:
            last = ended.of_priority(rows, group.name, upto, _MOST_RUNS)
            found += odd_runs(group.name, last, since)
        return found

    def _spent(
        self, rows: Rows | Tx, actor: Actor, since: Micros, upto: Micros
    ) -> tuple[Spent, ...]:
        payer = self._directory.whose(actor.key)
        if payer == f"person/{OWNER_NUMBER}":
            return ()
        days = days_of(since, upto, _MOST_DAYS)
        known = standing.accounts(rows, [f"person_day/{payer}/{day}" for day in days])
        spent = {name[-10:]: account.spent for name, account in known.items()}
        return tuple(Spent(day=day, spent=spent[day]) for day in days if spent.get(day))

    def _money(self, rows: Rows | Tx, actor: Actor, upto: Micros) -> Amounts | None:
        payer = self._directory.whose(actor.key)
        if payer == f"person/{OWNER_NUMBER}":
            return None
        now = from_micros(upto)
        scope = Scope("person_day", f"person_day/{payer}/{now.date().isoformat()}")
        (account,) = standing.of_scopes(rows, [scope], now)
        return _amounts(account)

    def _whole(self, rows: Rows | Tx, counts: Sequence[Count], upto: Micros) -> Whole:
        now = from_micros(upto)
        month, today = standing.of_scopes(rows, standing.swarm_scopes(now), now)
        last = [(now.date() - timedelta(days=n)).isoformat() for n in reversed(range(DAYS))]
        spent = _by_day(rows, last)
        return Whole(
            today=_amounts(today),
            month=_amounts(month),
            days=tuple(Spent(day=day, spent=spent.get(day, ZERO)) for day in last),
            ends=_sum(counts),
        )


def _sum(counts: Sequence[Count]) -> Ends:
    ends = Ends()
    for each in counts:
        ends = ends.and_one(each.state, each.tasks, each.cost)
    return ends


def _groups(counts: Sequence[Count]) -> tuple[Group, ...]:
    names = sorted({each.standing for each in counts if each.standing})
    return tuple(
        Group(name=name, ends=_sum([each for each in counts if each.standing == name]))
        for name in names
    )


def _amounts(account: Account) -> Amounts:
    return Amounts(account=account.account, spent=account.spent, held=account.held, cap=account.cap)


def _about(odd: Unusual) -> tuple[str, str, TaskId | None]:
    """By what it is known again: a day that is not over yet goes on to cost."""
    return odd.sort, odd.of, odd.task


def _by_day(rows: Rows | Tx, days: Sequence[str]) -> dict[str, MicroUSD]:
    """What the swarm spent on each of these days, those with nothing left out."""
    known = standing.accounts(rows, [f"day/{day}" for day in days])
    return {name[-10:]: account.spent for name, account in known.items() if account.spent}


def _dear(rows: Rows | Tx, since: Micros, upto: Micros) -> list[Unusual]:
    judged = days_of(since, upto, DAYS)
    first = date.fromisoformat(judged[0]) - timedelta(days=DAYS_BEFORE)
    last = date.fromisoformat(judged[-1])
    every = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
    return dear_days(judged, _by_day(rows, every))


def _first_failures(
    rows: Rows | Tx, sight: Sight, failures: Sequence[TaskId], priorities: set[str]
) -> list[Unusual]:
    """Of workers: those of priorities are known by their names."""
    found: dict[str, Unusual] = {}
    for task in failures:
        if ended.standing_of(rows, task) in priorities:
            continue
        worker, states = ended.before(rows, sight, task, RUNS)
        if worker and first_failure(states):
            found[worker] = Unusual(sort="failure", of=worker, usual=RUNS, task=task)
    return list(found.values())
