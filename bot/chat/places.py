"""Where in a chat somebody is answered, as a `Place`: the space, in it the channel, and for what
began in a channel with others the message it began with.

A direct message and a thread are one conversation each. In a channel every question begins one
of its own, which goes on in the replies to its answer.
"""

from __future__ import annotations

import msgspec

from swarm_core import Place

DIRECT = "dm"
"""The space of direct messages."""


class Spot(msgspec.Struct, frozen=True):
    """A channel (a thread and a direct message are channels), and the message something began
    with, '' for the channel as a whole."""

    channel: str
    root: str = ""


def placed(surface: str, space: str, channel: str, root: str = "") -> Place:
    return Place(surface=surface, space=space, thread=f"{channel}/{root}" if root else channel)


def spot_of(place: Place) -> Spot:
    channel, _, root = place.thread.partition("/")
    return Spot(channel, root)


def to_account(place: Place) -> str:
    """Whose direct messages a place is that names them and no channel, `dm/80351110`; else ''."""
    direct, _, number = place.space.partition("/")
    return number if direct == DIRECT and not place.thread else ""


def whole(place: Place) -> Place:
    """The channel of `place` as a whole, whatever conversation in it."""
    return Place(surface=place.surface, space=place.space, thread=spot_of(place).channel)


def in_channel(place: Place, channel: str) -> Place:
    """What is shown of `place` in a channel of the same space, as a thread of its own."""
    return Place(surface=place.surface, space=place.space, thread=channel)


def account(key: str, surface: str) -> str | None:
    """The account on `surface` behind the key of a person; None for somebody from elsewhere."""
    where, _, rest = key.partition("/")
    return rest.rpartition("/")[2] if where == surface else None
