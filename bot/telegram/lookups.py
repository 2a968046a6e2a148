"""What is asked of Telegram: who, where, and files that people have sent."""

from __future__ import annotations

from telegram import ChatFullInfo, ChatMember, User
from telegram.error import TelegramError

from bot.telegram.channels import NAME, address
from bot.telegram.client import Client
from bot.telegram.problems import looking, says
from swarm_core import errors

LARGEST = 20 * 1024 * 1024
"""Bytes that a bot may fetch of a file: bots/api#getfile."""
_TOO_BIG = "file is too big"


class Lookups:
    """Changes nothing, so what fails may be asked again: `SurfaceAway`, or `SurfaceRefused`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def me(self) -> User:
        with looking(self._client.clean):
            return await self._client.get_me()

    async def chat(self, channel: str) -> ChatFullInfo:
        with looking(self._client.clean):
            return await self._client.get_chat(address(channel)[0])

    async def member(self, channel: str, account: str) -> ChatMember:
        with looking(self._client.clean):
            return await self._client.get_chat_member(address(channel)[0], int(account))

    async def fetch(self, file_id: str, name: str, most: int = LARGEST) -> bytes:
        """A file that somebody has sent, up to `most` bytes. Raises `TooLarge`, `FileAway`."""
        most = min(most, LARGEST)
        try:
            url, size = await self._client.file(file_id)
            if size > most:
                raise errors.TooLarge(what=name, size=size, limit=most)
            data = await self._client.request.retrieve(url)
        except TelegramError as error:
            if says(error, _TOO_BIG):
                raise errors.TooLarge(what=name, size=LARGEST + 1, limit=most) from None
            problem = self._client.clean(error.message)
            raise errors.FileAway(name=name, surface=NAME, problem=problem) from None
        if len(data) > most:
            raise errors.TooLarge(what=name, size=len(data), limit=most)
        return data
