"""Messages over the Bot API: the way out to Telegram.

What can go wrong: a post is taken and its answer lost. Telegram knows no nonce and shows no
history, so nobody can look: that is said (`AnswerLost`) and never repeated here. A group becomes a
supergroup: what is sent goes there, once; what is changed does not, for numbers of messages begin
anew there and another message would be meant.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from telegram import (
    BotCommand,
    BotCommandScope,
    ForceReply,
    InputFile,
    LinkPreviewOptions,
)
from telegram.constants import ChatAction
from telegram.error import BadRequest, ChatMigrated, TelegramError

from bot.messages import Messages
from bot.render.outgoing import Attached, Outgoing, fitted
from bot.render.telegram import photo, render
from bot.reply import Reply
from bot.telegram.channels import NAME, SURFACE, address, moved, named, standing, to
from bot.telegram.client import Client
from bot.telegram.problems import looking, problems, says
from bot.telegram.shapes import calling, keyboard, reply, written
from swarm_core import errors

log = logging.getLogger(__name__)

ANSWER, HINT = 200, 64
"""Letters of what is shown to whoever pressed, and in an empty field."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_SAME = "message is not modified"
_GONE = "message to delete not found"
_NO_TEXT = "there is no text in the message to edit"
_TOO_LATE = ("query is too old", "query_id_invalid")
_NO_PHOTO = ("image_process_failed", "photo_invalid_dimensions", "photo_save_file_invalid")


