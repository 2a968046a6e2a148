"""python-telegram-bot beside a fake: pointed at its address."""

from __future__ import annotations

from typing import Any

from telegram import Bot
from telegram.request import HTTPXRequest

from tests.fakes.telegram.settings import TOKEN


def request(**more: Any) -> HTTPXRequest:
    """It speaks plain HTTP here: reading all authorities of the world each time takes a while.

    It waits longer than usual, since a busy machine is not what is tested.
    """
    patient = dict.fromkeys(
        (
            "read_timeout",
            "write_timeout",
            "connect_timeout",
            "pool_timeout",
            "media_write_timeout",
        ),
        60.0,
    )
    return HTTPXRequest(httpx_kwargs={"verify": False}, **{**patient, **more})


def bot(url: str, token: str = TOKEN) -> Bot:
    """A bot of the fake at `url`; `async with` it."""
    return Bot(
        token,
        base_url=f"{url}/bot",
        base_file_url=f"{url}/file/bot",
        request=request(),
        get_updates_request=request(),
    )
