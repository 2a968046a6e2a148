"""The rights the bot uses on Discord: the one list behind the invite link, `/discord`, the doctor
and the docs.

How rights are worked out: https://docs.discord.com/developers/topics/permissions, 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec


class Right(msgspec.Struct, frozen=True):
    """One permission. Its words for people are in the catalogue under `right.<name>`."""

    name: str
    bit: int


RIGHTS = (
    Right("view", 1 << 10),
    Right("send", 1 << 11),
    Right("send_in_threads", 1 << 38),
    Right("make_threads", 1 << 35),
    Right("embed", 1 << 14),
    Right("attach", 1 << 15),
    Right("history", 1 << 16),
)
WANTED = sum(right.bit for right in RIGHTS)
SCOPES = "bot applications.commands"
INVITE = "https://discord.com/oauth2/authorize"
PORTAL = "https://discord.com/developers/applications"
_ADMINISTRATOR = 1 << 3
_EVERYTHING = -1

Json = Mapping[str, Any]


def invite_link(application: str) -> str:
    """The address at which somebody lets the bot into a server, with these rights and no others."""
    query = {"client_id": application, "permissions": WANTED, "scope": SCOPES}
    return f"{INVITE}?{urlencode(query, quote_via=quote)}"


def intent_page(application: str) -> str:
    """Where Message Content Intent is switched on."""
    return f"{PORTAL}/{application}/bot"


def lacking(held: int) -> tuple[str, ...]:
    """The names of the rights that `held` does not hold."""
    return tuple(right.name for right in RIGHTS if not held & right.bit)


def held_in(channel: Json, guild: str, roles: Sequence[Json], member: Json) -> int:
    """The rights of a member of `guild` in one of its channels, as bits: those of everybody and
    of their roles, then what the channel changes for everybody, for roles, for them."""
    mine = [guild, *member["roles"]]
    by_role = {str(role["id"]): int(role["permissions"]) for role in roles}
    base = 0
    for role in mine:
        base |= by_role.get(role, 0)
    if base & _ADMINISTRATOR:
        return _EVERYTHING
    changes = {str(each["id"]): each for each in channel.get("permission_overwrites", ())}
    base = _changed(base, [changes[guild]] if guild in changes else [])
    base = _changed(base, [changes[role] for role in mine[1:] if role in changes])
    own = str(member["user"]["id"])
    return _changed(base, [changes[own]] if own in changes else [])


def _changed(held: int, changes: Sequence[Json]) -> int:
    allow = deny = 0
    for each in changes:
        allow |= int(each["allow"])
        deny |= int(each["deny"])
    return held & ~deny | allow
