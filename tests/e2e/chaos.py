"""Chaos: a swarm is killed again and again while it works, and nothing may be lost by it.

A driver, here, starts two processes: the slow server, which stands for the world and counts what
it served, and the swarm. Each life of the swarm gets some work and ends by SIGKILL, at a named
crash point or at a random moment while the server has a request of it under way; some are told
to close or to reload just before. After each death
the file is looked at; a kill counts only when the life it ended left a step in flight. At last
the swarm runs until nothing is left to do, and everything is checked. Driven by what the
processes say alone; the only delays are the random moments of the kills.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import time
from collections import Counter
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, fields
from pathlib import Path

from tests.e2e import checks, plan
from tests.e2e.audit import Audit
from tests.e2e.processes import Child, Said, born, child
from tests.e2e.workers import PRICE
from tests.womb import Womb

SWARM = "tests.e2e.swarm_process"
LONGEST_LIFE = 180.0
"""Seconds after which a life that neither dies nor rests counts as hung."""
COLD = 20
"""One life of so many is started as a program; the others are forked, which saves its imports."""
MOST_MISSES = 12
ENOUGH_WORK = 14
"""Tasks under way or given out in each life."""

REDO = {"stubborn": 0.5, "pay": 0.05, "long": 0.05, "probe": 0.0}
"""How likely a person cancels and tries again a task of each word while it acts."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """One round. `cap` in micro-dollars on everything that is ever spent."""

    seed: int
    kills: int
    tasks: int = 0
    where: plan.Where = "both"
    mutant: str = ""
    cap: int | None = None


@dataclass
class Result:
    """What a round saw."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    cold: int = 0
    tasks: int = 0
    served: int = 0
    told: int = 0
    repeats: int = 0
    facts: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, object]:
        """As JSON takes it; `asdict` makes nonsense of counters."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {k: dict(v) if isinstance(v, Counter) else v for k, v in told.items()}


class Round:
    """One state folder, from its first life to rest."""

    def __init__(self, rules: Rules, folder: Path, womb: Womb) -> None:
        self._rules = rules
        self._womb = womb
        self._lives = 0
        self._folder = folder
        self._state = folder / "state"
        self._chance = random.Random(rules.seed)
        self._said: Said = asyncio.Queue()
        self._seen = checks.Evidence(price=PRICE)
        self._audit = Audit()
        self._owed: dict[str, str] = {}
        """Work given out and not acknowledged: given out again."""
        self._words: dict[str, str] = {}
        self._redone: set[str] = set()
        self._given = 0
        self._open = 0
        self._flying: dict[str, str] = {}
        self._born = 0
        self._server: Child
        self._port = 0
        self.result = Result(rules.seed)

    async def play(self) -> Result:
        """Kill as planned, run to rest, check. Ends early at the first finding."""
        began = time.monotonic()
        try:
            await self._play(self._rules)
        except TimeoutError:
            self.result.findings.append("the swarm neither died nor came to rest: it hangs")
        self.result.tasks = len(self._seen.accepted)
        self.result.served = self._seen.served.total()
        self.result.seconds = time.monotonic() - began
        return self.result

    async def _play(self, rules: Rules) -> None:
        args = ("--seed", rules.seed, "--lose", 2)
        async with child(self._said, "server", "tests.fakes.slow_server", *args) as self._server:
            self._port = int((await self._hear("port"))[1])
            await self._zombies()
            for kill in plan.kills(self._chance, rules.kills, rules.where):
                if self.result.findings:
                    break
                await self._kill(kill)
            if not self.result.findings:
                await self._rest()

    async def _hear(self, *words: str) -> tuple[str, str]:
        """The next thing said that is one of `words`; what else is said is noted."""
        while True:
            word, rest = await self._said.get()
            self._note(word, rest)
            if word in words:
                return word, rest

    def _note(self, word: str, rest: str) -> None:
        match word:
            case "begin":
                number, path = rest.split()
                self._flying[number] = path
                self._seen.served[path] += 1
            case "end":
                self._flying.pop(rest, None)
            case "accepted":
                key, task = rest.split()
                self._seen.accepted[key] = int(task)
                self._owed.pop(key, None)
            case "failed" | "refused":
                self.result.findings.append(f"the swarm said: {word} {rest}")

    async def _zombies(self) -> None:
        """A first life without a kill in the middle: runs that do not let go are cancelled and
        tried again, and both the old and the new ones get their answers at once."""
        keys = [
            f"zombie-{number}" for number in range(2)
        ]  # with the old runs four, all places there are
        again = dict.fromkeys(keys, 0)
        self._server.tell("hold")
        async with self._swarm() as swarm, asyncio.timeout(LONGEST_LIFE):
            for key in keys:
                self._words[key] = "stubborn"
                self._owed[key] = f"stubborn {key}"
            self._given += len(keys)
            self._give(swarm, 0)
            while min(again.values()) < 2 and not self.result.findings:
                key = (await self._hear("begin"))[1].split("/")[2]
                again[key] += 1
                if again[key] == 1:
                    swarm.tell(f"redo {key}")
            self._server.tell("release")
            while self._owed:
                await self._hear("accepted")
            await self._hear("quiet")
            swarm.kill()
            await self._hear("swarm-exit")
        self._judge_death(set(keys))

    async def _kill(self, kill: plan.Kill) -> None:
        for _ in range(MOST_MISSES):
            before = set(self._seen.accepted)
            too_late = await self._life(kill)
            if self.result.findings:
                return
            if self._judge_death(set(self._seen.accepted) - before):
                self.result.kills[kill.point] += 1
                return
            self.result.missed += 1
            kill = kill.moved(-max(1, kill.nth // 2) if too_late else 4)
        self.result.findings.append(f"{kill.point} was never met with a step in flight")

    async def _life(self, kill: plan.Kill) -> bool:
        """From start to SIGKILL; whether it came to rest before the planned end."""
        self._born = time.time_ns() // 1000
        self._flying.clear()
        begun, striking, rested = 0, False, False
        fresh = max(4, ENOUGH_WORK - self._open)
        armed = kill.spec(first=len(self._owed) + fresh)
        given = ("--crash", armed, *(("--drain", 0) if kill.told == "close" else ()))
        async with self._swarm(*given) as swarm, asyncio.timeout(LONGEST_LIFE):
            self._give(swarm, fresh)
            while True:
                words = ("begin", "held", "quiet", "swarm-exit")
                word, rest = await self._hear(*words)
                if word == "swarm-exit":
                    break
                if word == "begin":
                    begun += 1
                    if begun == 1:
                        self._give(swarm, 4)
                    self._maybe_redo(swarm, rest)
                    if kill.point == plan.RANDOM and begun >= kill.nth and not striking:
                        striking = True
                        asyncio.get_running_loop().call_later(kill.delay, self._server.tell, "hold")
                elif word == "held" and self._flying:
                    if kill.told:
                        swarm.tell(kill.told)
                        await asyncio.sleep(kill.delay)
                    swarm.kill()
                elif word == "held":
                    self._server.tell("release")
                    striking = False
                elif word == "quiet" and not self._owed:
                    if kill.point == plan.RANDOM:
                        self._give(swarm, 4)
                    else:
                        rested = True
                        swarm.kill()
        self._server.tell("release")
        # One that was told to close may be quicker than its killer.
        right = (-signal.SIGKILL, 0) if kill.told == "close" else (-signal.SIGKILL,)
        if swarm.process.returncode not in right:
            self.result.findings.append(f"the swarm ended with {swarm.process.returncode}")
        return rested

    def _swarm(self, *more: object) -> AbstractAsyncContextManager[Child]:
        rules = self._rules
        args = [self._state, "--port", self._port, "--deliveries", self._folder / "deliveries"]
        args += more
        if rules.mutant:
            args += ["--mutant", rules.mutant]
        if rules.cap is not None:
            args += ["--cap", rules.cap]
        log = self._folder / "swarm.log"
        self._lives += 1
        if self._lives % COLD == COLD // 2:
            self.result.cold += 1
            return child(self._said, "swarm", SWARM, *args, log=log)
        return born(self._womb, self._said, "swarm", *args, log=log)

    def _give(self, swarm: Child, fresh: int) -> None:
        """What nobody has acknowledged yet once more, and `fresh` new tasks."""
        for key, text in self._owed.items():
            swarm.tell(f"submit {key} {text}")
        work = plan.texts(self._chance, f"k{self._given}", fresh, self._port)
        self._given += fresh
        self._owed.update(work)
        self._words |= {key: text.split()[0] for key, text in work.items()}
        for key, text in work.items():
            swarm.tell(f"submit {key} {text}")

    def _maybe_redo(self, swarm: Child, begun: str) -> None:
        """A person cancels and tries again: the old run, which may not let go, may not commit any
        more."""
        key = begun.split()[1].split("/")[2]
        if key not in self._redone and self._chance.random() < REDO[self._words[key]]:
            self._redone.add(key)
            swarm.tell(f"redo {key}")

    def _judge_death(self, new: set[str]) -> bool:
        """Look at what the dead left, which had accepted `new`; whether a step was in flight."""
        self._judge_log()
        if not (self._state / "waggle.db").exists():
            self.result.findings += [f"{key} was accepted and is lost" for key in new]
            return False
        db = checks.look(self._state)
        try:
            self._audit.feed(db)
            self.result.findings += self._audit.problems
            self.result.findings += checks.at_restart(db, self._seen, new)
            (self._open,) = db.execute(
                "select count(*) from tasks where state in ('queued', 'ready', 'running')"
            ).fetchone()
            (flying,) = db.execute(
                "select count(*) from steps where state = 'intended' and started >= ?",
                (self._born,),
            ).fetchone()
        except sqlite3.OperationalError:
            if new:
                raise
            return False  # it died before it had made its tables
        finally:
            db.close()
        return bool(flying)

    def _judge_log(self) -> None:
        log = (self._folder / "swarm.log").read_text()
        if any(sign in log for sign in ("Traceback", "was destroyed but it is pending")):
            self.result.findings.append(f"an unforeseen failure: see {self._folder}/swarm.log")

    async def _rest(self) -> None:
        """The last life: nothing kills it, everything that was ever accepted comes to its end."""
        async with self._swarm() as swarm, asyncio.timeout(10 * LONGEST_LIFE):
            self._give(swarm, max(0, self._rules.tasks - self._given))
            while self._owed:
                await self._hear("accepted")
            swarm.tell("settle")
            word, _ = await self._hear("settled", "swarm-exit")
            swarm.tell("close")
            if word == "settled":
                await self._hear("swarm-exit")
        if swarm.process.returncode != 0:
            self.result.findings.append(f"the swarm ended with {swarm.process.returncode}")
        self._judge_rest()

    def _judge_rest(self) -> None:
        result, seen = self.result, self._seen
        told = (self._folder / "deliveries").read_text().split("\n")
        seen.told = [
            (int(n), kind, int(task), repeat == "1")
            for n, kind, task, repeat in (line.split() for line in told if line)
        ]
        db = checks.look(self._state)
        self._audit.feed(db)
        (result.facts,) = db.execute("select count(*) from journal").fetchone()
        db.close()
        result.findings += self._audit.problems
        result.findings += checks.at_rest(self._state, seen, all_done=self._rules.cap is None)
        self._judge_log()
        result.told = len(seen.told)
        result.repeats = sum(repeat for *_, repeat in seen.told)


async def play(rules: Rules, folder: Path, womb: Womb) -> Result:
    """One round in `folder`, which is left as it ended, with lives from a womb of `SWARM`."""
    return await Round(rules, folder, womb).play()
