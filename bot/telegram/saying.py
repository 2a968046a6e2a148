"""Saying what came of it, on a service where everybody in a group reads everything.

What is for one person's eyes goes to them directly, and the group reads that it did. Somebody to
whom a bot may not write first is told how that changes. A refusal is shown where they look: it
tells nobody anything but what they have just written themselves.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.chat import saying
from bot.chat.places import DIRECT, placed
from bot.chat.saying import Send
from bot.commands.desk import Desk
from bot.render.outgoing import Outgoing
from bot.reply import Buttons, Notice, Reply
from bot.telegram.channels import SURFACE
from bot.telegram.here import Here
from bot.telegram.taking import settled
from swarm_core import Actor, WaggleError, errors

log = logging.getLogger(__name__)

WORST = ("warn", "error")


class Saying(saying.Saying):
    """Carries out, and says what came of it where it may be read."""

    here: Here

    async def say(self, desk: Desk, reply: Reply, channel: str, send: Send) -> None:
        """See the base."""
        settled(owed=reply.receipt is not None)
        if desk.place.space == DIRECT or not reply.private or _open(reply):
            await super().say(desk, reply, channel, send)
            return
        try:
            await send(0, await self._directly(desk, reply))
        except WaggleError as error:
            log.warning("a reply did not reach Telegram: %s", error)

    async def _directly(self, desk: Desk, reply: Reply) -> Outgoing:
        """Show `reply` to its person alone. Returns what is said of it in the group."""
        here, actor = self.here, desk.actor
        place = placed(SURFACE, DIRECT, actor.person)
        first, key = "", "connection.directly"
        try:
            channel = await here.way.direct(actor.person)
            for message in await here.rendered(reply, await self._there(actor), place):
                sent = await here.way.post(channel, message)
                first = first or sent
            await here.shown(replace(desk, place=place), reply, channel, first)
        except errors.SurfaceRefused:
            key = "connection.start_first"
        say = here.say_to(actor)
        told = Notice(level="info", text=say(key, **({"link": here.link} if not first else {})))
        return here.way.render(Reply(parts=(told,)), say)[0]

    async def _there(self, actor: Actor) -> Actor:
        """The same person where they write directly: what is shown there is pressed there."""
        here, account = self.here, actor.person
        member = here.chats.lets_in(account, account, private=True)
        return await self.arrived(DIRECT, account, "", member=member)


def _open(reply: Reply) -> bool:
    """Whether it may stand in a group: a few words about what its person has just done there, but
    for what is personal, of which only a refusal may."""
    plain = all(isinstance(part, Notice | Buttons) for part in reply.parts)
    worst = any(isinstance(part, Notice) and part.level in WORST for part in reply.parts)
    return plain and (worst or not reply.personal)


def brief(reply: Reply) -> str:
    """The words of a private reply that fit where only whoever pressed sees them; '' for more than
    that."""
    texts = [part.text for part in reply.parts if isinstance(part, Notice) and not part.hint]
    whole = "\n".join(texts)
    fits = len(texts) == len(reply.parts) and len(whole) <= 200
    return whole if reply.private and fits else ""
