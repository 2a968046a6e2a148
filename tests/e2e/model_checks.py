"""What the fake's own log of served calls says about the books of a swarm with models."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from tests.e2e import checks
from tests.e2e.model_plan import REFUSED, SNAPSHOTS

MILLION = 1_000_000


class Served:
    """The served calls in a log that grows, by the key of the task they are for."""

    def __init__(self, log: Path) -> None:
        self.calls = 0
        self.picos: Counter[str] = Counter()
        self.by_model: Counter[tuple[str, str]] = Counter()
        self.by_prompt: Counter[tuple[str, str, str]] = Counter()
        self._log = log
        self._at = 0

    def read_on(self) -> None:
        """Take in what was added since."""
        if not self._log.exists():
            return
        with self._log.open("rb") as file:
            file.seek(self._at)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._at += len(whole)
        for line in whole.splitlines():
            entry = json.loads(line)
            if entry["event"] == "served":
                key, model = entry["task"], entry["model"]
                self.calls += 1
                self.picos[key] += entry["picodollars"]
                self.by_model[key, model] += 1
                self.by_prompt[key, model, entry["digest"]] += 1


def never_below(db: sqlite3.Connection, served: Served) -> list[str]:
    """Each task's books, and all of them, say at least what the provider will bill. Read the log
    before the database: a hold stands before its call is made."""
    booked = dict(
        db.execute(
            "select t.key, coalesce(a.held + a.spent, 0) from tasks t"
            " left join accounts a on a.account = 'task/' || t.id where t.key is not null"
        )
    )
    found = [
        f"{key}: {picos / MILLION:.2f} was served and only {booked.get(key, 0)} is booked"
        for key, picos in served.picos.items()
        if booked.get(key, 0) * MILLION < picos
    ]
    row = db.execute("select held + spent from accounts where account = 'total'").fetchone()
    total, bill = (row[0] if row else 0), served.picos.total()
    if total * MILLION < bill:
        found.append(f"in all {bill / MILLION:.2f} was served and only {total} is booked")
    return found


def served_once(db: sqlite3.Connection, served: Served) -> list[str]:
    """Nothing was served that no recorded try stands for, and no prompt was served again but
    after a try of unknown outcome, or because a person had the task tried again."""
    runs = Counter[str]()
    runs.update(
        row[0]
        for row in db.execute(
            "select t.key from journal j join tasks t on t.id = j.task"
            " where j.kind = 'task.retried'"
        )
    )
    tries, unknown = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    rows = db.execute(
        "select t.key, s.name, s.state, s.failure from steps s join tasks t on t.id = s.task"
        " where s.kind = 'model'"
    )
    for key, name, state, failure in rows:
        asked = name.partition("/")[2]
        which = key, SNAPSHOTS.get(asked, asked)
        lost = state == "ambiguous" or (state == "failed" and failure == "answer_lost")
        tries[which] += lost or state == "done"
        unknown[which] += lost
    found = [
        f"{key} was served {count} times by {model} for {tries[key, model]} recorded tries"
        for (key, model), count in served.by_model.items()
        if count > tries[key, model]
    ]
    return found + [
        f"{key}: one prompt was served {count} times by {model}, {unknown[key, model]} of"
        f" unknown outcome and {runs[key]} further runs are on record"
        for (key, model, _), count in served.by_prompt.items()
        if count > 1 + runs[key] + unknown[key, model]
    ]


def stamped(db: sqlite3.Connection) -> list[str]:
    """Every answer says which model gave it: the one that did, not the one that was asked for."""
    rows = db.execute(
        "select run, n, name, model from steps where kind = 'model' and state = 'done'"
    )
    found = []
    for run, n, name, model in rows:
        asked = name.partition("/")[2]
        if model != SNAPSHOTS.get(asked, asked):
            found.append(f"step ({run}, {n}) was answered by {asked} and is stamped {model}")
    return found


def standing(db: sqlite3.Connection, allowed: Mapping[str, str]) -> list[str]:
    """Every task has ended or waits for what is `allowed`; one step, one result."""
    rows = db.execute("select id, state, waiting, failure from tasks order by id").fetchall()
    found = [
        f"#{task} is {state} ({waiting or failure})"
        for task, state, waiting, failure in rows
        if state not in ("done", "failed", "cancelled") and allowed.get(waiting or "") != state
    ]
    found += [
        f"#{task} failed by a fault of ours: {failure}"
        for task, _, _, failure in rows
        if failure in ("internal", "replay_diverged", "result_kept")
    ]
    found += [
        f"#{task} sent what the fake refuses: {problem}"
        for task, problem in db.execute(
            "select id, failure_data ->> '$.problem' from tasks where failure = 'provider_rejected'"
        )
        if problem != REFUSED
    ]
    found += [
        f"step {row} is still under way"
        for row in db.execute("select run, n, attempt from steps where state = 'intended'")
    ]
    return found + [
        f"step ({run}, {n}) has {results} results"
        for run, n, results in db.execute(
            "select run, n, sum(state in ('done', 'failed')) as results from steps"
            " group by run, n having results > 1"
        )
    ]


def at_sample(db: sqlite3.Connection, served: Served) -> list[str]:
    """What is so at every moment, whoever is alive."""
    return [*never_below(db, served), *checks.caps(db)]


def at_rest(db: sqlite3.Connection, served: Served) -> list[str]:
    return [
        *standing(db, {"undecided": "waiting"}),
        *at_sample(db, served),
        *served_once(db, served),
        *stamped(db),
        *checks.balanced(db),
        *checks.orphans(db),
    ]


def waits(db: sqlite3.Connection) -> Counter[str]:
    """What tasks wait for."""
    found: defaultdict[str, int] = defaultdict(int)
    for reason, count in db.execute(
        "select waiting, count(*) from tasks where state = 'waiting' group by waiting"
    ):
        found[reason] = count
    return Counter(found)
