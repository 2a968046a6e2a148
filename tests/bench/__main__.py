"""`python -m tests.bench [throughput latency …] [--json] [sizes]`: what `waggle bench` runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from tests.bench import (
    budget,
    discord,
    growth,
    happens,
    latency,
    overhead,
    recovery,
    startup,
    throughput,
    tokens,
)
from tests.bench.measure import MACHINE, Result, Sizes, as_json, as_row

BENCHES: dict[str, Callable[[Sizes], Iterator[Result]]] = {
    "throughput": throughput.run,
    "latency": latency.run,
    "recovery": recovery.run,
    "growth": growth.run,
    "happens": happens.run,
    "startup": startup.run,
    "overhead": overhead.run,
    "budget": budget.run,
    "tokens": tokens.run,
    "discord": discord.run,
}


def main(argv: list[str]) -> int:
    reading = _arguments()
    chosen = reading.parse_args(argv)
    if unknown := set(chosen.names) - BENCHES.keys():
        there_are = ", ".join(BENCHES)
        reading.error(f"there is no bench {', '.join(sorted(unknown))}; there are: {there_are}")
    full = Sizes()
    sizes = Sizes(
        tasks=chosen.n or full.tasks,
        submitters=tuple(chosen.submitters or full.submitters),
        repeats=chosen.repeats,
        queued=chosen.queued,
        running=chosen.running,
        stored=chosen.stored,
        few=min(full.few, chosen.stored),
        probes=chosen.probes,
        tools=tuple(chosen.tools),
    )
    if not chosen.json:
        print(MACHINE)
    for name in chosen.names or BENCHES:
        for one in BENCHES[name](sizes):
            print(as_json(one) if chosen.json else as_row(one), flush=True)
    return 0


def _arguments() -> argparse.ArgumentParser:
    full = Sizes()
    reading = argparse.ArgumentParser(
        prog="waggle bench",
        description="Measure this machine: medians of fresh processes, beside the bare database.",
    )
    reading.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHES))
    reading.add_argument("--json", action="store_true", help="one object a line")
    reading.add_argument("--n", type=int, help=f"tasks for throughput ({full.tasks})")
    reading.add_argument("--submitters", type=int, nargs="+", help="how many ask at once")
    reading.add_argument("--repeats", type=int, default=full.repeats)
    reading.add_argument("--queued", type=int, default=full.queued, help="tasks at the kill")
    reading.add_argument("--running", type=int, default=full.running, help="runs at the kill")
    reading.add_argument("--stored", type=int, default=full.stored, help="tasks for growth")
    reading.add_argument("--probes", type=int, default=full.probes, help="tries of one thing")
    tools = full.tools
    reading.add_argument(
        "--tools", type=int, nargs="+", default=tools, choices=tools, help="tool calls in a talk"
    )
    return reading


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
