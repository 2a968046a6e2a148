"""Alerts: the swarm looks at itself, and what is wrong for longer than a moment is an incident.

What can go wrong: a value goes to and fro over its limit, and people are told each time. So it has
to be bad for a while before an alert goes on, and well, which is better than not bad, for a while
before it goes off; since when is on disk, so that a restart begins no new while. A look that finds
nothing new writes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from swarm_core.incidents import rules, streaks, tables
from swarm_core.incidents.book import IncidentBook
from swarm_core.incidents.model import ALERT, NO_MARK, Cause, Mark, Reading, Rule
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.errors import Closing, WaggleError
from swarm_core.store import Rows, Store, Tx

log = logging.getLogger(__name__)

TICK = 30.0
"""Seconds between two looks."""

Gauge = Callable[[], Awaitable[Sequence[Reading]]]
"""Looks at something, and says how it is: nothing of what its rule does not look at."""


class Alerts:
    """Looks by `gauges`, each as its rule says. `owner` is the key of whose the swarm is."""

    def __init__(
        self, store: Store, book: IncidentBook, gauges: Sequence[Gauge], owner: str
    ) -> None:
        self._store = store
        self._book = book
        self._gauges = gauges
        self._owner = owner
        self.rules: Mapping[str, Rule] = {}
        """By name; one that is not there is off. Those of the settings in force."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._serve(), name="alerts")

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _serve(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                await self.look()
            except Closing:
                return
            except WaggleError as error:
                log.warning("the swarm could not look at itself: %s", error)
            except Exception:
                log.exception("the swarm could not look at itself")

    async def look(self) -> None:
        """Look at everything once, and open or close what that says."""
        readings = [reading for gauge in self._gauges for reading in await gauge()]
        found = {each.subject: each for each in readings if _rule(each.subject) in self.rules}
        now = to_micros(self._store.clock.now())
        if await self._store.read(lambda rows: self._news(rows, found, now)):
            await self._store.write(lambda tx: self._apply(tx, found))

    def _news(self, rows: Rows | Tx, found: Mapping[str, Reading], now: Micros) -> dict[str, Mark]:
        """The subjects of which something is to be written, with their new marks."""
        before, open_ = streaks.marks(rows), tables.open_alerts(rows)
        news: dict[str, Mark] = {}
        for subject in sorted({*before, *open_, *found}):
            mark = before.get(subject, NO_MARK)
            reading = found.get(subject) or Reading(subject=subject, state="well")
            after = rules.marked(mark, reading, now)
            on = subject in open_
            if not on and after.bad is None:
                after = NO_MARK  # that a thing is well matters while it was not
            rule = self.rules.get(_rule(subject))
            if after != mark or rules.judge(after, rule, now, is_open=on):
                news[subject] = after
        return news

    def _apply(self, tx: Tx, found: Mapping[str, Reading]) -> None:
        """In one write, by what holds in it: another look may have been quicker."""
        open_ = tables.open_alerts(tx)
        for subject, mark in self._news(tx, found, tx.at).items():
            rule = self.rules.get(_rule(subject))
            verdict = rules.judge(mark, rule, tx.at, is_open=subject in open_)
            streaks.keep_mark(tx, subject, None if mark == NO_MARK or verdict == "off" else mark)
            if verdict == "on" and rule and subject in found:
                cause = Cause(code=f"alert_{_rule(subject)}", data=found[subject].data)
                since = mark.bad or tx.at
                self._book.raised(tx, subject, rule.severity, cause, self._owner, since)
            elif verdict == "off":
                self._book.close(tx, subject, "recovered" if rule else "gone")


def _rule(subject: str) -> str:
    return subject.removeprefix(ALERT).partition("/")[0]
