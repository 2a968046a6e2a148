"""What has to be so of all instants, whatever happened: read from the file, with no swarm at it.

Which instants there have to be is the oracle's word. From the journal comes only when which plan
held; from `marks` how far the clock had come.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from swarm_core.kernel.clock import from_micros, to_micros
from tests.schedule import oracle

Mark = tuple[int, int]
"""`(seq, now)`: the last fact there was when the clock showed this."""
MOST_FINDINGS = 20


@dataclass
class Held:
    """A plan that held: for what came after `start`, up to `peak`."""

    spec: dict[str, Any]
    start: int
    peak: int


@dataclass
class Account:
    """What was seen of all instants."""

    figures: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def found(self, what: str) -> None:
        self.figures["findings"] += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(what)


def audit(db: sqlite3.Connection, marks: Iterable[Mark]) -> Account:
    """Everything that is wrong, and counts of what there is."""
    account = Account()
    facts = [
        (seq, at, kind, task, json.loads(payload))
        for seq, at, kind, task, payload in db.execute(
            "select seq, at, kind, task, payload from journal"
            " where kind glob 'priority.*' or kind glob 'instant.*' order by seq"
        )
    ]
    held = _held(facts, marks)
    rows = defaultdict[str, dict[int, sqlite3.Row]](dict)
    db.row_factory = sqlite3.Row
    for row in db.execute("select * from instants"):
        rows[row["priority"]][row["at"]] = row
    now = max((now for _, now in list(marks)[-1:]), default=0)
    for name, plans in held.items():
        _accounted(name, plans, rows[name], now, account)
        _apart(name, plans, rows[name], account)
    _one_task_each(db, rows, account)
    _in_order(facts, account)
    return account


def planned_by(spec: dict[str, Any], after: int, until: int) -> list[int]:
    """The instants of a plan, as the oracle has them."""
    trigger, low, high = spec["trigger"], from_micros(after), from_micros(until)
    match trigger["on"]:
        case "cron":
            found = oracle.cron(trigger["fields"], spec["zone"], low, high)
        case "every":
            period = timedelta(microseconds=trigger["period"])
            found = oracle.every(period, from_micros(trigger["start"]), low, high)
        case "once":
            found = oracle.once(from_micros(trigger["at"]), low, high)
        case _:
            found = []
    return [to_micros(each) for each in found]


def _held(facts: list[Any], marks: Iterable[Mark]) -> dict[str, list[Held]]:
    """The plans of each name and how long each held."""
    held = defaultdict[str, list[Held]](list)
    open_now: dict[str, Held] = {}
    specs: dict[str, dict[str, Any]] = {}
    steps = [(seq, at, kind, e) for seq, at, kind, _, e in facts if kind.startswith("priority.")]
    steps += [(seq, now, "", {}) for seq, now in marks]
    for _, at, kind, e in sorted(steps, key=lambda step: (step[0], not step[2])):
        for plan in open_now.values():
            plan.peak = max(plan.peak, at)
        name = e.get("name") or e.get("priority", {}).get("name", "")
        if kind == "priority.set":
            before, specs[name] = specs.get(name), e["priority"]
            same = before and all(before[key] == e["priority"][key] for key in ("trigger", "zone"))
            if before and (same or name not in open_now):
                if name in open_now:
                    open_now[name].spec = e["priority"]
                continue
        if kind in ("priority.paused", "priority.removed"):
            open_now.pop(name, None)
            if kind == "priority.removed":
                del specs[name]
        elif kind in ("priority.set", "priority.resumed"):
            open_now[name] = Held(specs[name], at, at)
            held[name].append(open_now[name])
    return held


def _accounted(
    name: str, plans: list[Held], rows: dict[int, sqlite3.Row], now: int, account: Account
) -> None:
    """Each instant of a plan has a row and is over; no other is there."""
    wanted = {at for plan in plans for at in planned_by(plan.spec, plan.start, plan.peak)}
    account.figures["instants"] += len(wanted)
    for at in sorted(wanted - rows.keys()):
        account.found(f"{name}: {from_micros(at)} was planned and has no row")
    for at, row in sorted(rows.items()):
        state = row["state"]
        account.figures[f"{state} {row['reason']}".strip()] += 1
        if at in wanted:
            if state == "planned" and row["due"] <= now and not row["queued"] and not row["gate"]:
                account.found(f"{name}: {from_micros(at)} is over and nothing became of it")
        elif not row["asked"] and state != "planned":
            account.found(f"{name}: {from_micros(at)} is {state} and was not planned")
    if sum(row["state"] == "planned" and not row["queued"] for row in rows.values()) > 2:
        account.found(f"{name}: more is planned than the next and one whose gate is at work")


def _apart(name: str, plans: list[Held], rows: dict[int, sqlite3.Row], account: Account) -> None:
    """The cooldown is kept, and the quiet hours."""
    spec = plans[-1].spec
    ran = [at for at, row in sorted(rows.items()) if row["state"] == "ran" and not row["asked"]]
    cooldown = min(plan.spec.get("cooldown", 0) for plan in plans)
    for one, other in pairwise(ran):
        if other - one < cooldown:
            account.found(f"{name}: {from_micros(other)} ran within its cooldown")
    for at, row in rows.items():
        quiet = _quiet(from_micros(at), spec)
        if quiet and row["state"] == "ran" and not row["asked"]:
            account.found(f"{name}: {from_micros(at)} ran in its quiet hours")
        if row["reason"] == "quiet" and not quiet:
            account.found(f"{name}: {from_micros(at)} was kept back by quiet hours that it has not")


def _quiet(at: datetime, spec: dict[str, Any]) -> bool:
    if not spec.get("quiet"):
        return False
    begin, end = spec["quiet"].split("-")
    wall = f"{at.astimezone(ZoneInfo(spec['zone'])):%H:%M}"
    return begin <= wall < end if begin < end else wall >= begin or wall < end


def _one_task_each(
    db: sqlite3.Connection, rows: dict[str, dict[int, sqlite3.Row]], account: Account
) -> None:
    """A task is one instant's, an instant has one task, and a gate at most."""
    whose = Counter(
        row[column]
        for each in rows.values()
        for row in each.values()
        for column in ("task", "gate")
        if row[column] is not None
    )
    for task, key in db.execute("select id, key from tasks where key glob 'standing/*'"):
        account.figures["tasks"] += 1
        if whose[task] != 1:
            account.found(f"task {task} ({key}) is of {whose[task]} instants")


