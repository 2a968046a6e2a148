"""The command line of `waggle verify`."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import platform
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.ledger import RELIABILITY
from tests.e2e.verify.table import TRIALS
from tests.e2e.verify.trial import Given, Seen

ROUNDS = RELIABILITY.parent / "verify-runs.jsonl"


def parser() -> argparse.ArgumentParser:
    given = argparse.ArgumentParser(prog="waggle verify", description=__doc__)
    given.add_argument(
        "trials", nargs="*", metavar="NAME", help=f"of {', '.join(TRIALS)}; or cores"
    )
    given.add_argument("--long", action="store_true", help="at full size: minutes, soak an hour")
    given.add_argument("--seed", type=int, default=1, help="what chance is drawn from")
    given.add_argument("--json", action="store_true", help="one JSON object instead of text")
    given.add_argument("--report", action="store_true", help="add lines to docs/reliability.md")
    return given


def main(argv: Sequence[str]) -> int:
    """Exit code: 0 when nothing was found, 1 when something was, 2 for wrong usage."""
    if argv[:1] == ["cores"]:
        # Not a swarm is tried but its tests, by options of their own and what only tests need.
        return int(importlib.import_module("tests.cores.main").main(argv[1:]))
    try:
        given = parser().parse_args(argv)
    except SystemExit as end:
        return int(end.code or 0)
    unknown = [name for name in given.trials if name not in TRIALS]
    if unknown:
        sys.stderr.write(f"no trial {', '.join(unknown)}; there are: {', '.join(TRIALS)}\n")
        return 2
    all_seen: dict[str, Seen] = {}
    for name in given.trials or TRIALS:
        began = time.monotonic()
        seen = all_seen[name] = _try(name, given)
        line = _line(name, seen, time.monotonic() - began)
        if not given.json:
            sys.stdout.write(f"{line}\n")
            sys.stdout.writelines(f"  FOUND {what}\n" for what in seen.findings)
            sys.stdout.flush()
        if given.report:
            _append(name, given, line)
    if given.json:
        plain = {name: vars(seen) for name, seen in all_seen.items()}
        ok = not any(seen.findings for seen in all_seen.values())
        sys.stdout.write(f"{json.dumps({'ok': ok, 'trials': plain})}\n")
    return 1 if any(seen.findings for seen in all_seen.values()) else 0


def _try(name: str, given: argparse.Namespace) -> Seen:
    folder = Path(tempfile.mkdtemp(prefix=f"waggle-verify-{name}-"))
    rounds = ROUNDS if given.long and given.report else None
    told = Given(folder=folder, seed=given.seed, long=given.long, rounds=rounds)
    seen = asyncio.run(TRIALS[name](told))
    if seen.findings:
        sys.stderr.write(f"what it left is in {folder}\n")
    else:
        shutil.rmtree(folder)
    return seen


def _line(name: str, seen: Seen, seconds: float) -> str:
    if seen.skipped:
        return f"{name}: not tried: {seen.skipped}"
    found = f"{len(seen.findings)} findings" if seen.findings else "nothing found"
    return f"{name}: {seen.sentence}; {seconds:.0f} s, {found}"


def _append(name: str, given: argparse.Namespace, line: str) -> None:
    long = ["--long"] if given.long else []
    command = shlex.join(["waggle", "verify", name, *long, "--seed", str(given.seed)])
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    with RELIABILITY.open("a", encoding="utf-8") as file:
        file.write(f"- {datetime.now(UTC):%Y-%m-%d}, {machine}: `{command}`: {line}.\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
