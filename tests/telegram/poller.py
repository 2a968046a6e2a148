"""A process that fetches updates until it dies: `python -m tests.telegram.poller URL [WORDS]`. It
prints the words of each that is taken in, and at `WORDS` it is killed before it can confirm."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from telegram import Update

from bot.telegram.polling import Polling
from bot.telegram.taking import Taking
from tests.telegram.wire import wired


async def main(url: str, deadly: str = "") -> None:
    async def take(update: Update) -> None:
        words = (update.message and update.message.text) or ""
        print(words, flush=True)
        if words == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    async with wired(url) as wire:
        taking = Taking(wire.client, take, wire.said)
        await Polling(wire.client, taking, wire.said).serve()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
