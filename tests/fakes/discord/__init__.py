"""A fake Discord: gateway, REST and CDN over real sockets, as strict as the documentation.

`async with serving() as fake` in a test, `python -m tests.fakes.discord --port N` as a process of
its own; a test speaks to either by `Client.at(fake.url)`, and `sdk.aimed(fake.url)` points
discord.py at it. What the service would refuse is refused with its own errors; what it would only
mind (IDENTIFYs too early, sends inside Retry-After, answers twice or late) is counted.
"""

from tests.fakes.discord.client import Client
from tests.fakes.discord.server import FakeDiscord, serving
from tests.fakes.discord.settings import APPLICATION, TOKEN, Settings

__all__ = ["APPLICATION", "TOKEN", "Client", "FakeDiscord", "Settings", "serving"]
