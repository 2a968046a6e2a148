"""A fake as a process of its own."""

from __future__ import annotations

import asyncio
import sys


async def until_stdin_ends(url: str) -> None:
    """Say where the fake is, and last as long as who started it."""
    print(f"ready {url}", flush=True)
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    await lines.read()
