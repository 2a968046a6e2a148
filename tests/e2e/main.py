"""The command line of chaos and simulation."""

from __future__ import annotations

import argparse
import asyncio
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tests.e2e.chaos import SWARM, Result, Rules, play
from tests.e2e.ledger import Ledger
from tests.e2e.model_chaos import MODEL_SWARM, play_models
from tests.e2e.mutants import MUTANTS, OF_MODELS
from tests.e2e.report import Report
from tests.e2e.simulated import simulate_anywhere
from tests.womb import Womb, womb

ROUND = 200
"""Most kills in one state folder. A longer command is rounds with the seeds that follow, so that a
round that found something is repeated by its seed."""


def parser() -> argparse.ArgumentParser:
    given = argparse.ArgumentParser(prog="waggle chaos", description=__doc__)
    given.add_argument("--kills", type=int, default=20, help="kills that count (default 20)")
    given.add_argument("--until", type=int, help="go on until so many are in the docs' table")
    given.add_argument("--seed", type=int, default=1, help="what everything is drawn from")
    given.add_argument("--tasks", type=int, default=100, help="tasks in each round, at least")
    given.add_argument("--points", action="store_true", help="kill at the named points only")
    given.add_argument("--models", action="store_true", help="workers with models that fail them")
    mutants = sorted(MUTANTS | OF_MODELS)
    given.add_argument("--mutant", choices=mutants, help="break the swarm on purpose")
    given.add_argument("--cap", type=int, help="most that may ever be spent, in micro-dollars")
    given.add_argument("--simulate", action="store_true", help="simulate instead of killing")
    given.add_argument("--seeds", type=int, default=20, help="seeds to simulate (default 20)")
    given.add_argument("--json", action="store_true", help="one JSON object instead of text")
    given.add_argument("--report", action="store_true", help="write it down in docs/reliability.md")
    return given


def main(argv: Sequence[str]) -> int:
    """Exit code: 0 when nothing was found, 1 when something was, 2 for wrong usage."""
    try:
        given = _given(argv)
    except SystemExit as end:
        return int(end.code or 0)
    report = Report(shlex.join(["waggle", "chaos", *(a for a in argv if a != "--report")]))
    began = time.monotonic()
    if given.simulate:
        _simulate(report, given)
    else:
        _kill(report, given)
    report.seconds = time.monotonic() - began
    sys.stdout.write(f"{report.as_json() if given.json else report.as_text()}\n")
    if given.report and given.simulate:
        report.append()
    return 1 if report.findings else 0


def _given(argv: Sequence[str]) -> argparse.Namespace:
    reading = parser()
    given = reading.parse_args(argv)
    if given.until is not None and given.simulate:
        reading.error("--until is for kills")
    if given.mutant and (given.report or given.until is not None):
        reading.error("a swarm that is broken on purpose is not written down")
    return given


def _kill(report: Report, given: argparse.Namespace) -> None:
    models = given.models
    rules = Rules(
        seed=given.seed,
        kills=ROUND,
        tasks=given.tasks,
        where="points" if given.points else "both",
        mutant=given.mutant or "",
        cap=given.cap,
    )
    ledger = Ledger() if given.report or given.until is not None else None
    with womb(MODEL_SWARM if models else SWARM) as lives:
        for one in _rounds(rules, given, ledger):
            result = _round(one, models, lives)
            report.rounds.append(result)
            if ledger:
                ledger.add(one, models, result)
            if result.findings:
                return


def _rounds(rules: Rules, given: argparse.Namespace, ledger: Ledger | None) -> Iterator[Rules]:
    """As many kills as are asked for, or as are missing from the ledger."""
    if given.until is None or ledger is None:
        for number, first in enumerate(range(0, given.kills, ROUND)):
            kills = min(ROUND, given.kills - first)
            yield replace(rules, seed=rules.seed + number, kills=kills)
        return
    while (left := given.until - ledger.counted(rules, given.models)) > 0:
        _say(f"{left} kills are missing to {given.until}")
        yield replace(rules, seed=ledger.next_seed(rules, given.models), kills=min(ROUND, left))


def _round(rules: Rules, models: bool, lives: Womb) -> Result:
    folder = Path(tempfile.mkdtemp(prefix=f"waggle-chaos-{rules.seed}-"))
    result = asyncio.run((play_models if models else play)(rules, folder, lives))
    _say(
        f"seed {result.seed}: {result.kills.total()} kills in {result.seconds:.0f} s,"
        f" {len(result.findings)} findings"
    )
    if result.findings:
        _say(f"what it left is in {folder}")
    else:
        shutil.rmtree(folder)
    return result


def _simulate(report: Report, given: argparse.Namespace) -> None:
    """Each seed twice: the same seed must give the same journal."""
    for seed in range(given.seed, given.seed + given.seeds):
        first, second = simulate_anywhere(seed), simulate_anywhere(seed)
        if first.head != second.head:
            first.findings.append(f"ended in {first.head} and, played again, in {second.head}")
        report.simulated.append(first)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
