"""Voice messages on Telegram: core.telegram.org/bots/api#voice."""

from __future__ import annotations

from datetime import timedelta

from telegram import Message

from bot.telegram.lookups import Lookups
from swarm_core import Fetch, VoiceNote


def voice_of(said: Message, key: str, lookups: Lookups) -> tuple[VoiceNote, Fetch] | None:
    """What was spoken, when `said` is a voice message; `key` is that of its event."""
    spoken = said.voice
    if spoken is None:
        return None
    name = f"voice-{said.message_id}.ogg"

    async def fetch() -> bytes:
        return await lookups.fetch(spoken.file_id, name)

    length = spoken.duration
    note = VoiceNote(
        key=key,
        media_type=spoken.mime_type or "audio/ogg",
        name=name,
        size=spoken.file_size or 0,
        seconds=length.total_seconds() if isinstance(length, timedelta) else float(length),
    )
    return note, fetch
