"""A fake Discord: gateway, REST and CDN over real sockets, as strict as the documentation.

`async with serving() as fake` in a test, `python -m tests.fakes.discord --port N` as a process of
its own; a test speaks to either by `Client(fake.url)`. What the service would refuse is refused with
its own errors; what it would only mind (early IDENTIFYs, sends inside Retry-After) is counted.
"""

from tests.fakes.discord.client import Client
from tests.fakes.discord.sdk import aimed
from tests.fakes.discord.server import FakeDiscord, serving
from tests.fakes.discord.settings import APPLICATION, TOKEN, Settings

__all__ = ["APPLICATION", "TOKEN", "Client", "FakeDiscord", "Settings", "aimed", "serving"]
