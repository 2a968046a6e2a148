"""The section about Telegram. The bot's token and the secret of its webhook are no settings: they
stand in `TELEGRAM_TOKEN` and `TELEGRAM_WEBHOOK_SECRET`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from swarm_core import section_kit as kit

TOKEN = "TELEGRAM_TOKEN"  # noqa: S105  the variable, not what is in it
SECRET = "TELEGRAM_WEBHOOK_SECRET"  # noqa: S105  the variable, not what is in it
OWN = "https://api.telegram.org"
LEAST, MOST = 32, 256
"""Letters of the secret; more than that Telegram does not take: bots/api#setwebhook."""
PORTS = (443, 80, 88, 8443)
"""Telegram calls a webhook at these ports alone: core.telegram.org/bots/api#setwebhook."""


class ChatNumber(kit.Kind[str]):
    """The number of a chat; groups have negative ones. Kept as text, as in places."""

    expected = "the number of a chat, like -1001234567890"

    def check(self, value: Any) -> str:
        if type(value) is not int:
            raise kit.misfit("is not the number of a chat")
        return self.read(str(value))

    def read(self, text: str) -> str:
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and digits[0] != "0" and len(digits) <= 20):
            raise kit.misfit("is not the number of a chat; names can be changed, numbers cannot")
        return text


class Telegram(kit.Section):
    """The chat on Telegram. It is there when the variable TELEGRAM_TOKEN holds a bot's token."""

    enabled: Annotated[
        bool, kit.Flag(), kit.About("Whether the swarm answers on Telegram when it has a token.")
    ] = True
    chats: Annotated[
        tuple[str, ...],
        kit.Many(ChatNumber()),
        kit.About(
            "Numbers of the chats it answers in, groups and people; every one it is in when there"
            " are none."
        ),
    ] = ()
    welcome: Annotated[
        bool,
        kit.Flag(),
        kit.About("Whether it says hello, once, in a group it was added to."),
    ] = True
    context: Annotated[
        int,
        kit.Whole(0, 100),
        kit.About(
            "How many of a group's last messages, of those the bot was shown, a worker is given"
            " along when it is asked there; 0: none. `/channel set context` says it for one chat."
        ),
    ] = 20
    base_url: Annotated[
        str | None,
        kit.Address(none="Telegram's own"),
        kit.About(
            "Where the Bot API is reached, for those who run a server of it: without /bot and the"
            " token. Files are fetched there, too."
        ),
    ] = None
    webhook_url: Annotated[
        str | None,
        kit.Address(none="no webhook: it asks for what is new"),
        kit.About(
            "The address at which Telegram is to deliver what is new, which reaches this machine at"
            " `webhook_port`. TELEGRAM_WEBHOOK_SECRET holds the secret that goes with it."
        ),
    ] = None
    webhook_listen: Annotated[
        str,
        kit.Text(253, "an address of this machine"),
        kit.About("The address of this machine that listens for what is delivered."),
    ] = "127.0.0.1"
    webhook_port: Annotated[
        int, kit.Whole(1, 65_535), kit.About("The port of this machine that listens for it.")
    ] = 8443

    @property
    def api(self) -> str:
        """Where the Bot API is: what comes before `/bot<token>` and `/file/bot<token>`."""
        return self.base_url or OWN

    def clashes(self) -> Iterator[kit.Clash]:
        if self.webhook_url is None or self.base_url is not None:
            return  # a server of one's own delivers wherever it is told to
        parts = urlsplit(self.webhook_url)
        if parts.scheme != "https":
            yield kit.Clash(
                key="webhook_url",
                problem="Telegram delivers over https alone",
                expected="an address that begins with https://",
            )
        elif (parts.port or 443) not in PORTS:
            yield kit.Clash(
                key="webhook_url",
                problem=f"Telegram delivers to no port {parts.port}",
                expected="an address with the port 443, 80, 88 or 8443",
            )


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """What is no setting. Another token is one of the same bot."""

    token: str
    secret: str = ""

    def __repr__(self) -> str:
        return "Keys(…)"


def secret_fits(secret: str) -> bool:
    """Whether `secret` can keep others out of a webhook and is one that Telegram takes: letters,
    digits, `_` and `-`."""
    plain = secret.replace("_", "").replace("-", "")
    return LEAST <= len(secret) <= MOST and plain.isascii() and plain.isalnum()
