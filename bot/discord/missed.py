"""What was said to us while nobody was there.

Where we have been spoken to before, it is read on from the last message known. What is young is
answered as if nothing had been; what is older is not simply done: one list a channel, of which a
person presses what is still wanted. A press counts once.
"""

from __future__ import annotations

import logging
from datetime import timedelta

import discord

from bot.discord.client import Client
from bot.discord.here import Here
from bot.discord.places import place_of
from bot.discord.spoken import Spoken
from bot.render.discord import render
from bot.reply import Button, Buttons, Notice, Reply
from swarm_core import WaggleError, clip

log = logging.getLogger(__name__)

YOUNG = timedelta(minutes=15)
MOST_LISTED = 20


async def catch_up(client: Client, here: Here, spoken: Spoken) -> None:
    """Read on in every channel that may have something for us."""
    for channel, last in (await here.marks.behind(client)).items():
        try:
            await _channel(client, here, spoken, channel, last)
        except (discord.NotFound, discord.Forbidden):
            await here.marks.lost(channel)
        except (discord.HTTPException, WaggleError) as error:
            log.warning("what was said in channel %s cannot be read: %s", channel, error)


async def _channel(client: Client, here: Here, spoken: Spoken, number: int, last: int) -> None:
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
            await spoken.message(said, me)
        elif await spoken.meant(said, me) and here.marks.begin(number, said.id):
            old.append(said)
    if old:
        await _list(here, spoken, old, me)


async def _list(here: Here, spoken: Spoken, old: list[discord.Message], me: int) -> None:
    first = old[0]
    buttons = tuple(
        Button(clip(f"{said.author.display_name}: {text}", 80), f"/ask {text}")
        for said in old[-MOST_LISTED:]
        if (text := spoken.words(said, me))
    )
    told = Notice(level="info", text=here.say("connection.away", count=len(old)))
    place = place_of(first.guild.id if first.guild else None, first.channel.id)
    for n, message in enumerate(render(Reply(parts=(told, Buttons(buttons))), here.say)):
        armed = await here.armed(message, place, once=True)
        # The same list when it is made again, should this process end before it is noted.
        await here.rest.post(str(first.channel.id), armed, nonce=f"away-{first.id}-{n}"[-25:])
    for said in old:
        await here.marks.end(said.channel.id, said.id, meant=True)
