"""`waggle verify cores`: what the tests of the core rooms reach, and what they would notice.

Two figures for store (with the journal), budget, steps, policy, approvals and notices (with the
outbox): which lines and branches their own quick tests reach, and how many small faults put into
them make a test fail. Works on a scratch copy and goes on where it was interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.cores.mutating import Mutant, mutants
from tests.cores.rooms import ROOMS, sources
from tests.cores.running import Workshop
from tests.e2e.report import RELIABILITY

JUDGED = Path(__file__).with_name("judged.toml")
GOAL = 90
"""Percent of the faults that must be noticed."""


@dataclass
class Judged:
    """What people have looked at: mutants that change nothing anybody could see, and lines that
    no test can reach, each with the reason."""

    same: dict[str, str] = field(default_factory=dict)
    gaps: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Judged:
        told = tomllib.loads(text)
        same = {name: each["why"] for each in told.get("same", ()) for name in each["mutants"]}
        gaps = {(each["file"], each["line"]): each["why"] for each in told.get("gap", ())}
        return cls(same, gaps)


@dataclass
class Seen:
    """What a run saw."""

    outcomes: Counter[str] = field(default_factory=Counter)
    rooms: dict[str, Counter[str]] = field(default_factory=dict)
    survivors: list[Mutant] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    named: int = 0
    reached: int = 0
    of: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def score(self) -> float:
        return _score(self.outcomes)

    @property
    def good(self) -> bool:
        tried = sum(self.outcomes.values())
        return not self.gaps and not self.failed and (not tried or self.score >= GOAL)


def _score(outcomes: Mapping[str, int]) -> float:
    """Percent noticed of those that change anything."""
    noticed = sum(outcomes.get(each, 0) for each in ("killed", "hung", "died"))
    return 100 * noticed / ((noticed + outcomes.get("survived", 0)) or 1)


def parser() -> argparse.ArgumentParser:
    given = argparse.ArgumentParser(prog="waggle verify cores", description=__doc__)
    given.add_argument("rooms", nargs="*", metavar="ROOM", help=f"of {', '.join(ROOMS)}")
    given.add_argument("--mutants", type=int, default=100, help="how many, drawn by chance")
    given.add_argument("--all", action="store_true", help="every mutant there is")
    given.add_argument("--seed", type=int, default=1, help="what chance is drawn from")
    given.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    given.add_argument("--json", action="store_true", help="one JSON object instead of text")
    given.add_argument("--report", action="store_true", help="add a line to docs/reliability.md")
    return given


def main(argv: Sequence[str]) -> int:
    """Exit code: 0 when every line and branch is reached or its gap named, and enough of the
    faults were noticed; 1 when not, 2 for wrong usage."""
    try:
        given = parser().parse_args(argv)
    except SystemExit as end:
        return int(end.code or 0)
    if unknown := [room for room in given.rooms if room not in ROOMS]:
        sys.stderr.write(f"no core room {', '.join(unknown)}; there are: {', '.join(ROOMS)}\n")
        return 2
    rooms = given.rooms or list(ROOMS)
    began = time.monotonic()
    shop = Workshop()
    sys.stderr.write(f"working in {shop.folder}\n")
    seen = look(shop, rooms, given)
    if given.json:
        sys.stdout.write(f"{json.dumps(_plain(seen))}\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines(seen))
    if given.report:
        _append(given, rooms, sentence(seen, len(rooms)), time.monotonic() - began)
    return 0 if seen.good else 1


def look(shop: Workshop, rooms: Sequence[str], given: argparse.Namespace) -> Seen:
    """Measure, then try the mutants that chance has drawn and that were not tried yet."""
    seen, judged = Seen(), Judged.read(JUDGED.read_text(encoding="utf-8"))
    with ThreadPoolExecutor(given.jobs) as pool:
        list(pool.map(shop.measure, rooms))
    for room in rooms:
        seen.failed += shop.reached(room).failed
    for file, said in shop.covered(rooms).items():
        _gaps(seen, judged, file, said, (shop.tree / file).read_text().splitlines())
    known = shop.known()
    drawn = draw(shop.tree, rooms, len(known) + 10**9 if given.all else given.mutants, given.seed)
    for room in rooms:
        counts = seen.rooms.setdefault(room, Counter())
        todo = [m for m in drawn.get(room, ()) if m.name not in known]
        tried = [(m, known[m.name]) for m in drawn.get(room, ()) if m.name in known]
        for mutant, outcome in (*tried, *shop.try_all(room, todo, given.jobs)):
            what = outcome["outcome"]
            if what == "survived" and mutant.name in judged.same:
                what = "same"
            elif what == "survived":
                seen.survivors.append(mutant)
            counts[what] += 1
        seen.outcomes += counts
    return seen


def draw(tree: Path, rooms: Sequence[str], most: int, seed: int) -> dict[str, list[Mutant]]:
    """As many mutants, the same for the same seed, by room."""
    every = [
        (room, mutant)
        for room in rooms
        for file in sources(tree, room)
        for mutant in mutants(file.as_posix(), (tree / file).read_text(encoding="utf-8"))
    ]
    random.Random(seed).shuffle(every)
    found: dict[str, list[Mutant]] = {}
    for room, mutant in every[:most]:
        found.setdefault(room, []).append(mutant)
    return found


def _gaps(seen: Seen, judged: Judged, file: str, said: dict[str, Any], text: list[str]) -> None:
    summary = said["summary"]
    seen.of += summary["num_statements"] + summary["num_branches"]
    seen.reached += summary["covered_lines"] + summary["covered_branches"]
    missing = dict.fromkeys(said["missing_lines"], "is never reached")
    for line, to in said["missing_branches"]:
        missing.setdefault(line, f"never goes on {f'to {to}' if to > 0 else 'to the end'}")
    for line, what in sorted(missing.items()):
        if (file, text[line - 1].strip()) in judged.gaps:
            seen.named += 1
        else:
            seen.gaps.append(f"{file}:{line} {what}: {text[line - 1].strip()}")


def lines(seen: Seen) -> list[str]:
    """For people."""
    found = [f"FAILS BY ITSELF {name}" for name in seen.failed]
    found += [f"NOT REACHED {gap}" for gap in seen.gaps]
    found += [f"SURVIVED {m.file}:{m.line} {m.name}" for m in seen.survivors]
    for room, counts in seen.rooms.items():
        if sum(counts.values()):
            told = ", ".join(f"{what} {count}" for what, count in sorted(counts.items()))
            found.append(f"{room}: {_score(counts):.1f} %: {told}")
    return [*found, sentence(seen, len(seen.rooms))]


def sentence(seen: Seen, rooms: int) -> str:
    """What was seen, in one."""
    counts = seen.outcomes
    noticed = counts["killed"] + counts["hung"] + counts["died"]
    return (
        f"{rooms} rooms: {100 * seen.reached / (seen.of or 1):.2f} % of {seen.of} lines and"
        f" branches reached, {seen.named} gaps named and {len(seen.gaps)} not;"
        f" {sum(counts.values())} mutants, {noticed} noticed ({counts['hung']} by hanging),"
        f" {counts['same']} that change nothing, {counts['survived']} survived:"
        f" {seen.score:.1f} %"
    )


def _plain(seen: Seen) -> dict[str, Any]:
    return {
        "ok": seen.good,
        "score": round(seen.score, 2),
        "outcomes": seen.outcomes,
        "rooms": seen.rooms,
        "survivors": [vars(mutant) for mutant in seen.survivors],
        "gaps": seen.gaps,
        "failed": seen.failed,
    }


def _append(given: argparse.Namespace, rooms: Sequence[str], said: str, seconds: float) -> None:
    many = "--all" if given.all else f"--mutants {given.mutants}"
    named = f" {' '.join(rooms)}" if given.rooms else ""
    command = f"waggle verify cores{named} {many} --seed {given.seed}"
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    with RELIABILITY.open("a", encoding="utf-8") as file:
        file.write(
            f"- {datetime.now(UTC):%Y-%m-%d}, {machine}: `{command}`: {said}; {seconds:.0f} s.\n"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
