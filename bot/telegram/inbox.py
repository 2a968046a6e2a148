"""Every update that is taken in, by its kind."""

from __future__ import annotations

import logging

from telegram import ChatMember, ChatMemberUpdated, Update

from bot.chat.inbound import Kind
from bot.chat.urgency import Urgency, urgency
from bot.telegram.here import Here
from bot.telegram.people import People
from bot.telegram.places import PRIVATE
from bot.telegram.pressing import Presses
from bot.telegram.spoken import Spoken
from bot.telegram.welcome import Welcome
from swarm_core import WaggleError, crash_point

log = logging.getLogger(__name__)

HEARD: dict[str, tuple[Kind, ...]] = {
    "message": ("message", "form"),
    "edited_message": ("edit",),
    "callback_query": ("button",),
}
"""What is asked for of what people do."""
OF_THE_SERVICE = frozenset({"my_chat_member", "chat_member"})
"""What is asked for that nobody asks anything by."""


class Inbox:
    """Takes updates: when it returns, what came of one is on disk."""

    def __init__(
        self, here: Here, spoken: Spoken, presses: Presses, people: People, welcome: Welcome
    ) -> None:
        self._here, self._spoken, self._presses = here, spoken, presses
        self._people, self._welcome = people, welcome

    async def take(self, update: Update) -> None:
        """One update, unless a former process took it."""
        number, marks = update.update_id, self._here.marks
        if marks.taken(number):
            return
        crash_point("update.taken.before")
        urgency.set(Urgency.ANSWER)
        if said := update.message:
            if said.migrate_to_chat_id:
                await self.moved(str(said.chat.id), str(said.migrate_to_chat_id))
            elif said.migrate_from_chat_id:
                await self.moved(str(said.migrate_from_chat_id), str(said.chat.id))
            else:
                await self._here.chats.saw(said.chat)
                await self._spoken.message(number, said)
        elif said := update.edited_message:
            await self._spoken.edited(said)
        elif query := update.callback_query:
            await self._presses.press(number, query)
        elif changed := update.my_chat_member:
            await self._mine(changed)
        elif changed := update.chat_member:
            self._people.changed(changed.chat, changed.new_chat_member.user.id)
        await marks.done(number)

    async def moved(self, old: str, new: str) -> None:
        """A group has become another."""
        self._here.way.follows(self._here.chats.number(int(old)), new)
        if await self._here.chats.moved(old, new):
            crash_point("chat.moved.after")
            await self._anew(self._here.chats.number(int(new)))

    async def go_on(self) -> None:
        """Show what a former process did not come to show."""
        for number in sorted(self._here.chats.bare):
            try:
                await self._anew(number)
            except WaggleError as error:
                log.error("cards of %s do not stand there anew: %s", number, error)

    async def _anew(self, number: str) -> None:
        """Nothing that stands in the group it was before can be changed any more."""
        await self._welcome.again(number, moved=True)
        await self._here.chats.clad(number)

    async def _mine(self, changed: ChatMemberUpdated) -> None:
        """What the bot is in a chat is another thing now: it was added, blocked, made to leave."""
        chats, chat, now = self._here.chats, changed.chat, changed.new_chat_member
        number = chats.number(chat.id)
        gone = now.status in (ChatMember.LEFT, ChatMember.BANNED)
        before = chats.known(number)
        await chats.saw(chat, member=str(now.status))
        if gone:
            return
        actor = await self._people.actor(chat, changed.from_user)
        if chat.type != PRIVATE and chats.keeps(actor) and not chats.serves(number):
            await chats.saw(chat, served=True)
        await self._welcome.to(chat, anew=before.gone)
