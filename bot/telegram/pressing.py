"""What people press on Telegram.

What can go wrong: Telegram shows that a press is under way until it is answered, and takes no
answer after a while. So it is answered within a second: with the words themselves where they are
few and for whoever pressed alone, else with nothing, and what comes of it is a message. A press
that cannot be answered is carried out all the same, once, and its words come as a message.
"""

from __future__ import annotations

import asyncio
import logging

from telegram import CallbackQuery, MaybeInaccessibleMessage, Message

from bot.chat.places import spot_of
from bot.chat.pressing import Blanks, Line, given
from bot.chat.saying import NOTHING
from bot.commands.desk import Desk
from bot.render.outgoing import Outgoing
from bot.reply import Notice, Reply
from bot.telegram.asking import Forms
from bot.telegram.channels import SURFACE
from bot.telegram.lists import Lists
from bot.telegram.marks import repeatable
from bot.telegram.people import People
from bot.telegram.places import PRIVATE, channel_of, place_of
from bot.telegram.saying import Saying, brief
from bot.telegram.taking import settled
from swarm_core import WaggleError

log = logging.getLogger(__name__)

AT_ONCE = 1.0
"""Seconds in which words may still be the answer to the press itself."""


class Presses:
    """Carries out what buttons stand for."""

    def __init__(self, saying: Saying, people: People, forms: Forms, lists: Lists) -> None:
        self._here, self._saying, self._people = saying.here, saying, people
        self._forms, self._lists = forms, lists

    async def press(self, update: int, query: CallbackQuery) -> None:
        """A button below a message of ours."""
        here, message = self._here, query.message
        if message is None or not query.data:
            return
        channel = await self._channel(message, query.data)
        private = message.chat.type == PRIVATE
        actor = await self._people.actor(message.chat, query.from_user)
        desk = here.desk(actor, place_of(channel, private=private))
        found = await self._forms.pressing.take(desk, query.data)
        shown = here.way.number(channel, message.chat.id, message.message_id)
        answers = None if private else shown
        if isinstance(found, Blanks):
            await self._seen(query)
            await self._forms.ask(desk, found, channel, None)
        elif isinstance(found, Line):
            if here.marks.interrupted(update) and not repeatable(found.line):
                text = desk.messages("connection.interrupted", line=found.line)
                told = Reply(parts=(Notice(level="warn", text=text),), private=True)
                await self._answer(query, desk, told, channel, answers)
            else:
                fresh = place_of(channel, private=private, root=message.message_id)
                place = await self._forms.pressing.place(found, desk.place, fresh)
                desk = here.desk(actor, place)
                await self._carry_out(update, query, desk, found, (channel, answers))
        else:
            await self._answer(query, desk, found, channel, answers)
        await self._lists.refresh(channel)

    async def _channel(self, message: MaybeInaccessibleMessage, button: str) -> str:
        """Where a message stands. Of one that is gone Telegram tells the chat alone; the topic is
        that in which the button was shown."""
        number = self._here.chats.number(message.chat.id)
        if isinstance(message, Message) and message.is_accessible:
            return channel_of(message, number)
        shown = await self._here.swarm.buttons.place(button)
        channel = spot_of(shown).channel if shown and shown.surface == SURFACE else ""
        return channel if channel.partition(":")[0] == number else number

    async def _carry_out(
        self,
        update: int,
        query: CallbackQuery,
        desk: Desk,
        line: Line,
        where: tuple[str, str | None],
    ) -> None:
        here, parsed, (channel, answers) = self._here, line.parsed, where
        with here.replying.at(desk.place):
            if not repeatable(line.line):
                await here.marks.begin(update)
            name, asked = parsed.command.name, given(parsed, f"b{query.id}")
            work = asyncio.create_task(
                self._saying.carry_out(desk.actor, desk.place, name, asked, NOTHING)
            )
            await asyncio.wait((work,), timeout=AT_ONCE)
            announced = not work.done()
            if announced:
                await self._seen(query)
            reply = await work
            await self._answer(query, desk, reply, channel, answers, announced=announced)

    async def _answer(
        self,
        query: CallbackQuery,
        desk: Desk,
        reply: Reply,
        channel: str,
        answers: str | None,
        *,
        announced: bool = False,
    ) -> None:
        settled()
        words = "" if announced else brief(reply)
        if words and await self._seen(query, words):
            return
        if not announced and not words:
            await self._seen(query)

        async def send(n: int, message: Outgoing) -> str:
            return await self._here.way.post(channel, message, reply_to=answers if n == 0 else None)

        await self._saying.say(desk, reply, channel, send)

    async def _seen(self, query: CallbackQuery, words: str = "") -> bool:
        """Tell the client that the press has come, with `words` if there are any. False when it
        takes no answer: what the press does is done, or will be, so that is no failure of it."""
        try:
            return await self._here.way.answer(query.id, words, alert=bool(words))
        except WaggleError as error:
            log.warning("a press on Telegram could not be answered: %s", error)
            return False
