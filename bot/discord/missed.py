"""What was said to us while nobody was there.

Where we have been spoken to before, it is read on from the last message known. What is young is
answered, and the answer says so; what is older is not simply done, but asked about.
"""

from __future__ import annotations

import logging
from datetime import timedelta

import discord

from bot.discord.away import Away
from bot.discord.client import Client
from bot.discord.here import Here
from bot.discord.spoken import Spoken
from swarm_core import WaggleError

log = logging.getLogger(__name__)

YOUNG = timedelta(minutes=15)


async def catch_up(client: Client, here: Here, spoken: Spoken, away: Away) -> None:
    """Read on in every channel that may have something for us."""
    for channel, last in (await here.marks.behind(client)).items():
        try:
            await _channel(client, here, spoken, away, channel, last)
        except (discord.NotFound, discord.Forbidden):
            await here.marks.lost(channel)
        except (discord.HTTPException, WaggleError) as error:
            log.warning("what was said in channel %s cannot be read: %s", channel, error)


async def _channel(
    client: Client, here: Here, spoken: Spoken, away: Away, number: int, last: int
) -> None:
    channel = client.get_channel(number) or await client.fetch_channel(number)
    if not isinstance(channel, discord.abc.Messageable) or client.user is None:
        return
    guild = getattr(channel, "guild", None)
    if not client.for_us(guild.id if guild else None, channel):
        return
    me, old = client.user.id, list[discord.Message]()
    after = discord.Object(last)
    async for said in channel.history(limit=None, after=after, oldest_first=True):
        if said.author.bot or said.webhook_id:
            continue
        if here.swarm.store.clock.now() - said.created_at <= YOUNG:
            await spoken.message(said, me, late=True)
        elif await spoken.meant(said, me) and here.marks.begin(number, said.id):
            old.append(said)
    if old:
        await away.offer(old, me)
    for said in old:
        await here.marks.end(said.channel.id, said.id, meant=True)
