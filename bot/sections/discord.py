"""The section about Discord. The bot's token is no setting: it stands in `DISCORD_TOKEN`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from swarm_core import section_kit as kit


class Snowflake(kit.Kind[str]):
    """An id as Discord's "Copy ID" gives it; kept as text, which no reader of YAML rounds."""

    expected = "a number as Discord's “Copy ID” gives it"

    def __init__(self, none: str | None = None) -> None:
        self.none = none

    def check(self, value: Any) -> str:
        if type(value) is not int:
            raise kit.misfit("is no id of Discord")
        return self.read(str(value))

    def read(self, text: str) -> str:
        found = text.strip()
        if not (found.isascii() and found.isdigit() and 15 <= len(found) <= 20):
            raise kit.misfit("is no id of Discord")
        return found


class Discord(kit.Section):
    """The chat on Discord. It is there when the variable DISCORD_TOKEN holds a bot's token."""

    enabled: Annotated[
        bool, kit.Flag(), kit.About("Whether the swarm answers on Discord when it has a token.")
    ] = True
    guilds: Annotated[
        tuple[str, ...],
        kit.Many(Snowflake()),
        kit.About(
            "Ids of the servers it answers in; every one it was invited to when there are none."
        ),
    ] = ()
    channels: Annotated[
        tuple[str, ...],
        kit.Many(Snowflake()),
        kit.About("Ids of the channels it answers in; every one it can see when there are none."),
    ] = ()
    threads: Annotated[
        bool,
        kit.Flag(),
        kit.About("Whether a task that runs long, asks or says much gets a thread of its own."),
    ] = True
    thread_after: Annotated[
        timedelta,
        kit.Duration(timedelta(0), timedelta(days=1)),
        kit.About("How long a task of a channel runs before it gets a thread."),
    ] = timedelta(minutes=2)
    thread_archive: Annotated[
        Literal["1h", "1d", "3d", "7d"],
        kit.Choice("1h", "1d", "3d", "7d"),
        kit.About("After how long a silence a thread is archived; Discord knows no other times."),
    ] = "1h"
    welcome: Annotated[
        bool,
        kit.Flag(),
        kit.About("Whether it says hello, once, where it was invited, with examples to press."),
    ] = True
    context: Annotated[
        int,
        kit.Whole(0, 100),
        kit.About(
            "How many of a channel's last messages a worker is given along when it is asked there;"
            " 0: none. `/channel set context` says it for one channel."
        ),
    ] = 20
    api_url: Annotated[
        str | None,
        kit.Address(),
        kit.About("Where Discord's API is reached, for those who run a proxy: with /api/v10."),
    ] = None
    gateway_url: Annotated[
        str | None,
        kit.Address(),
        kit.About(
            "Where its events come from, with http or https; where Discord says when not given."
        ),
    ] = None
