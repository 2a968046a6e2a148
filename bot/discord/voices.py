"""Voice messages on Discord: https://docs.discord.com/developers/resources/message#voice-messages"""

from __future__ import annotations

import discord

from bot.discord.reading import Files
from swarm_core import Fetch, VoiceNote


def voice_of(said: discord.Message, files: Files) -> tuple[VoiceNote, Fetch] | None:
    """What was spoken, when `said` is a voice message, which is nothing else."""
    if not (said.flags.voice and len(said.attachments) == 1):
        return None
    spoken = said.attachments[0]

    async def fetch() -> bytes:
        return await files.fetch(dict(spoken.to_dict()))

    note = VoiceNote(
        key=f"m{said.id}",
        media_type=spoken.content_type or "",
        name=spoken.filename,
        size=spoken.size,
        seconds=spoken.duration,
    )
    return note, fetch
