"""The fake as a process of its own. It says `ready http://127.0.0.1:PORT`, and ends with stdin."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from tests.fakes.models.server import serving


async def run(given: argparse.Namespace) -> None:
    async with serving(seed=given.seed, port=given.port) as fake:
        if given.counts or given.log:
            fake.service.ledger.write_to(given.counts, given.log)
        print(f"ready {fake.url}", flush=True)
        lines = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        await lines.read()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.models")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--counts", type=Path, help="a file that always holds the counts")
    parser.add_argument("--log", type=Path, help="a file to which every served call is added")
    asyncio.run(run(parser.parse_args()))
