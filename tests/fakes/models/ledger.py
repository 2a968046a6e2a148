"""What was asked, refused and served, by task and by model: the truth to compare records with."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.fakes.models.answer import Json
from tests.fakes.models.call import Spent
from tests.fakes.models.catalogue import Model

OUTCOMES = ("received", "refused", "whole", "cut")
TOKENS = ("input", "output", "cached", "written", "reasoning")


def exact(model: Model, spent: Spent) -> int:
    """The price of a call in picodollars: tokens times micro-dollars for a million tokens. A rate
    that is not given is that of input (`written_1h`: that of `written`)."""
    rates = model.prices
    if not rates:
        return 0
    plain = spent.input - spent.cached - spent.written
    written = rates.get("written", rates["input"])
    return int(
        plain * rates["input"]
        + spent.cached * rates.get("cached", rates["input"])
        + (spent.written - spent.written_1h) * written
        + spent.written_1h * rates.get("written_1h", written)
        + spent.output * rates["output"]
    )


class Ledger:
    """Counts, and a log to which a line is added when a call is served and one when it ended."""

    def __init__(self) -> None:
        self._tasks: dict[str, Counter[str]] = {}
        self._models: dict[str, Counter[str]] = {}
        self._log: list[Json] = []
        self._path: Path | None = None
        self._lines: Path | None = None

    def write_to(self, counts: Path | None, log: Path | None = None) -> None:
        """Keep the counts in a file, and the log in another, from now on."""
        self._path, self._lines = counts, log
        if log is not None:
            log.write_text("".join(json.dumps(one) + "\n" for one in self._log))
        self._save()

    def received(self, task: str, model: str) -> None:
        self._add(task, model, {"received": 1})

    def refused(self, task: str, model: str, status: int) -> None:
        self._add(task, model, {"refused": 1, f"refused_{status}": 1})

    def served(self, number: int, task: str, model: Model, digest: str, spent: Spent) -> None:
        """From here it is paid, whatever becomes of the answer."""
        picos = exact(model, spent)
        told = {key: getattr(spent, key) for key in TOKENS}
        self._add(task, model.id, {"served": 1, "picodollars": picos, **told})
        self._note(
            {
                "event": "served",
                "number": number,
                "task": task,
                "model": model.id,
                "digest": digest,
                "picodollars": picos,
                **told,
            }
        )

    def ended(self, number: int, task: str, model: str, outcome: str) -> None:
        """`outcome`: whole or cut."""
        self._add(task, model, {outcome: 1})
        self._note({"event": outcome, "number": number, "task": task})

    def counts(self) -> Json:
        """By task, by model, and in all; `cost` in micro-dollars, rounded up. `repeated` are the
        prompts of a task that were served more than once."""
        total: Counter[str] = Counter()
        for counted in self._models.values():
            total.update(counted)
        return {
            "total": _told(total),
            "tasks": {key: _told(one) for key, one in self._tasks.items()},
            "models": {key: _told(one) for key, one in self._models.items()},
            "repeated": self.repeated(),
        }

    def repeated(self) -> list[Json]:
        seen = Counter((e["task"], e["digest"]) for e in self._log if e["event"] == "served")
        return [
            {"task": task, "digest": digest, "times": times}
            for (task, digest), times in seen.items()
            if times > 1
        ]

    def log(self) -> list[Json]:
        return list(self._log)

    def clear(self) -> None:
        self._tasks.clear()
        self._models.clear()
        self._log.clear()
        self._save()

    def _add(self, task: str, model: str, more: dict[str, int]) -> None:
        self._tasks.setdefault(task, Counter()).update(more)
        self._models.setdefault(model, Counter()).update(more)
        self._save()

    def _note(self, line: Json) -> None:
        self._log.append(line)
        if self._lines is not None:
            with self._lines.open("a") as file:
                file.write(json.dumps(line) + "\n")

    def _save(self) -> None:
        if self._path is None:
            return
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.write_text(json.dumps(self.counts()))
        fresh.replace(self._path)


def _told(counted: Counter[str]) -> Json:
    keys = (*OUTCOMES, "served", *TOKENS)
    told = {**dict.fromkeys(keys, 0), **counted}
    told["cost"] = -(-counted["picodollars"] // 1_000_000)
    return told
