"""What must be so after every restart, and what must be so when nothing is left to do.

Each check reads the database with a connection of its own, while no swarm has it, and returns
sentences about what is wrong.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from swarm_core.build import ROOMS
from swarm_core.store.schema import STORE_TABLES
from swarm_core.store.verifying import verify

ALL_ROOMS = (STORE_TABLES, *ROOMS)
Told = tuple[int, str, int, bool]
"""A delivery: notice, kind, task, whether it was labelled a repeat."""


@dataclass
class Evidence:
    """What the world outside the swarm has seen."""

    accepted: dict[str, int] = field(default_factory=dict)
    served: Counter[str] = field(default_factory=Counter)
    """Requests by path, counted by the server: `/paid/KEY/RUN/N` or `/pure/KEY/0/N`."""
    told: list[Told] = field(default_factory=list)
    price: int = 0


def look(state: Path) -> sqlite3.Connection:
    """A connection that only reads, beside whatever is there."""
    return sqlite3.connect(f"{(state / 'waggle.db').as_uri()}?mode=ro", uri=True)


def at_restart(db: sqlite3.Connection, seen: Evidence, keys: Iterable[str]) -> list[str]:
    """What may never be otherwise, however the process died; `keys` were accepted last."""
    return [*accepted(db, seen, keys), *never_below_served(db, seen), *caps(db), *orphans(db)]


def at_rest(state: Path, seen: Evidence, *, all_done: bool) -> list[str]:
    """Everything, once nothing is left to do and nobody has the file open."""
    with_db = look(state)
    try:
        found = [
            *accepted(with_db, seen, seen.accepted),
            *standing(with_db, all_done=all_done),
            *steps(with_db),
            *never_below_served(with_db, seen),
            *served_once(with_db, seen),
            *balanced(with_db),
            *caps(with_db),
            *orphans(with_db),
            *deliveries(with_db, seen),
        ]
    finally:
        with_db.close()
    return found + sound(state)


def sound(state: Path) -> list[str]:
    """The file is whole, the chain unbroken, the tables what the journal says."""
    db = look(state)
    (whole,) = db.execute("pragma integrity_check").fetchone()
    db.close()
    found = [] if whole == "ok" else [f"the file is damaged: {whole}"]
    report = verify(state / "waggle.db", ALL_ROOMS)
    return found + [f"verify: {f.kind} {f.where}: {f.what}" for f in report.findings]


def accepted(db: sqlite3.Connection, seen: Evidence, keys: Iterable[str]) -> list[str]:
    """Whatever was acknowledged is one task, the one that was named."""
    found = []
    for key in keys:
        rows = db.execute(
            "select id from tasks where key = ?1"
            " union all select task from task_keys where key = ?1",
            (key,),
        ).fetchall()
        if rows != [(seen.accepted[key],)]:
            found.append(f"{key} was accepted as #{seen.accepted[key]} and is {rows or 'lost'}")
    return found


def standing(db: sqlite3.Connection, *, all_done: bool) -> list[str]:
    """Every task has ended, or waits and says for what, or is queued behind one that does."""
    good = ("done",) if all_done else ("done", "failed", "cancelled", "queued")
    rows = db.execute("select id, state, waiting, failure from tasks order by id").fetchall()
    return [
        f"#{task} is {state} ({waiting or failure})"
        for task, state, waiting, failure in rows
        if state not in good and not (state == "waiting" and waiting and not all_done)
    ]


def steps(db: sqlite3.Connection) -> list[str]:
    """No step is open; a step has one recorded result at most, in a finished run exactly one."""
    found = [
        f"step {row} is still under way"
        for row in db.execute("select run, n, attempt from steps where state = 'intended'")
    ]
    found += [
        f"step ({run}, {n}) of a {state} run has {results} results"
        for run, n, state, results in db.execute(
            "select s.run, s.n, r.state, sum(s.state = 'done') as results from steps s"
            " join runs r on r.id = s.run group by s.run, s.n"
            " having results > 1 or (results = 0 and r.state = 'done')"
        )
    ]
    return found


def served_once(db: sqlite3.Connection, seen: Evidence) -> list[str]:
    """Nothing was served that no attempt stands for: a recorded step was not acted on again."""
    tries: Counter[tuple[str, int, int]] = Counter()
    free: Counter[tuple[str, int]] = Counter()
    rows = db.execute(
        "select t.key, s.run, s.n, s.effect from steps s join tasks t on t.id = s.task"
        " where s.state in ('done', 'ambiguous', 'failed')"
    )
    for key, run, n, effect in rows:
        if effect == "paid":
            tries[key, run, n] += 1
        else:
            free[key, n] += 1
    found = []
    for path, count in seen.served.items():
        _, kind, key, run, n = path.split("/")
        most = tries[key, int(run), int(n)] if kind == "paid" else free[key, int(n)]
        if count > most:
            found.append(f"{path} was served {count} times for {most} recorded attempts")
    return found


def never_below_served(db: sqlite3.Connection, seen: Evidence) -> list[str]:
    """At every moment the books say at least what the provider will bill."""
    calls = sum(n for path, n in seen.served.items() if path.startswith("/paid/"))
    row = db.execute("select held + spent from accounts where account = 'total'").fetchone()
    booked, bill = (row[0] if row else 0), calls * seen.price
    return [f"{bill} was served and only {booked} is booked"] if booked < bill else []


def caps(db: sqlite3.Connection) -> list[str]:
    rows = db.execute(
        "select a.account, a.held + a.spent, c.cap + a.raised from accounts a join caps c"
        " on c.name = a.cap_name where a.held + a.spent > c.cap + a.raised"
    ).fetchall()
    return [f"{account} stands at {amount}, over its cap {cap}" for account, amount, cap in rows]


def balanced(db: sqlite3.Connection) -> list[str]:
    """Nothing is held, and what is spent is what the steps cost, on every account."""
    found = [f"hold {row[0]} was never settled" for row in db.execute("select id from holds")]
    found += [
        f"{account} still holds {held}"
        for account, held in db.execute("select account, held from accounts where held != 0")
    ]
    costs = dict(db.execute("select task, sum(cost) from steps group by task").fetchall())
    spent = dict(db.execute("select account, spent from accounts").fetchall())
    total = sum(costs.values())
    if spent.get("total", 0) != total:
        found.append(f"{spent.get('total', 0)} is spent and the steps cost {total}")
    for task, cost in costs.items():
        if spent.get(f"task/{task}", 0) != cost:
            found.append(f"#{task} has spent {spent.get(f'task/{task}', 0)}, its steps cost {cost}")
    found += [
        f"#{task} ended saying it cost {told}, its steps cost {costs.get(task, 0)}"
        for task, told in db.execute("select id, cost from tasks where ended is not null")
        if told != costs.get(task, 0)
    ]
    return found


def orphans(db: sqlite3.Connection) -> list[str]:
    """Whatever is under way belongs to a lease, so that a restart finds it."""
    found = [
        f"step {row} is under way in a run that nobody holds"
        for row in db.execute(
            "select run, n, attempt from steps where state = 'intended'"
            " and run not in (select run from leases)"
        )
    ]
    found += [
        f"#{row[0]} is running and nobody holds it"
        for row in db.execute(
            "select id from tasks where state = 'running' and id not in (select task from leases)"
        )
    ]
    return found


def deliveries(db: sqlite3.Connection, seen: Evidence) -> list[str]:
    """Every end was told; a further time only with the label; nothing that never happened."""
    notices: Mapping[int, tuple[str, str]] = {
        row[0]: (row[1], row[2]) for row in db.execute("select id, kind, state from notices")
    }
    times: Counter[int] = Counter()
    found = []
    for notice, kind, task, repeat in seen.told:
        times[notice] += 1
        if notice not in notices:
            found.append(f"#{task} was told of as {kind}, and nothing is known of it")
        elif times[notice] > 1 and kind == "ended" and not repeat:
            found.append(f"the end of #{task} was told again without a label")
    for notice, (kind, state) in notices.items():
        if kind == "ended" and (state != "sent" or not times[notice]):
            found.append(f"notice {notice} of an end is {state}, told {times[notice]} times")
    ended = db.execute(
        "select id from tasks t where ended is not null and not exists(select 1 from notices n"
        " where n.task = t.id and n.kind = 'ended')"
    )
    return found + [f"#{row[0]} ended and nobody was told" for row in ended]
