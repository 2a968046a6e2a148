"""Choosing by number among the servers and channels a bot may be in."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.messages import Messages
from bot.portal.model import ESSENTIAL, Bot
from bot.sections.discord import Discord
from swarm_core import Settings

MOST = 60
"""Entries that are shown; who has more names ids in the settings."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line to choose: a channel, or a server as a `whole`, whose `id` is the server's."""

    number: int
    id: str
    name: str
    guild: str
    whole: bool = False
    lacking: tuple[str, ...] = ()

    @property
    def writable(self) -> bool:
        return not set(ESSENTIAL) & set(self.lacking)


def entries(bot: Bot) -> list[Entry]:
    """Each server and then its channels, numbered from one."""
    found: list[Entry] = []
    for server in bot.servers:
        found.append(
            Entry(
                number=len(found) + 1, id=server.id, name=server.name, guild=server.id, whole=True
            )
        )
        for channel in server.channels:
            found.append(
                Entry(
                    number=len(found) + 1,
                    id=channel.id,
                    name=f"#{channel.name}",
                    guild=server.id,
                    lacking=channel.lacking,
                )
            )
    return found


def lines(say: Messages, found: Sequence[Entry]) -> list[str]:
    """They as one reads them."""
    shown = []
    for each in found[:MOST]:
        text = say("init.discord.whole", name=each.name) if each.whole else f"  {each.name}"
        if each.lacking:
            rights = rights_in_words(say, each.lacking)
            text += f"  ({say('init.discord.short', rights=rights)})"
        shown.append(f"{each.number:>4}  {text}")
    if len(found) > MOST:
        shown.append(say("init.discord.more", count=len(found) - MOST))
    return shown


def rights_in_words(say: Messages, names: Sequence[str]) -> list[str]:
    """Rights as Discord's own settings call them."""
    return [say(f"right.{name}") for name in names]


def pick(found: Sequence[Entry], line: str) -> list[Entry] | None:
    """The entries a line names: numbers, or `all` for none in particular. None: look again.
    Raises ValueError for anything else, servers and channels mixed included."""
    word = line.casefold().strip()
    if word in ("again", "a"):
        return None
    if word == "all":
        return []
    by_number = {str(each.number): each for each in found}
    chosen = [by_number.get(part.strip()) for part in word.replace(" ", ",").split(",") if part]
    picked = [each for each in dict.fromkeys(chosen) if each is not None]
    mixed = len({each.whole for each in picked}) > 1
    if None in chosen or not picked or mixed:
        raise ValueError
    return picked


def now_chosen(found: Sequence[Entry], now: Settings) -> list[Entry]:
    """Those that the settings name."""
    discord = now.of(Discord)
    if discord.channels:
        return [each for each in found if not each.whole and each.id in discord.channels]
    return [each for each in found if each.whole and each.id in discord.guilds]
