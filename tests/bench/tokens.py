"""P8: how many tokens an identity takes, in full and in short, and how much of what is the same in
every call is read from the provider's cache."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from swarm_core import TERMINAL, World, open_swarm
from swarm_core.identities import SHIPPED_IDENTITIES, Identity, load_roster
from swarm_core.kernel.secret import Secret
from swarm_core.providers.estimate import estimate_tokens
from swarm_core.testing import OWNER, request, settings
from tests.bench.measure import Result, Sample, Sizes, fresh, result
from tests.bench.worlds import Postman
from tests.fakes.models import KEY, serving
from tests.fakes.models.call import segment

TURNS = 8
WIRES = {
    "anthropic": ("anthropic", "claude-haiku-5-5", ""),
    "responses": ("openai", "gpt-5.6-luna", "/v1"),
}


def run(sizes: Sizes) -> Iterator[Result]:
    shipped = load_roster([SHIPPED_IDENTITIES]).identities.values()
    full = [float(estimate_tokens(one.full())) for one in shipped]
    short = [float(estimate_tokens(one.compact())) for one in shipped]
    yield result("tokens, shipped identities: in full", "tokens", full)
    yield result("tokens, shipped identities: in short", "tokens", short)
    saved = [100 * (1 - s / f) for s, f in zip(short, full, strict=True)]
    yield result("tokens, shipped identities: saved", "%", saved)
    large = _large()
    whole, brief = estimate_tokens(large.full()), estimate_tokens(large.compact())
    yield result("tokens, an identity of 100 KB: in full", "tokens", [float(whole)])
    yield result("tokens, an identity of 100 KB: in short", "tokens", [float(brief)])
    yield result(
        "tokens, an identity of 100 KB: saved", "%", [100 * (1 - brief / whole)], goal="≥ 95"
    )
    for wire in WIRES:
        sample = fresh("tokens:cached", wire=wire)
        name = f"tokens, {TURNS} turns, {wire}:"
        yield result(f"{name} identity and tools", "tokens", [sample["fixed"]])
        yield result(f"{name} of them from the cache", "%", [sample["share"]], goal="≥ 80")
        yield result(f"{name} of all input", "%", [sample["of_all"]], goal="≥ 80")


def _large() -> Identity:
    """The coder's text over and over, as people write them who write all they know."""
    coder = load_roster([SHIPPED_IDENTITIES]).identities["coder"]
    fields = {name: getattr(coder, name) for name in coder.__struct_fields__}
    times = -(-100_000 // len(coder.prompt))
    return Identity(**fields | {"prompt": (coder.prompt + "\n\n") * times})


def cached(wire: str) -> Sample:
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as folder:
        return asyncio.run(_cached(Path(folder), wire))


async def _cached(folder: Path, wire: str) -> Sample:
    """A task of so many turns, each with a tool call, at the fake with its cache rules."""
    kind, model, door = WIRES[wire]
    calls = " => ".join(f'tool read {{"path": "{n}.txt"}}' for n in range(TURNS - 1))
    async with serving() as fake:
        entry = {
            "kind": kind,
            "key": Secret(KEY, "FAKE_KEY"),
            "base_url": f"{fake.url}{door}",
            "models": (model,),
        }
        prices = {model: {"input": 1_000_000, "output": 5_000_000}}
        chosen = settings(folder, providers={wire: entry}, models=prices)
        for n in range(TURNS):
            (folder / "workspace" / f"{n}.txt").write_text(f"Line {n}.\n" * 40)
        async with open_swarm(chosen, World(drain=0.0)) as swarm:
            postman = Postman()
            await swarm.outbox.attach(TERMINAL.surface, postman)
            asked = request(f"please look [[task t: {calls} => say done]]", worker="coder")
            receipt = await swarm.intake.submit(OWNER, asked)
            swarm.outbox.replied(receipt.task)
            await postman.ended(receipt.task)
        served = [one for one in fake.service.ledger.log() if one["event"] == "served"]
        bodies = [one["body"] for one in fake.service.requests if "tools" in one["body"]]
    if len(served) != TURNS:
        raise SystemExit(f"{TURNS} turns were asked for and {len(served)} served")
    fixed = [_fixed(body) for body in bodies]
    read = [min(one["cached"], same) for one, same in zip(served, fixed, strict=True)]
    return {
        "fixed": float(fixed[0]),
        "share": 100 * sum(read) / sum(fixed),
        "of_all": 100 * sum(one["cached"] for one in served) / sum(one["input"] for one in served),
    }


def _fixed(body: dict[str, Any]) -> int:
    """Tokens of what is the same at every turn, as the fake counts them."""
    system = body.get("system") or body.get("instructions") or ()
    parts = [*body["tools"], *([system] if isinstance(system, str) else system)]
    return sum(segment(part).count for part in parts)
