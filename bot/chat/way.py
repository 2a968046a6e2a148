"""The way out to one chat service, as what chats have in common needs it."""

from __future__ import annotations

from typing import Protocol

from bot.messages import Messages
from bot.render.outgoing import Outgoing
from bot.reply import Reply


class Way(Protocol):
    """Draws, sends and changes messages. A channel and a message are named by text that only the
    surface reads. What sends raises `SurfaceRefused` for what will never be taken, `SurfaceAway`
    for what certainly did not arrive, `AnswerLost` where nobody knows."""

    @property
    def surface(self) -> str:
        """Its name in places, in small letters."""
        ...

    @property
    def name(self) -> str:
        """Its name as people read it."""
        ...

    def render(self, reply: Reply, say: Messages) -> tuple[Outgoing, ...]:
        """The messages of a reply, one for each call that sends one."""
        ...

    async def post(
        self,
        channel: str,
        message: Outgoing,
        *,
        nonce: str | None = None,
        mention: str | None = None,
        reply_to: str | None = None,
    ) -> str:
        """Send `message` and return its id; everybody there sees it. `nonce` tells two sendings
        of the same from each other where the service knows such a thing; `mention` is the account
        it may notify."""
        ...

    async def edit(self, channel: str, message: str, anew: Outgoing) -> None:
        """Change a message of ours. That it is so already is no error."""
        ...

    async def delete(self, channel: str, message: str) -> None: ...

    async def direct(self, account: str) -> str:
        """The channel of direct messages with somebody."""
        ...
