"""The section about Discord. The bot's token is no setting: it stands in `DISCORD_TOKEN`."""

from __future__ import annotations

from typing import Annotated, Any

from swarm_core.settings.endpoints import Address
from swarm_core.settings.kinds import Flag, Kind, Many, Whole, misfit
from swarm_core.settings.section import About, Section


class Snowflake(Kind[str]):
    """An id as Discord's "Copy ID" gives it; kept as text, which no reader of YAML rounds."""

    expected = "a number as Discord's “Copy ID” gives it"

    def __init__(self, none: str | None = None) -> None:
        self.none = none

    def check(self, value: Any) -> str:
        if type(value) is not int:
            raise misfit("is no id of Discord")
        return self.read(str(value))

    def read(self, text: str) -> str:
        found = text.strip()
        if not (found.isascii() and found.isdigit() and 15 <= len(found) <= 20):
            raise misfit("is no id of Discord")
        return found


class Discord(Section):
    """The chat on Discord. It is there when the variable DISCORD_TOKEN holds a bot's token."""

    enabled: Annotated[
        bool, Flag(), About("Whether the swarm answers on Discord when it has a token.")
    ] = True
    guilds: Annotated[
        tuple[str, ...],
        Many(Snowflake()),
        About("Ids of the servers it answers in; every one it was invited to when there are none."),
    ] = ()
    channels: Annotated[
        tuple[str, ...],
        Many(Snowflake()),
        About("Ids of the channels it answers in; every one it can see when there are none."),
    ] = ()
    context: Annotated[
        int,
        Whole(0, 100),
        About(
            "How many of a channel's last messages a worker is given along when it is asked there;"
            " 0: none. `/channel set context` says it for one channel."
        ),
    ] = 20
    api_url: Annotated[
        str | None,
        Address(),
        About("Where Discord's API is reached, for those who run a proxy: with /api/v10."),
    ] = None
    gateway_url: Annotated[
        str | None,
        Address(),
        About("Where its events come from, with http or https; where Discord says when not given."),
    ] = None
