"""What was said to us while nobody was there.

Where we have been spoken to before, it is read on from the last message known. What is young is
answered as if nothing had been; what is older is not simply done: one list a channel, of which a
person presses what is still wanted. A press counts once.
"""

from __future__ import annotations

import logging
from datetime import timedelta

import discord

from bot.discord.here import Here
from bot.discord.places import SURFACE, place_of
from bot.discord.spoken import Spoken
from bot.render.discord import render
from bot.reply import Button, Buttons, Notice, Reply
from swarm_core import WaggleError, clip

log = logging.getLogger(__name__)

YOUNG = timedelta(minutes=15)
MOST_READ = 200
MOST_LISTED = 20


async def catch_up(client: discord.Client, here: Here, spoken: Spoken) -> None:
    """Read on in every channel where somebody has spoken to us."""
    for channel, last in (await here.swarm.posts.named(SURFACE, "seen/")).items():
        try:
            await _channel(client, here, spoken, int(channel), int(last))
        except (discord.HTTPException, WaggleError) as error:
            log.warning("what was said in channel %s cannot be read: %s", channel, error)


async def _channel(
    client: discord.Client, here: Here, spoken: Spoken, number: int, last: int
) -> None:
    channel = client.get_channel(number) or await client.fetch_channel(number)
    if not isinstance(channel, discord.abc.Messageable) or client.user is None:
        return
    me, old = client.user.id, list[discord.Message]()
    after = discord.Object(last)
    async for said in channel.history(limit=MOST_READ, after=after, oldest_first=True):
        if said.author.bot or said.webhook_id:
            continue
        if here.swarm.store.clock.now() - said.created_at <= YOUNG:
            await spoken.message(said, me)
        elif await spoken.meant(said, me):
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
    await here.swarm.posts.note(SURFACE, f"seen/{first.channel.id}", str(old[-1].id))
