"""The language of a place, for what is said to everybody there."""

from __future__ import annotations

import discord

from bot.discord.here import Here
from swarm_core import Actor, Place


def language_of(
    here: Here, place: Place, guild: discord.Guild | None, person: Actor | None = None
) -> str:
    """What is set for it; of a direct message what `person` wishes; of a server what it prefers,
    where we speak that. '' for the language of the swarm."""
    members = here.swarm.members
    if chosen := members.directory.set_at(place).get("language"):
        return chosen
    if guild is None:
        return members.me(person).wishes.get("language", "") if person else ""
    # Every server has a preference; only some were asked for it.
    locale = guild.preferred_locale
    if locale is discord.Locale.american_english and "COMMUNITY" not in guild.features:
        return ""
    code = locale.value.partition("-")[0]
    return code if code in here.say.languages() else ""
