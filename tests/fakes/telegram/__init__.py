"""A fake Telegram: the Bot API and its files over real sockets, as strict as the service.

`async with serving() as fake` in a test, `python -m tests.fakes.telegram --port N` as a process of
its own; a test speaks to either by `Client.at(fake.url)`, and `sdk.bot(fake.url)` is
python-telegram-bot pointed at it. What the service would refuse is refused in its own words
(errors.py says whence they are); what it passes over in silence is counted (`odd`).
"""

from tests.fakes.telegram.client import Client
from tests.fakes.telegram.server import FakeTelegram, serving
from tests.fakes.telegram.settings import BOT, TOKEN, Settings

__all__ = ["BOT", "TOKEN", "Client", "FakeTelegram", "Settings", "serving"]
