"""Standing priorities over years: every instant that there has to be is there, and no other.

First what is planned is held against an oracle that knows crontab(5) and shares no line with it,
in every zone of the database. Then swarms live through years in virtual time; what happens to
them is told in `tests/schedule/year.py`, what is looked at in `tests/schedule/account.py`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from swarm_core.kernel.errors import BadSchedule
from tests.e2e.verify import rounds
from tests.e2e.verify.rounds import Kept, Part, Round
from tests.e2e.verify.trial import Given, Seen
from tests.schedule import drawn, oracle, year
from tests.schedule.planned import instants

ZONES = 24
"""Of one year."""


async def run(given: Given) -> Seen:
    """See `Trial`."""
    kept, whole, findings = Kept(given.rounds), Counter[str](), list[str]()
    for part in PARTS:
        seen = await rounds.played(part, given.folder, given.seed, long=given.long, kept=kept)
        whole.update(seen.figures)
        findings += seen.findings
    became = ", ".join(
        f"{figure} {name.removeprefix('became ')}"
        for name, figure in sorted(whole.items())
        if name.startswith("became ")
    )
    return Seen(
        f"{whole['expressions']} expressions in {whole['zones']} turns of zones with"
        f" {whole['planned']} instants as crontab(5) has them; {whole['days']} days of"
        f" {whole['priorities']} priorities with {whole['instants']} instants and"
        f" {whole['tasks']} tasks: {became}",
        findings,
    )


async def _cron(_folder: Path, seed: int, size: int) -> Round:
    return await asyncio.to_thread(_compare, seed, size)


def _compare(seed: int, size: int) -> Round:
    seen, among = Round(), drawn.ODD if size == 0 else drawn.zones()
    for given in drawn.cases(seed, max(1, size), among):
        wanted = oracle.cron(*given)
        try:
            found = instants(*given)
        except BadSchedule:
            found = []  # one that never comes, as 30 February
        seen.figures.update(expressions=1, planned=len(wanted))
        if found != wanted:
            odd = sorted(set(found) ^ set(wanted))
            seen.findings.append(f"{given[0]} in {given[1]}: {len(odd)} differ, first {odd[:1]}")
    seen.figures["zones"] = len(among) * max(1, size)
    return seen


async def _year(folder: Path, seed: int, size: int) -> Round:
    among = _zones(seed)
    account = await asyncio.to_thread(year.play, folder, seed, size, among)
    known = ("instants", "tasks", "findings")
    figures = Counter(
        {k if k in known else f"became {k}": count for k, count in account.figures.items()}
    )
    figures.update(days=size, priorities=len(among))
    return Round(figures, account.findings)


def _zones(seed: int) -> list[str]:
    """Those of a round: after enough rounds it has been every one's turn."""
    every, first = drawn.zones(), seed * ZONES
    return [every[number % len(every)] for number in range(first, first + ZONES)]


PARTS = (
    # Of size 0: the zones of each kind, once.
    Part("schedules-cron", _cron, (1, 0), (25, 4)),
    Part("schedules-year", _year, (1, 8), (25, 365)),
)
