"""The fake as a process of its own. It says `ready http://127.0.0.1:PORT`, and ends with stdin."""

from __future__ import annotations

import argparse
import asyncio

from tests.fakes.chat.process import until_stdin_ends
from tests.fakes.telegram.server import serving
from tests.fakes.telegram.settings import TOKEN, Settings


async def run(given: argparse.Namespace) -> None:
    settings = Settings(token=given.token)
    async with serving(seed=given.seed, port=given.port, settings=settings) as fake:
        await until_stdin_ends(fake.url)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.telegram")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    asyncio.run(run(parser.parse_args()))
