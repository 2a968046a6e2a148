"""The fake as a process of its own. It says `ready http://127.0.0.1:PORT`, and ends with stdin."""

from __future__ import annotations

import argparse
import asyncio

from swarm_core import settle_in
from tests.fakes.chat.process import until_stdin_ends
from tests.fakes.discord.server import serving
from tests.fakes.discord.settings import TOKEN, Settings


async def run(given: argparse.Namespace) -> None:
    settings = Settings(token=given.token)
    async with serving(seed=given.seed, port=given.port, settings=settings) as fake:
        if given.guild:
            world = fake.service.world
            guild = world.add_guild(given.guild)
            world.add_channel(guild.json["id"], "general")
        settle_in()  # it keeps all that happens, which the collector would walk again and again
        await until_stdin_ends(fake.url)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.discord")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--guild", help="a guild of this name, with one channel, to begin with")
    asyncio.run(run(parser.parse_args()))
