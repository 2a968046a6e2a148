"""What people do while a swarm is killed: cancel, try again, tell, decide about prices, raise.

The driver draws what they do; the swarm's process does it and says `did ACT ABOUT`. What was
acknowledged stands in the journal after every death; and nothing is done twice that was asked once.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections import Counter

from swarm_core.approvals.model import Verdict
from swarm_core.kernel.errors import WaggleError
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER

Did = tuple[str, str]
"""An act and whom or what it was about."""

_ACTS = {"cancel": 2, "tell": 3, "retry": 2, "decide": 5}
_VERDICTS = ("approved", "approved", "denied", "cheaper")

_FACTS = {
    "cancel": "select task from journal where kind = 'task.ended'"
    " and payload ->> '$.outcome' = 'cancelled'",
    "retry": "select task from journal where kind = 'task.retried'",
    "tell": "select task from journal where kind = 'task.told'",
    "approved": "select payload ->> '$.approval' from journal where kind = 'approval.decided'"
    " and payload ->> '$.verdict' = 'approved'",
    "denied": "select payload ->> '$.approval' from journal where kind = 'approval.decided'"
    " and payload ->> '$.verdict' = 'denied'",
    "raise": "select payload ->> '$.amount' from journal where kind = 'budget.cap_raised'",
}
_ONCE = ("approved", "denied", "tell", "retry", "raise")
"""A task may also be cancelled because its price was denied, so that is counted from below."""


class People:
    """The driver's side: what is asked for, and what was acknowledged."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._asked: Counter[Did] = Counter()
        self._did: Counter[Did] = Counter()
        self._known: list[str] = []
        self._cancelled: list[str] = []

    @property
    def done(self) -> Counter[str]:
        """How often each act was acknowledged."""
        found: Counter[str] = Counter()
        for (act, _), count in self._did.items():
            found[act] += count
        return found

    def accepted(self, task: str) -> str | None:
        """What somebody does now that one more task was accepted, as a line for the swarm."""
        self._known.append(task)
        if self._chance.random() > 0.5:
            return None
        (act,) = self._chance.choices(list(_ACTS), list(_ACTS.values()))
        if act == "decide":
            return f"decide {self._chance.choice(_VERDICTS)}"
        among = self._cancelled if act == "retry" and self._cancelled else self._known[-12:]
        return self._ask(act, self._chance.choice(among))

    def raise_by(self, amount: int) -> str:
        return self._ask("raise", str(amount))

    def heard(self, rest: str) -> None:
        """An act was acknowledged."""
        act, about = rest.split()
        self._did[act, about] += 1
        if act == "cancel":
            self._cancelled.append(about)

    def wrong(self, db: sqlite3.Connection) -> list[str]:
        found = []
        for act, facts in _FACTS.items():
            there = Counter(str(row[0]) for row in db.execute(facts))
            for (did, about), count in self._did.items():
                if did == act and there[about] < count:
                    found.append(f"{act} {about} was acknowledged {count} times and is lost")
            for about, count in there.items():
                most = self._asked[act, about] if act in ("tell", "retry", "raise") else 1
                if act in _ONCE and count > most:
                    found.append(f"{act} {about} was asked {most} times and done {count} times")
        return found

    def _ask(self, act: str, about: str) -> str:
        self._asked[act, about] += 1
        return f"{act} {about}"


async def act(swarm: Swarm, word: str, about: str) -> list[Did]:
    """Do it; returns what came of it, nothing when it was refused in words."""
    with contextlib.suppress(WaggleError):
        match word:
            case "cancel":
                await swarm.control.cancel(OWNER, TaskId(int(about)))
            case "retry":
                await swarm.control.retry(OWNER, TaskId(int(about)))
            case "tell":
                await swarm.talking.tell(OWNER, TaskId(int(about)), "and be quick about it")
            case "raise":
                await swarm.money.raise_cap(OWNER, "day", MicroUSD(int(about)))
            case _:
                return await _decide(swarm, about)
        return [(word, about)]
    return []


async def agree(swarm: Swarm) -> list[Did]:
    """Yes to every price that waits for one."""
    did = []
    while await swarm.deciding.open_ones():
        did += await _decide(swarm, "approved")
    return did


async def _decide(swarm: Swarm, verdict: str) -> list[Did]:
    for one in (await swarm.deciding.open_ones())[:1]:
        word: Verdict = "denied" if verdict == "denied" else "approved"
        instead = verdict == "cheaper" and one.other is not None
        await swarm.deciding.decide(OWNER, one.id, word, instead=instead)
        return [(word, one.id)]
    return []
