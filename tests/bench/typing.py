"""People who type on a fake Discord, in a process of their own: what they take is nobody else's.

A line of stdin says what to type and how often, `{"name": "ask", "probes": 200}`; a line of stdout
says what came of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from tests.bench.measure import Sample, percentile
from tests.fakes.discord.client import Client

AT_ONCE = 5
"""People who type at the same time, each again as soon as they are answered."""


async def typed(hand: Client, channel: str, person: str, name: str, probes: int) -> Sample:
    """So many commands: milliseconds until the first answer to each, by the fake's clock."""
    numbers, took = iter(range(probes)), list[float]()

    async def type_them() -> None:
        for number in numbers:
            given = {"search": {"words": "look"}, "ask": {"text": f"quick: {number}"}}.get(name, {})
            asked = await hand.command(channel, person, name, **given)
            # One that nobody answered in time is missing below.
            if (after := await hand.first_answer(asked)) is not None:
                took.append(after * 1e3)

    await asyncio.gather(*(type_them() for _ in range(AT_ONCE)))
    if not took:
        raise SystemExit(f"no /{name} was answered within the three seconds that Discord gives")
    return {
        "p50": percentile(took, 50),
        "p99": percentile(took, 99),
        "late": probes - len(took),
    }


async def main(url: str, channel: str, person: str) -> None:
    async with Client.at(url) as hand:
        while line := await asyncio.to_thread(sys.stdin.readline):
            told: dict[str, Any] = json.loads(line)
            print(json.dumps(await typed(hand, channel, person, **told)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
