"""A hello in a group the bot was added to, once, with examples that are asked by pressing them."""

from __future__ import annotations

import logging

from telegram import Chat

from bot.answers.helping import examples
from bot.chat.cards import Cards
from bot.chat.places import whole
from bot.chat.tongues import said_in
from bot.reply import Notice, Reply
from bot.sections.telegram import Telegram
from bot.telegram.channels import SURFACE
from bot.telegram.here import Here
from bot.telegram.places import GROUPS, PRIVATE, place_of
from swarm_core import WaggleError

log = logging.getLogger(__name__)


class Welcome:
    """Says hello, and shows again what could not be shown while we were not there."""

    def __init__(self, here: Here, cards: Cards) -> None:
        self._here, self._cards = here, cards

    async def to(self, chat: Chat, *, anew: bool) -> None:
        """The bot is in `chat` now; `anew`: it was not, before."""
        here, number = self._here, self._here.chats.number(chat.id)
        if chat.type not in GROUPS:
            if chat.type == PRIVATE and anew:
                await here.swarm.outbox.again(SURFACE)
            return
        if anew:
            await self.again(number)
        known = here.chats.known(number)
        if not here.chats.serves(number):
            if known.told:
                return
            await here.chats.saw(chat, told=True)
            key = "connection.unserved"
        elif known.greeted or not here.swarm.settings.of(Telegram).welcome:
            return
        else:
            await here.chats.saw(chat, greeted=True)
            key = "connection.welcome"
        place = whole(place_of(number, private=False))
        say = said_in(here, here.swarm.members.directory.set_at(place).get("language", ""))
        told = Notice(level="info", text=say(key, **({"chat": number} if "un" in key else {})))
        parts = (told, examples(say)) if key == "connection.welcome" else (told,)
        try:
            for message in here.way.render(Reply(parts=parts), say):
                await here.way.post(number, await here.armed(message, place))
        except WaggleError as error:
            log.warning("no hello in %s: %s", number, error)

    async def again(self, number: str, *, moved: bool = False) -> None:
        """Cards stand anew in a chat where the old ones cannot be changed."""
        await self._cards.again(number, moved=moved)
        await self._here.swarm.outbox.again(SURFACE)
