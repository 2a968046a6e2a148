"""G3: never over a cap, with a thousand calls at once; and no bill above its hold, whatever the
prices, the prompt and the usage are."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from swarm_core import Swarm, settle_in
from swarm_core.budget.ledger import Ledger
from swarm_core.budget.model import Payer
from swarm_core.kernel.errors import OverBudget
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.providers.bounds import affordable_output, bill, most
from swarm_core.store import Tx
from tests.bench.measure import Result, Sample, Sizes, fresh, result
from tests.bench.worlds import running
from tests.providers.cards import any_card, any_prompt, any_usage

PEOPLE = 10
CAPS = {"total": MicroUSD(40_000), "day": MicroUSD(30_000), "person_day": MicroUSD(2_500)}
"""Each bites: a thousand holds are about fifty thousand micro-dollars."""


def run(sizes: Sizes) -> Iterator[Result]:
    holds = min(sizes.tasks, 1_000)
    cases = 10 * sizes.tasks
    samples = [fresh("budget:nested", holds=holds) for _ in range(sizes.repeats)]
    for key, unit, goal in (
        ("holds", "holds/s", ""),
        ("held", "of them held", ""),
        ("refused", "refused", ""),
        ("over", "µ$ over", "0"),
    ):
        yield result(
            f"budget, {holds} at once, 3 caps: {key}", unit, [s[key] for s in samples], goal=goal
        )
    proofs = [fresh("budget:cases", cases=cases, seed=1)]
    yield result(
        f"budget, {cases:,} cases: bills", "over hold", [p["over"] for p in proofs], goal="0"
    )
    yield result(f"budget, {cases:,} cases: rate", "cases/s", [p["rate"] for p in proofs])


def nested(holds: int) -> Sample:
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as folder:
        return asyncio.run(_nested(Path(folder), holds))


async def _nested(folder: Path, holds: int) -> Sample:
    chance = random.Random(holds)
    amounts = [MicroUSD(chance.randint(1, 100)) for _ in range(holds)]
    async with running(folder, serve=False) as (swarm, _):
        ledger = Ledger("bench")
        await swarm.store.write(lambda tx: ledger.set_caps(tx, CAPS))
        settle_in()
        over = 0

        async def one(number: int) -> bool:
            """Hold and look, then settle at a part of it and look again."""
            nonlocal over
            task, run = TaskId(number + 1), RunId(number + 1)

            def hold(tx: Tx) -> tuple[object, int]:
                held = ledger.reserve(
                    tx,
                    Payer(person=f"p{number % PEOPLE}", place="bench/0", worker="bench"),
                    task=task,
                    run=run,
                    most=amounts[number],
                    task_cap=None,
                )
                return held, _over(tx)

            try:
                held, seen = await swarm.store.write(hold)
            except OverBudget:
                return False
            cost = MicroUSD(chance.randint(amounts[number] // 2, amounts[number]))

            def settle(tx: Tx) -> int:
                ledger.settle(tx, held, cost, task=task, run=run)  # type: ignore[arg-type]
                return _over(tx)

            over = max(over, seen, await swarm.store.write(settle))
            return True

        began = time.perf_counter()
        done = await asyncio.gather(*(one(number) for number in range(holds)))
        wall = time.perf_counter() - began
        await _check(swarm)
    return {
        "holds": holds / wall,
        "held": float(sum(done)),
        "refused": float(holds - sum(done)),
        "over": float(over),
    }


def _over(tx: Tx) -> int:
    """The most by which any account is over its cap."""
    tx.tallies.write()  # for a statement that looks
    (most_over,) = tx.execute(
        "select coalesce(max(a.held + a.spent - c.cap), 0) from accounts a"
        " join caps c on c.name = a.cap_name"
    ).fetchone()
    return max(0, int(most_over))


async def _check(swarm: Swarm) -> None:
    report = await swarm.store.verify()
    if not report.ok:
        raise SystemExit(f"the store does not verify: {report.findings[:3]}")


def cases(cases: int, seed: int) -> Sample:
    """Random models, prompts and usages that break none of their provider's own rules; half of
    them with a hold that is smaller than the whole and an answer that is shortened to it."""
    chance = random.Random(seed)
    over = 0
    began = time.perf_counter()
    for _ in range(cases):
        card, prompt = any_card(chance), any_prompt(chance)
        held = most(card, prompt)
        if chance.random() < 0.5:
            room = MicroUSD(chance.randint(0, held))
            output = affordable_output(card, prompt, room)
            if output:
                held = room
                prompt = type(prompt)(
                    **{f: getattr(prompt, f) for f in prompt.__struct_fields__}
                    | {"max_output": output}
                )
        over += bill(card, any_usage(chance, card, prompt)) > held
    return {"over": float(over), "rate": cases / (time.perf_counter() - began)}