def _in_order(facts: list[Any], account: Account) -> None:
    """Nothing begins early or later than its jitter allows to be planned, and where `overlap` is
    skip nothing begins while the one before is at work."""
    specs: dict[str, dict[str, Any]] = {}
    busy, gated = defaultdict[str, set[int]](set), defaultdict[str, set[int]](set)
    due: dict[tuple[str, int], int] = {}
    for seq, at, kind, task, e in facts:
        name, one = e.get("name", ""), e.get("at", 0)
        match kind:
            case "priority.set":
                specs[e["priority"]["name"]] = e["priority"]
            case "instant.planned":
                due[name, one] = e["due"]
                if not 0 <= e["due"] - one <= specs[name].get("jitter", 0):
                    account.found(f"{name}: {from_micros(one)} is due {e['due'] - one} µs later")
            case "priority.removed":
                gated[name].clear()
            case "instant.gated":
                gated[name].add(one)
            case "instant.ran":
                others = (busy[name] | gated[name]) - {one}
                gated[name].discard(one)
                skips = specs[name].get("overlap", "skip") == "skip"
                if others and skips and not e.get("asked"):
                    account.found(f"{name}: fact {seq}: {from_micros(one)} ran beside another")
                if at < due.get((name, one), one):
                    account.found(f"{name}: {from_micros(one)} ran early, at {from_micros(at)}")
                if task is not None:
                    busy[name].add(one)
            case "instant.ended":
                busy[name].discard(one)
            case "instant.skipped":
                gated[name].difference_update(e["instants"])
