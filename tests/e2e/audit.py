"""The journal read as a witness: what may never stand in it, whoever wrote it and when.

Fed in order, in one go or after each restart: nobody commits to a run that is not theirs any more,
no attempt ends twice, no recorded step is begun again, no task ends twice, every hold is settled
once.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

MOST_UNKNOWN_PAID = 2
"""A paid step may be tried once more by itself after one try of unknown outcome."""


class Audit:
    """Keeps what has been seen; `problems` grows with what must not be."""

    def __init__(self) -> None:
        self.seq = 0
        self.problems: list[str] = []
        self._leased: set[int] = set()
        self._current: dict[int, int] = {}
        """The run of each task, leased or parked."""
        self._open: set[tuple[int, int, int]] = set()
        self._done: set[tuple[int, int]] = set()
        self._unknown: dict[tuple[int, int], int] = {}
        self._paid: set[tuple[int, int]] = set()
        self._ended: set[int] = set()
        self._holds: set[int] = set()

    def feed(self, db: sqlite3.Connection) -> None:
        """Take in the facts since the last call."""
        rows = db.execute(
            "select seq, kind, task, run, payload from journal where seq > ? order by seq",
            (self.seq,),
        )
        for seq, kind, task, run, payload in rows:
            self.seq = seq
            see = getattr(self, f"_{kind.replace('.', '_')}", None)
            problem = see(task, run, json.loads(payload)) if see else None
            if problem:
                self.problems.append(f"fact {seq} ({kind}, task {task}, run {run}): {problem}")

    def _task_started(self, task: int, run: int, e: dict[str, Any]) -> str | None:
        self._leased.add(run)
        before = self._current.get(task, run)
        self._current[task] = run
        if before != run:
            return f"starts while run {before} has not ended"
        return "starts although it has ended" if task in self._ended else None

    def _task_parked(self, task: int, run: int | None, e: dict[str, Any]) -> str | None:
        self._leased.discard(run or 0)
        return "parked although it has ended" if task in self._ended else None

    def _task_ended(self, task: int, run: int | None, e: dict[str, Any]) -> str | None:
        stale = run is not None and run not in self._leased and e["outcome"] == "done"
        current = self._current.pop(task, None)
        self._leased.discard(run or 0)
        twice = task in self._ended
        self._ended.add(task)
        if twice:
            return "ends a second time"
        if stale or run != current:
            return f"is ended by run {run}, which had lost it; {current} has it"
        left = [step for step in self._open if step[0] == run]
        return f"ends with a step under way: {left}" if left else None

    def _task_retried(self, task: int, run: int | None, e: dict[str, Any]) -> str | None:
        ended = task in self._ended
        self._ended.discard(task)
        return None if ended else "tried again although it had not ended"

    def _step_intended(self, task: int, run: int, e: dict[str, Any]) -> str | None:
        step, attempt = (run, e["n"]), (run, e["n"], e["attempt"])
        fresh = attempt not in self._open
        self._open.add(attempt)
        if e["effect"] == "paid":
            self._paid.add(step)
        if run not in self._leased:
            return "a run that had lost its task acts"
        if step in self._done:
            return "a recorded step is begun again"
        if e["effect"] == "once" and self._unknown.get(step):
            return "a step that may have taken effect is repeated"
        return None if fresh else "the same attempt begins twice"

    def _step_ended(self, task: int, run: int, e: dict[str, Any]) -> str | None:
        step, attempt = (run, e["n"]), (run, e["n"], e["attempt"])
        if e["state"] == "done":
            self._done.add(step)
        if e["state"] == "ambiguous":
            self._unknown[step] = self._unknown.get(step, 0) + 1
            if step in self._paid and self._unknown[step] > MOST_UNKNOWN_PAID:
                return "a paid step was repeated more than once by itself"
        if attempt not in self._open:
            return "an attempt ends twice"
        self._open.discard(attempt)
        return None if run in self._leased else "a run that had lost its task records a step"

    def _step_decided(self, task: int, run: int, e: dict[str, Any]) -> str | None:
        step = (run, e["n"])
        if not self._unknown.get(step):
            return "a step is decided on whose outcome is known"
        if e["decision"] == "repeat":
            self._unknown[step] -= 1
        return None

    def _budget_held(self, task: int, run: int, e: dict[str, Any]) -> str | None:
        twice = e["hold"] in self._holds
        self._holds.add(e["hold"])
        return "the same hold is taken twice" if twice else None

    def _budget_settled(self, task: int, run: int, e: dict[str, Any]) -> str | None:
        known = e["hold"] in self._holds
        self._holds.discard(e["hold"])
        return None if known else "a hold is settled twice"
