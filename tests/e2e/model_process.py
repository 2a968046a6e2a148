"""Lives of a swarm whose workers are models, one after another, each forked and to be killed.

This process imports everything once, which takes seconds, and forks a swarm for each line
`life JSON`. The life then reads the lines that follow, as `swarm_process` has them, with
`submit KEY JSON` for work. `born PID` is said first, and `died CODE` when it is gone (negative: the
signal).
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import os
import sys
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
from tests.e2e.model_plan import LOCAL, MODELS
from tests.e2e.mutants import apply
from tests.e2e.swarm_process import FileCourier, Process, say
from tests.fakes.models import KEY


class ModelProcess(Process):
    """Takes work with wishes for a worker and a model."""

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
            "budget": {"total": cap, "day": None, "month": None, "task": None, "ask": None},
            "tasks": {"link_similar": False},
        }
    )


async def live(told: dict[str, Any]) -> None:
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    chosen = settings(Path(told["state"]), told["url"], told["cap"])
    async with open_swarm(chosen, World(drain=5.0)) as swarm:
        await swarm.outbox.attach(TERMINAL.surface, FileCourier(Path(told["deliveries"])))
        say("ready")
        await ModelProcess(swarm).obey(lines)


def _life(told: dict[str, Any]) -> int:
    apply(told["mutant"])
    if told["crash"]:
        arm(told["crash"])
    asyncio.run(live(told))
    return 0


def _import() -> None:
    """What a swarm with providers imports late."""
    import anthropic
    import openai
    from genai_prices import data

    _ = anthropic.DefaultAioHttpClient, openai.DefaultAioHttpClient, data.providers


def main() -> None:
    argparse.ArgumentParser().parse_args()
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    _import()
    gc.freeze()
    say("womb")
    while line := _line():
        word, _, rest = line.partition(" ")
        if word != "life":
            continue  # meant for one that was dead by then
        child = os.fork()
        if child == 0:
            os._exit(_born(rest))
        say(f"born {child}")
        _, status = os.waitpid(child, 0)
        os.set_blocking(0, True)  # the pipe is shared with the life that is over
        say(f"died {os.waitstatus_to_exitcode(status)}")


def _born(told: str) -> int:
    try:
        return _life(json.loads(told))
    except BaseException:
        logging.exception("a life ended")
        return 1
    finally:
        sys.stderr.flush()


def _line() -> str:
    """A line of stdin, read byte by byte: what follows it is for the life that it begins."""
    read = bytearray()
    while byte := os.read(0, 1):
        if byte == b"\n":
            return f"{read.decode(errors='replace')}\n"
        read += byte
    return ""


if __name__ == "__main__":
    main()
