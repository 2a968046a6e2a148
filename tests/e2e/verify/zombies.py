"""The dead come back: a frozen process whose work another one has taken over, and a kill.

A swarm is frozen in the middle of paid calls for twice its lease. Somebody takes its lock away
and starts another one on the folder, which finishes the work. The first one wakes up: it must
commit nothing any more. And a swarm that was killed with runs under way: how long until the next
one has them all back.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from asyncio.subprocess import DEVNULL

from tests.e2e import checks
from tests.e2e.processes import ROOT
from tests.e2e.stage import Stage, stage
from tests.e2e.verify.trial import Given, Seen

SHORT, LONG = 1, 20
"""Rounds."""
LEASE = 1.0
RUNS = 4
RECOVERY = 5.0
"""Seconds in which a restart has everything back."""


async def run(given: Given) -> Seen:
    """See `Trial`."""
    seen, woken, slowest = Seen(), 0, 0.0
    for number in range(LONG if given.long else SHORT):
        folder = given.folder / str(number)
        folder.mkdir()
        async with stage(folder) as on:
            slowest = max(slowest, await _killed(on))
            woken += await _frozen(on, seen)
        seen.findings += checks.sound(folder / "state")
    # A short trial is also the suite's, where others work beside it.
    if given.long and slowest > RECOVERY:
        seen.findings.append(f"a restart took {slowest:.1f} s to have {RUNS} runs back")
    seen.sentence = (
        f"{woken} frozen swarms woke up after another had taken over and committed nothing;"
        f" a restart had {RUNS} runs back {slowest:.2f} s at most after its program was loaded"
    )
    return seen


async def _begin(on: Stage, what: str) -> None:
    for _ in range(RUNS):
        await on.hear("begin")
    if not on.ask("select 1 from leases"):
        raise AssertionError(f"nothing is under way: {what}")


async def _loading() -> float:
    """Seconds that this machine takes just now to load the program, whatever is in its folder."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.e2e.swarm_process", "--help", cwd=ROOT, stdout=DEVNULL
    )
    await process.wait()
    return time.monotonic() - began


async def _killed(on: Stage) -> float:
    """How long a restart takes to have every run back."""
    on.server.tell("hold")
    async with on.swarm("--lease", LEASE) as swarm:
        for number in range(RUNS):
            swarm.tell(f"submit killed{number} long killed{number}")
        await _begin(on, "before the kill")
        swarm.kill()
        await on.hear("swarm-exit")
    loading = await _loading()
    began = time.monotonic()
    async with on.swarm("--lease", LEASE) as swarm:
        await _begin(on, "after the kill")
        took = max(0.0, time.monotonic() - began - loading)
        on.server.tell("release")
        await on.hear("quiet")
        swarm.tell("close")
        await on.hear("swarm-exit")
    return took


async def _frozen(on: Stage, seen: Seen) -> int:
    """A swarm that sleeps while another one takes over; 1 when it woke and did nothing."""
    on.server.tell("hold")
    async with on.swarm("--lease", LEASE) as zombie:
        await on.hear("ready")
        for number in range(RUNS):
            zombie.tell(f"submit frozen{number} pay frozen{number}")
        await _begin(on, "before the sleep")
        zombie.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(2 * LEASE)  # leases run by the wall clock
        (on.state / "waggle.lock").unlink()
        on.server.tell("release")
        async with on.swarm("--lease", LEASE) as other:
            await on.hear("quiet")
            # Told while it sleeps, so that it has more to write the moment it wakes.
            zombie.tell("submit late pay late")
            other.tell("submit more pay more")
            await on.hear("accepted")
            await on.hear("quiet")
            before = on.ask("select max(seq) from journal")
            zombie.process.send_signal(signal.SIGCONT)
            zombie.tell("close")
            said = []
            while not said or said[-1] not in ("swarm-exit", "accepted"):
                said.append((await on.hear("swarm-exit", "accepted", "failed"))[0])
            after = on.ask("select max(seq) from journal")
            audit = on.audit()
    late = on.ask("select 1 from tasks where key = 'late'")
    if "accepted" in said or late:
        seen.findings.append("a woken swarm acknowledged a task")
    if before != after:
        seen.findings.append(f"a woken swarm committed facts: {before} to {after}")
    seen.findings += audit
    return int(before == after)
