"""A swarm whose workers are models, in a process of its own, to be killed.

It reads and says lines as `swarm_process` does, with `submit KEY JSON` for work and, for what
people do, `ACT ABOUT`, which is answered with `did ACT ABOUT` unless it was refused; `agree` says
yes to every price and then `agreed N`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from swarm_core.build import World, open_swarm
from swarm_core.kernel.actor import Place
from swarm_core.kernel.crash import arm
from swarm_core.kernel.secret import Secret
from swarm_core.people import TERMINAL
from swarm_core.settings import Settings
from swarm_core.tasks.model import Request
from swarm_core.testing import OWNER
from tests.e2e import people, swarm_process
from tests.e2e.model_plan import LOCAL, MODELS
from tests.e2e.mutants import apply
from tests.e2e.swarm_process import FileCourier, Process, say, stdin
from tests.fakes.models import KEY
from tests.worlds import UNSHARED

ASKED_ABOVE = 30_000
FIRST_DAY = 300_000
"""Micro-dollars: a price that a few tasks in ten pass, and the cap of a day, which people raise."""


class ModelProcess(Process):
    """Takes work with wishes for a worker and a model, and does what people do."""

    def _do(self, word: str, rest: list[str]) -> Coroutine[None, None, None]:
        match word:
            case "submit":
                return self._submit(*rest)
            case "agree":
                return self._agree()
            case _:
                return self._act(word, *rest)

    async def _act(self, word: str, about: str) -> None:
        for did, what in await people.act(self._swarm, word, about):
            say(f"did {did} {what}")

    async def _agree(self) -> None:
        agreed = await people.agree(self._swarm)
        for did, what in agreed:
            say(f"did {did} {what}")
        say(f"agreed {len(agreed)}")

    async def _submit(self, key: str, text: str) -> None:
        asked: dict[str, Any] = json.loads(text)
        # Each in a conversation of its own: what was asked before is part of no prompt.
        place = Place(surface=TERMINAL.surface, space=TERMINAL.space, thread=key)
        receipt = await self._swarm.intake.submit(OWNER, Request(place=place, key=key, **asked))
        say(f"accepted {key} {receipt.task}")
        self._ids[key] = receipt.task
        self._swarm.outbox.replied(receipt.task)


def settings(state: Path, url: str, cap: int | None) -> Settings:
    """The fake as two vendors and as a server nearby, which serves for nothing."""
    key = Secret(KEY, "FAKE_KEY")
    usual = {"key": key, "timeout": timedelta(seconds=2)}
    vendors = {
        name: {**usual, "base_url": f"{url}{door}", "models": tuple(MODELS[name])}
        for name, door in (("anthropic", ""), ("openai", "/v1"))
    }
    local = {"kind": "openai-compatible", "free": True, "base_url": f"{url}/v1", "models": LOCAL}
    kinds = {name: {"kind": name, **entry} for name, entry in vendors.items()}
    return Settings.model_validate(
        {
            "state": state,
            "workspace": state.parent / "workspace",
            "providers": {**kinds, "local": {**usual, **local}},
            "models": {
                f"{vendor}/{name}": prices
                for vendor, models in MODELS.items()
                for name, prices in models.items()
            },
            "limits": {"ask_output": 1_000, "task_output": 5_000},
            "confirm": {"above": ASKED_ABOVE},
            "budget": {
                **dict.fromkeys(("month", "task", "ask")),
                **UNSHARED,
                "total": cap,
                "day": FIRST_DAY,
            },
            "tasks": {"link_similar": False},
        }
    )


async def live(given: argparse.Namespace) -> None:
    lines = await stdin()
    chosen = settings(given.state, given.url, given.cap)
    async with open_swarm(chosen, World(drain=5.0)) as swarm:
        await swarm.outbox.attach(TERMINAL.surface, FileCourier(given.deliveries))
        say("ready")
        await ModelProcess(swarm).obey(lines)


def warm() -> None:
    """Do before the fork what any swarm does first, and import what one with providers does."""
    import anthropic
    import openai
    from genai_prices import data

    _ = anthropic.DefaultAioHttpClient, openai.DefaultAioHttpClient, data.providers
    swarm_process.warm()


def main(args: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("state", type=Path)
    parser.add_argument("--url", required=True)
    parser.add_argument("--deliveries", type=Path, required=True)
    parser.add_argument("--crash", default="")
    parser.add_argument("--mutant", default="")
    parser.add_argument("--cap", type=int)
    given = parser.parse_args(args)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    apply(given.mutant)
    if given.crash:
        arm(given.crash)
    asyncio.run(live(given))
    return 0


if __name__ == "__main__":
    sys.exit(main())
