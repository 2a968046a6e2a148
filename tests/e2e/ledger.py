"""Every round of kills ever reported: one line each in a file, and the table made of it.

A round with findings stands in it with their names and counts for nothing.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from swarm_core.kernel.crash import POINTS
from tests.e2e.chaos import Result, Rules
from tests.e2e.plan import RANDOM
from tests.womb import ROOT

RUNS = ROOT / "docs" / "chaos-runs.jsonl"
RELIABILITY = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- runs: made by `waggle chaos --report` -->", "<!-- end of runs -->"
_TRIED = ("swarm_core", "tests/e2e")
_COUNTED = ("tasks", "served", "told", "repeats", "facts", "cold")

Entry = dict[str, Any]


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}"


class Ledger:
    """The file of rounds. Each is on the disk before the next begins, so that a command that was
    interrupted has lost the round it was in and no more."""

    def __init__(self, runs: Path = RUNS, page: Path = RELIABILITY) -> None:
        self._runs = runs
        self._page = page
        self._source = source(*_TRIED)

    def add(self, rules: Rules, models: bool, result: Result) -> None:
        """Write a round down, and the table anew."""
        now = source(*_TRIED)
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "source": now if now == self._source else f"{self._source} to {now}",
            "what": _what(rules, models),
            **result.plain(),
        }
        with self._runs.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        self._write_table()

    def entries(self) -> list[Entry]:
        if not self._runs.exists():
            return []
        return [json.loads(line) for line in self._runs.read_text("utf-8").splitlines()]

    def counted(self, rules: Rules, models: bool) -> int:
        """Kills of this sort in rounds in which nothing was found."""
        return sum(_kills(one) for one in self._like(rules, models) if not one["findings"])

    def next_seed(self, rules: Rules, models: bool) -> int:
        """The first one that no round of this sort had, from the one of `rules` on."""
        return max(rules.seed, *(int(one["seed"]) + 1 for one in self._like(rules, models)), 0)

    def _like(self, rules: Rules, models: bool) -> list[Entry]:
        what = _what(rules, models)
        return [one for one in self.entries() if one["what"] == what]

    def _write_table(self) -> None:
        before, begin, rest = self._page.read_text("utf-8").partition(BEGIN)
        _, end, after = rest.partition(END)
        if not end:
            raise ValueError(f"{self._page} has lost the place of its table")
        table = "\n".join(table_of(self.entries()))
        self._page.write_text(f"{before}{begin}\n{table}\n{end}{after}", "utf-8")


def table_of(entries: Sequence[Entry]) -> list[str]:
    """A row for each run of rounds that were alike, with the total so far, and what was found."""
    rows = [
        "| day | source | machine | what | seeds | kills | tasks | calls | facts | found | total |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    total: Counter[str] = Counter()
    for (day, source, where, what), group in groupby(entries, _alike):
        rounds = list(group)
        clean = [one for one in rounds if not one["findings"]]
        for one in clean:
            total.update(one["kills"])
        sums = [_sum(clean, name) for name in ("tasks", "served", "facts")]
        kills, found = sum(map(_kills, clean)), len(rounds) - len(clean)
        cells = [day, f"`{source}`", where, what, _seeds(rounds), kills, *sums, found or "nothing"]
        rows.append(f"| {' | '.join(map(str, cells))} | {total.total()} |")
    points = ", ".join(f"{point} {total[point]}" for point in (RANDOM, *POINTS) if total[point])
    clean = [one for one in entries if not one["findings"]]
    told, repeats, cold = (_sum(clean, name) for name in ("told", "repeats", "cold"))
    summary = (
        f"{total.total()} kills with a step in flight: {points or 'none yet'}. {told} deliveries,"
        f" {repeats} of them labelled as repeats; {cold} lives were started as programs."
    )
    rows += ["", summary]
    rows += [
        f"\nSeed {one['seed']} ({one['what']}, `{one['source']}`), not counted: {finding}"
        for one in entries
        for finding in one["findings"][:3]
    ]
    return rows


def _alike(entry: Entry) -> tuple[str, str, str, str]:
    return entry["at"][:10], entry["source"], entry["machine"], entry["what"]


def _what(rules: Rules, models: bool) -> str:
    words = ["models" if models else "scripted"]
    if rules.where != "both":
        words.append(rules.where)
    if rules.cap is not None:
        words.append(f"cap {rules.cap}")
    return ", ".join(words)


def _kills(entry: Entry) -> int:
    return sum(entry["kills"].values())


def _sum(entries: Sequence[Entry], name: str) -> int:
    return sum(int(one.get(name, 0)) for one in entries)


def _seeds(rounds: Sequence[Entry]) -> str:
    seeds = sorted({one["seed"] for one in rounds})
    spans = [
        [seed for _, seed in span]
        for _, span in groupby(enumerate(seeds), lambda pair: pair[1] - pair[0])
    ]
    return ", ".join(str(s[0]) if len(s) == 1 else f"{s[0]} to {s[-1]}" for s in spans)


def source(*tried: str) -> str:
    """The last commit that changed what is tried, with a mark when it is not all committed."""
    last = _git("log", "-1", "--format=%h", "--", *tried)
    changed = _git("status", "--porcelain", "--", *tried)
    return f"{last}+" if changed else last or "unknown"


def _git(*args: str) -> str:
    try:
        done = subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""  # no git on this machine
    return done.stdout.strip()
