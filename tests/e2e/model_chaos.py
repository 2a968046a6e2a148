"""Chaos with models: a swarm of model workers is killed while providers fail it in every way.

The world is the fake model server, in a process of its own, as two vendors and as a server nearby;
its log of served calls is the truth that the books are held to. Each life has its own weather at
the fake, gets some work and ends by SIGKILL, at a named crash point or at a random moment; the cap
on everything begins small and is raised when work waits for it. Meanwhile people cancel, try again,
tell, decide about prices and raise the day (`people`), and while a life goes on its books are
sampled. At last the weather is calm, every price gets its yes, what may be spent is raised until
nothing waits for it, and everything is checked.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.e2e import checks, model_checks, plan
from tests.e2e.audit import Audit
from tests.e2e.chaos import COLD, LONGEST_LIFE, Result, Rules
from tests.e2e.model_plan import LOCAL, MODELS, SNAPSHOTS, Json, weather, work
from tests.e2e.people import People
from tests.e2e.processes import Child, Said, born, child
from tests.fakes.models import KEY
from tests.womb import Womb

MODEL_SWARM = "tests.e2e.model_process"
FIRST_CAP = 300_000
"""Micro-dollars: some ten holds."""
ENOUGH_WORK = 24
LAST_LIVES = 20
SAMPLE_SECONDS = 0.05
PATIENCE = 6.0
"""Seconds in which a life may meet its point; then it is killed as at a random moment. Retries of
refused calls wait for a minute, and meanwhile nothing else may be left to do."""
REST_SECONDS = 180.0


@dataclass
class ModelResult(Result):
    """And what only models have: tries of unknown outcome, samples of the books, what people
    did, what tasks were seen to wait for, the last cap, how tasks ended."""

    unknown: int = 0
    samples: int = 0
    cap: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)

    @property
    def sentence(self) -> str:
        """What `Report` adds for people."""
        ends, acts = (
            ", ".join(f"{word} {n}" for word, n in counted.most_common())
            for counted in (self.ends, self.acts)
        )
        return (
            f"{self.unknown} tries of unknown outcome, {self.samples} samples of the books,"
            f" a cap raised from {FIRST_CAP} to {self.cap} micro-dollars;"
            f" the most that waited at once for money: {self.waits['over_budget']},"
            f" for a yes: {self.waits['price']}; what people did: {acts}; ends: {ends}"
        )


class ModelRound:
    """One state folder, from its first life to rest."""

    def __init__(self, rules: Rules, folder: Path, womb: Womb) -> None:
        self._rules = rules
        self._womb = womb
        self._lives = 0
        self._folder = folder
        self._state = folder / "state"
        self._chance = random.Random(rules.seed)
        self._said: Said = asyncio.Queue()
        self._seen = checks.Evidence()
        self._served = model_checks.Served(folder / "served")
        self._audit = Audit()
        self._owed: dict[str, str] = {}
        self._given = 0
        self._born = 0
        self._cap = rules.cap or FIRST_CAP
        self._people = People(self._chance)
        self._raise = 0
        self._url = ""
        self._late = False
        self._swarm: Child
        self.result = ModelResult(rules.seed)

    async def play(self) -> ModelResult:
        """Kill as planned, run to rest, check. Ends early at the first finding."""
        began = time.monotonic()
        workspace = self._folder / "workspace"
        workspace.mkdir()
        (workspace / "notes.txt").write_text("Buy milk.\n" * 20)
        try:
            await self._play()
        except TimeoutError:
            self.result.findings.append("the swarm neither died nor came to rest: it hangs")
        self.result.tasks = len(self._seen.accepted)
        self.result.served = self._served.calls
        self.result.cap = self._cap
        self.result.seconds = time.monotonic() - began
        return self.result

    async def _play(self) -> None:
        rules, said = self._rules, self._said
        fake = ("--seed", rules.seed, "--log", self._folder / "served")
        log = self._folder / "fake.log"
        async with child(said, "fake", "tests.fakes.models", *fake, log=log):
            self._url = (await self._hear("ready"))[1]
            await self._tell_fake("script", _script())
            kills = plan.kills(self._chance, rules.kills, rules.where)
            for at, kill in enumerate(kills):
                await self._kill(kill, rules.tasks * (at + 1) // (len(kills) + 1))
                if self.result.findings:
                    return
            await self._rest()

    async def _tell_fake(self, door: str, told: Json | None) -> None:
        async with aiohttp.ClientSession() as session:
            method = "DELETE" if told is None else "POST"
            async with session.request(method, f"{self._url}/_fake/{door}", json=told) as answer:
                answer.raise_for_status()

    async def _hear(self, *words: str) -> tuple[str, str]:
        while True:
            word, rest = await self._said.get()
            match word:
                case "accepted":
                    key, task = rest.split()
                    self._seen.accepted[key] = int(task)
                    self._owed.pop(key, None)
                    if line := self._people.accepted(task):
                        self._swarm.tell(line)
                case "did":
                    self._people.heard(rest)
                case "ready" if self._raise:
                    self._swarm.tell(self._people.raise_by(self._raise))
                    self._raise = 0
                case "failed" | "refused" | "fake-exit":
                    self.result.findings.append(f"it was said: {word} {rest}")
            if word in words:
                return word, rest
            if word == "fake-exit":
                raise TimeoutError

    @asynccontextmanager
    async def _life(self, crash: str = "", most: float = LONGEST_LIFE) -> AsyncIterator[None]:
        """A swarm that is up; it is killed on leaving if it still lives."""
        self._born = time.time_ns() // 1_000
        args = [self._state, "--url", self._url, "--deliveries", self._folder / "deliveries"]
        args += ["--cap", self._cap, "--crash", crash, "--mutant", self._rules.mutant]
        self._lives += 1
        cold = self._lives % COLD == COLD // 2
        self.result.cold += cold
        log, said = self._folder / "swarm.log", self._said
        swarm = (
            child(said, "swarm", MODEL_SWARM, *args, log=log)
            if cold
            else born(self._womb, said, "swarm", *args, log=log)
        )
        sampling = asyncio.create_task(self._sample())
        try:
            async with swarm as self._swarm, asyncio.timeout(most):
                yield
        finally:
            sampling.cancel()
            await asyncio.gather(sampling, return_exceptions=True)

    def _out_of_patience(self) -> None:
        self._late = True
        self._swarm.kill()

    async def _sample(self) -> None:
        """Look at the books beside the life that writes them."""
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            found = await asyncio.to_thread(self._look)
            self.result.findings += found

    def _look(self) -> list[str]:
        if not (self._state / "waggle.db").exists():
            return []
        self._served.read_on()
        db = checks.look(self._state)
        try:
            found = model_checks.at_sample(db, self._served)
        except sqlite3.OperationalError:
            return []  # its tables are being made
        finally:
            db.close()
        self.result.samples += 1
        return found

    def _give(self, fresh: int) -> None:
        """What nobody has acknowledged yet once more, and `fresh` new requests."""
        again = list(self._owed.items())
        new = work(self._chance, f"k{self._given}", fresh)
        self._given += fresh
        self._owed |= new
        for key, text in (*again, *new.items()):
            self._swarm.tell(f"submit {key} {text}")

    async def _kill(self, kill: plan.Kill, given: int) -> None:
        for _ in range(12):
            await self._tell_fake("faults", None)
            await self._tell_fake("faults", {"faults": weather(self._chance)})
            before = set(self._seen.accepted)
            too_late = await self._until_dead(kill, max(given - self._given, 4))
            if self.result.findings:
                return
            if self._judge_death(set(self._seen.accepted) - before):
                self.result.kills[plan.RANDOM if self._late else kill.point] += 1
                return
            self.result.missed += 1
            kill = kill.moved(-max(1, kill.nth // 2) if too_late else 4)
        self.result.findings.append(f"{kill.point} was never met with a step in flight")

    async def _until_dead(self, kill: plan.Kill, fresh: int) -> bool:
        """From birth to SIGKILL; whether it came to rest before the planned end."""
        first = len(self._owed) + fresh
        rested, self._late = False, False
        async with self._life(kill.spec(first)):
            self._give(fresh)
            striking, late = False, None
            while True:
                word, _ = await self._hear("ready", "accepted", "quiet", "swarm-exit")
                if word == "swarm-exit":
                    break
                if word == "ready":
                    late = asyncio.get_running_loop().call_later(PATIENCE, self._out_of_patience)
                elif word == "accepted" and late and striking:
                    late.cancel()  # it goes on
                    late = asyncio.get_running_loop().call_later(PATIENCE, self._out_of_patience)
                elif word == "accepted" and not striking:
                    striking = True
                    self._give(4)
                    if kill.point == plan.RANDOM:
                        delay = self._chance.uniform(0.0, 1.2)
                        asyncio.get_running_loop().call_later(delay, self._swarm.kill)
                elif word == "quiet" and not self._owed:
                    if rested:
                        self._swarm.kill()
                    rested = True
                    self._give(4)
            if late:
                late.cancel()
        if self._swarm.process.returncode != -signal.SIGKILL:
            code = self._swarm.process.returncode
            self.result.findings.append(f"the swarm ended with {code}")
        return rested

    def _judge_death(self, new: set[str]) -> bool:
        """Look at what the dead left, which had accepted `new`; whether a step was in flight."""
        self._judge_log()
        self.result.findings += self._look()
        if not (self._state / "waggle.db").exists():
            self.result.findings += [f"{key} was accepted and is lost" for key in new]
            return False
        db = checks.look(self._state)
        try:
            self._audit.feed(db)
            self.result.findings += self._audit.problems
            self.result.findings += checks.accepted(db, self._seen, new)
            self.result.findings += checks.orphans(db)
            self.result.findings += self._people.wrong(db)
            waits = model_checks.waits(db)
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
        self.result.waits |= waits
        if waits["over_budget"] > 4:
            self._raise = self._cap // 4
            self._cap += self._raise
        return bool(flying)

    def _judge_log(self) -> None:
        if "Traceback" in (self._folder / "swarm.log").read_text():
            self.result.findings.append(f"an unforeseen failure: see {self._folder}/swarm.log")

    async def _rest(self) -> None:
        """Calm lives that nothing kills, each with more to spend, until all that is left waits
        for a person."""
        await self._tell_fake("faults", None)
        for _ in range(LAST_LIVES):
            async with self._life(most=REST_SECONDS):
                self._give(max(0, self._rules.tasks - self._given))
                await self._hear("quiet")
                while self._owed:
                    await self._hear("accepted")
                agreed = -1
                while agreed:
                    self._swarm.tell("agree")
                    agreed = int((await self._hear("agreed"))[1])
                    await self._hear("quiet")
                self._swarm.tell("close")
                await self._hear("swarm-exit")
            if code := self._swarm.process.returncode:
                self.result.findings.append(f"the swarm ended with {code}")
            if self.result.findings:
                return
            db = checks.look(self._state)
            waits = model_checks.waits(db)
            (left,) = db.execute(
                "select count(*) from tasks where state in ('queued', 'ready', 'running')"
            ).fetchone()
            db.close()
            self.result.waits |= waits
            if not left and not set(waits) - {"undecided"}:
                break
            self._raise = self._cap // 2 if waits["over_budget"] else 0
            self._cap += self._raise
        self._judge_rest()

    def _judge_rest(self) -> None:
        result, seen = self.result, self._seen
        told = (self._folder / "deliveries").read_text().split("\n")
        seen.told = [
            (int(n), kind, int(task), repeat == "1")
            for n, kind, task, repeat in (line.split() for line in told if line)
        ]
        self._served.read_on()
        db = checks.look(self._state)
        try:
            self._audit.feed(db)
            (result.facts,) = db.execute("select count(*) from journal").fetchone()
            (result.unknown,) = db.execute(
                "select count(*) from steps where state = 'ambiguous'"
            ).fetchone()
            ends = "select coalesce(failure, waiting, state), count(*) from tasks group by 1"
            result.ends = Counter(dict(db.execute(ends).fetchall()))
            result.findings += self._audit.problems
            result.findings += checks.accepted(db, seen, seen.accepted)
            result.findings += self._people.wrong(db)
            result.findings += model_checks.at_rest(db, self._served)
            result.findings += checks.deliveries(db, seen)
        finally:
            db.close()
        result.findings += checks.sound(self._state)
        self._judge_log()
        result.told = len(seen.told)
        result.acts = self._people.done
        result.repeats = sum(repeat for *_, repeat in seen.told)


def _script() -> Json:
    """The fake's models at the prices that the swarm is told."""
    models: dict[str, Any] = {
        SNAPSHOTS.get(name, name): {"prices": prices}
        for vendor in MODELS.values()
        for name, prices in vendor.items()
    }
    return {"keys": [KEY], "models": models | {SNAPSHOTS[name]: {} for name in LOCAL}}


async def play_models(rules: Rules, folder: Path, womb: Womb) -> ModelResult:
    """One round in `folder`, which is left as it ended, with lives from a womb of `MODEL_SWARM`."""
    return await ModelRound(rules, folder, womb).play()