class Rest:
    """The `Way` of this surface. `moved` is told of a chat's old and new number. Raises
    `SurfaceRefused` for what will never be taken, `SurfaceAway` for what certainly did not
    arrive, `AnswerLost` where nobody knows."""

    surface, name = SURFACE, NAME

    def __init__(
        self,
        client: Client,
        moved: Callable[[str, str], None],
        anew: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`anew`: chats that became others before, by the number each was first known by."""
        self._client, self._moved = client, moved
        self._anew = {int(old): int(new) for old, new in anew.items()}

    def follows(self, old: str, new: str) -> None:
        """A chat became another, as an update has said."""
        self._anew[int(old)] = int(new)

    def number(self, channel: str, chat: int, message: int) -> str:
        """What a message of `chat` is called in a channel that is known by an earlier number."""
        return named(channel, chat, message)

    def render(self, reply: Reply, say: Messages) -> tuple[Outgoing, ...]:
        return render(reply, say)

    async def post(
        self,
        channel: str,
        message: Outgoing,
        *,
        nonce: str | None = None,  # noqa: ARG002 - there is no such thing here
        mention: str | None = None,
        reply_to: str | None = None,
    ) -> str:
        """Send `message` and return its id. It has one file at most, as they are rendered."""

        async def send(there: str, answered: str | None) -> int:
            if message.files:
                return await self._file(there, message, message.files[0], mention, answered)
            text, marks = calling(message.content, mention)
            sent = await self._client.send_message(
                text=text,
                entities=marks,
                reply_markup=keyboard(message.components),
                reply_parameters=reply(answered),
                link_preview_options=_NO_PREVIEW,
                **to(there),
            )
            return sent.message_id

        return await self._sent(channel, reply_to, send)

    async def ask(
        self, channel: str, message: Outgoing, *, hint: str = "", reply_to: str | None = None
    ) -> str:
        """Send `message` so that the client of whoever wrote `reply_to`, or of everybody, begins a
        reply to it; `hint` stands in the empty field."""

        async def send(there: str, answered: str | None) -> int:
            text, marks = calling(message.content, None)
            placeholder = fitted(hint, HINT) if hint else None
            sent = await self._client.send_message(
                text=text,
                entities=marks,
                reply_markup=ForceReply(bool(answered), placeholder),
                reply_parameters=reply(answered),
                link_preview_options=_NO_PREVIEW,
                **to(there),
            )
            return sent.message_id

        return await self._sent(channel, reply_to, send)

    async def edit(self, channel: str, message: str, anew: Outgoing) -> None:
        """Change a message of ours; of one with a file the words beside it. That it is so already
        is no error."""
        chat, number = standing(channel, message)
        text, marks = written(anew.content)
        rows = keyboard(anew.components)
        client = self._client
        with self._in_place(channel):
            try:
                if not anew.files:
                    await client.edit_message_text(
                        text,
                        chat,
                        number,
                        entities=marks,
                        reply_markup=rows,
                        link_preview_options=_NO_PREVIEW,
                    )
                    return
            except BadRequest as error:
                if says(error, _SAME):
                    return
                if not says(error, _NO_TEXT):
                    raise
            try:
                await client.edit_message_caption(
                    chat, number, caption=text, caption_entities=marks, reply_markup=rows
                )
            except BadRequest as error:
                if not says(error, _SAME):
                    raise

    async def delete(self, channel: str, message: str) -> None:
        """That it is gone already is no error."""
        chat, number = standing(channel, message)
        with self._in_place(channel):
            try:
                await self._client.delete_message(chat, number)
            except BadRequest as error:
                if not says(error, _GONE):
                    raise

    async def direct(self, account: str) -> str:
        """The channel of direct messages with somebody; the service refuses the first message
        where they have not written to us before."""
        return account

    async def answer(self, press: str, text: str = "", *, alert: bool = False) -> bool:
        """Say that a press has come; `text` is shown for a moment, or until it is closed (`alert`).
        False: it came too late for the service, or was answered before."""
        with looking(self._client.clean):
            try:
                await self._client.answer_callback_query(
                    press, text=fitted(text, ANSWER) if text else None, show_alert=alert
                )
            except BadRequest as error:
                if not says(error, *_TOO_LATE):
                    raise
                return False
        return True

    async def typing(self, channel: str) -> None:
        """Show for some seconds that an answer is being written. Nobody misses it where that
        cannot be."""
        try:
            await self._client.send_chat_action(action=ChatAction.TYPING, **to(channel))
        except TelegramError as error:
            log.debug("typing was not shown: %s", self._client.clean(error.message))

    async def commands(
        self,
        listed: Sequence[tuple[str, str]],
        scope: BotCommandScope | None = None,
        language: str = "",
    ) -> None:
        """What is offered while people type: names and what they do; none takes the list away."""
        with looking(self._client.clean):
            if listed:
                await self._client.set_my_commands(
                    [BotCommand(name, told) for name, told in listed],
                    scope=scope,
                    language_code=language or None,
                )
            else:
                await self._client.delete_my_commands(scope, language or None)

    async def _file(
        self,
        there: str,
        message: Outgoing,
        file: Attached,
        mention: str | None,
        answered: str | None,
    ) -> int:
        """A picture as one, where the service takes it as one; else as a document."""
        text, marks = calling(message.content, mention)
        more = {
            "caption": text or None,
            "caption_entities": marks,
            "reply_markup": keyboard(message.components),
            "reply_parameters": reply(answered),
            **to(there),
        }
        data = InputFile(file.data, filename=file.name)
        if photo(file):
            try:
                return (await self._client.send_photo(photo=data, **more)).message_id
            except BadRequest as error:
                if not says(error, *_NO_PHOTO):
                    raise
        return (await self._client.send_document(document=data, **more)).message_id

    async def _sent(
        self,
        channel: str,
        reply_to: str | None,
        send: Callable[[str, str | None], Awaitable[int]],
    ) -> str:
        there = channel
        if chat := self._anew.get(address(channel)[0]):
            there = moved(channel, chat)
        with problems(self._client.clean):
            try:
                number = await send(there, _in(there, channel, reply_to))
            except ChatMigrated as error:
                there = self._note(there, error)
                try:
                    number = await send(there, None)
                except ChatMigrated as again:
                    self._note(there, again)
                    raise errors.SurfaceRefused(surface=NAME, problem=again.message) from None
        return named(channel, address(there)[0], number)

    @contextmanager
    def _in_place(self, channel: str) -> Iterator[None]:
        """What is changed where it stands."""
        with problems(self._client.clean):
            try:
                yield
            except ChatMigrated as error:
                self._note(channel, error)
                raise errors.SurfaceRefused(surface=NAME, problem=error.message) from None

    def _note(self, channel: str, error: ChatMigrated) -> str:
        old, new = address(channel)[0], error.new_chat_id
        self._anew[old] = new
        self._moved(str(old), str(new))
        return moved(channel, new)


def _in(there: str, channel: str, message: str | None) -> str | None:
    """The number of a message, where it stands in the chat that is written to."""
    if message is None:
        return None
    chat, number = standing(channel, message)
    return str(number) if chat == address(there)[0] else None
