"""What a round of chaos with models will do: the models, the work, and the weather at the fake."""

from __future__ import annotations

import json
import random
from typing import Any

Json = dict[str, Any]

MODELS: dict[str, dict[str, dict[str, int]]] = {
    "anthropic": {
        "claude-haiku-5-5": {
            "input": 1_000_000,
            "output": 5_000_000,
            "cached": 100_000,
            "written": 1_250_000,
        },
        "claude-haiku-4-5": {
            "input": 700_000,
            "output": 4_000_000,
            "cached": 70_000,
            "written": 875_000,
        },
    },
    "openai": {
        "gpt-5.6-luna": {
            "input": 900_000,
            "output": 6_000_000,
            "cached": 90_000,
            "written": 1_100_000,
        },
        "gpt-5-mini": {
            "input": 250_000,
            "output": 2_000_000,
            "cached": 25_000,
            "written": 250_000,
        },
    },
}
"""Prices in micro-dollars for a million tokens, both what the swarm is told and what the fake
counts. The second of each is a name that a snapshot of another name answers to."""
LOCAL = ("gpt-4.1-mini",)
SNAPSHOTS = {
    "claude-haiku-4-5": "claude-haiku-4-5-20251001",
    "gpt-5-mini": "gpt-5-mini-2025-08-07",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
}
NAMES = (
    *(f"{vendor}/{name}" for vendor, models in MODELS.items() for name in models),
    *(f"local/{name}" for name in LOCAL),
)
WORKERS = ("assistant", "coder", "critic", "docs", "reviewer", "explorer")

REFUSED = "not like this"
"""What a refusal says that is on purpose; any other is for what the fake found wrong."""

_READ = 'tool read {"path": "notes.txt"}'
_LIST = 'tool list {"path": "."}'
_BUSY = '{"kind": "status", "status": %d, "count": 3}'
_SAID = (
    ("say all is well", 8),
    ("think it over; say thought about", 2),
    (f"{_READ} => say read it", 4),
    (f"{_READ}; {_LIST} => say saw both", 3),
    (f"{_LIST} => {_READ} => {_LIST} => say went round", 2),
    ('tool read raw {"path": => say mended', 2),
    ('tool read {"path": "nowhere"} => say it is not there', 1),
    ("tool nonesuch {} => say there is none", 1),
    ("empty => say found words", 2),
    ("empty => empty", 1),
    ("nonsense", 1),
    ("refuse I would rather not", 1),
    ("say " + "very long words " * 2_000, 1),
    ("unknown hologram; say whatever it was", 2),
    ("say no bill; usage none", 2),
    ("say absurd; usage absurd", 2),
    ("say nothing at all; usage zero", 1),
    ("say no numbers; usage words", 1),
    ("say and again; usage null", 1),
    (f"say elsewhere; fault {_BUSY % 429}", 2),
    (f"say over; fault {_BUSY % 529}", 1),
    ('say too much; fault {"kind": "status", "status": 400, "message": "prompt is too long"}', 1),
    (f'say no; fault {{"kind": "status", "status": 422, "message": "{REFUSED}"}}', 1),
    ('say cut; fault {"kind": "cut", "bytes": 60}', 1),
    (f'{_READ}; fault {{"kind": "reset"}} => say after all', 1),
)


def work(chance: random.Random, prefix: str, count: int) -> dict[str, str]:
    """Fresh requests by key, as JSON: questions and tasks, some with a wish."""
    return {f"{prefix}-{n}": json.dumps(_asked(chance, f"{prefix}-{n}")) for n in range(count)}


def _asked(chance: random.Random, key: str) -> Json:
    (said,) = chance.choices([s for s, _ in _SAID], [weight for _, weight in _SAID])
    asked: Json = {
        "text": f"please look into {key} [[task {key}: {said}]]",
        "kind": chance.choice(("ask", "task")),
    }
    if chance.random() < 0.5:
        asked["worker"] = chance.choice(WORKERS)
    if chance.random() < 0.4:
        asked["model"] = chance.choice(NAMES)
    return asked


def weather(chance: random.Random) -> list[Json]:
    """The faults of one life: all calm, a storm of one sort, or a little of everything."""
    rare = chance.choice((0.02, 0.05))
    sorts = {
        "calm": [],
        "storm": [_status(429, 0.5, retry_after=1), _status(429, 0.2)],
        "overload": [_status(529, 0.3, wire="messages"), _status(503, 0.3)],
        "broken": [_status(500, 0.1), *_resets(0.1)],
        "cuts": [*_cuts(chance, 0.06), *_events(chance, 0.1)],
        "mixed": [
            _status(429, rare, retry_after=1),
            _status(529, rare, wire="messages"),
            _status(500, rare),
            *_resets(rare),
            *_cuts(chance, rare),
            *_events(chance, rare),
            {"kind": "hang", "bytes": chance.choice((0, 40)), "probability": 0.01},
        ],
    }
    (sort,) = chance.choices(list(sorts), (1, 1, 1, 2, 3, 3))
    slow = {"kind": "latency", "seconds": round(chance.uniform(0.005, 0.1), 3)}
    crumbs = {"kind": "trickle", "bytes": 200, "seconds": 0.002, "probability": 0.2}
    return [slow, crumbs, *sorts[sort]]


def _status(status: int, probability: float, **more: Any) -> Json:
    return {"kind": "status", "status": status, "probability": probability, **more}


def _resets(probability: float) -> list[Json]:
    return [{"kind": "reset", "served": s, "probability": probability} for s in (True, False)]


def _cuts(chance: random.Random, probability: float) -> list[Json]:
    """At any byte, from the front or just before the end."""
    places = [chance.randint(0, 1_500) for _ in range(4)] + [-chance.randint(1, 30)]
    return [
        {"kind": "cut", "bytes": at, "reset": chance.random() < 0.5, "probability": probability}
        for at in places
    ]


def _events(chance: random.Random, probability: float) -> list[Json]:
    after = chance.randint(0, 5)
    return [{"kind": "error_event", "after_events": after, "probability": probability}]
