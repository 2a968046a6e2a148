"""Notices on Discord: every piece carries the notice's number as its nonce. When a notice may have
arrived before, the channel's history is looked through first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import msgspec

from bot.chat import courier
from bot.chat.courier import nobody, nonce
from bot.chat.places import spot_of
from bot.chat.questions import Asking
from bot.discord.here import Here
from bot.discord.past import Past
from bot.discord.places import SURFACE
from bot.render.outgoing import CONTENT, Outgoing
from bot.render.split import size
from swarm_core import Delivery, TaskId, errors

log = logging.getLogger(__name__)


class Courier(courier.Courier):
    """Brings notices to Discord, and finds those that are there."""

    def __init__(
        self, here: Here, card: Callable[[TaskId, str, str], None], asking: Asking
    ) -> None:
        super().__init__(here, card, asking)
        self._past = Past(here.way)

    def addressed(self, delivery: Delivery, message: Outgoing, whom: str | None) -> Outgoing:  # noqa: ARG002
        """See the base: before the words, where there is room."""
        if whom is None:
            return message
        text = f"<@{whom}>\n{message.content}" if message.content else f"<@{whom}>"
        if size(text, utf16=True) > CONTENT:
            return message
        return msgspec.structs.replace(message, content=text)

    async def replies_to(self, delivery: Delivery, channel: str) -> str | None:  # noqa: ARG002
        """See the base: the mention tells whom it is for."""
        return None

    async def there(self, delivery: Delivery, whom: str | None) -> tuple[str, ...]:
        """See the base: by their nonce, and where Discord does not tell it any more, by their
        words, in which the number of the task stands."""
        here = self.here
        places = {here.homes.home(delivery.place).thread, spot_of(delivery.place).channel}
        ours: list[tuple[str, dict[str, Any]]] = []
        for channel in places:
            try:
                found = await self._past.back_to(channel, delivery.created)
            except errors.SurfaceRefused:
                log.warning("notice %s may be a repeat: nobody may look", delivery.notice)
            else:
                ours += [(channel, each) for each in found]
        first_time = msgspec.structs.replace(delivery, repeat=False)
        reader = await self.person(delivery) or nobody(delivery)
        reply = await self.words(first_time, reader)
        messages = here.way.render(reply, here.say_to(reader))
        known = [""] * len(messages)
        for n, message in enumerate(messages):
            piece = self.addressed(delivery, message, whom if n == 0 else None)
            for channel, each in ours:
                theirs, number = each.get("nonce"), str(each["id"])
                same = theirs == nonce(delivery, n)
                if not theirs and _alike(piece, each):
                    same = not await self._known(channel, number)
                if same:
                    known[n] = number
        return tuple(known)

    async def _known(self, channel: str, message: str) -> bool:
        """Whether a message is known to have arrived: then it is another that says the same."""
        about = await self.here.swarm.posts.about(SURFACE, channel, message)
        return about is not None or self.asking.knows(message)


def _alike(piece: Outgoing, sent: dict[str, Any]) -> bool:
    words, titles = piece.content.strip(), [embed.title for embed in piece.embeds]
    shown = [embed.get("title", "") for embed in sent.get("embeds", ())]
    return bool(words or titles) and sent["content"] == words and shown == titles
