"""Which voice notes are heard: what they are, how long, by whom and at which price."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

import msgspec

from swarm_core.kernel.errors import NoTranscription, TooLarge, UnfitVoice, VoiceTooLong
from swarm_core.providers.registry import Registry
from swarm_core.providers.speech import LARGEST, SpeechCard, Transcriber, form_of
from swarm_core.settings import Chat, Settings

Fetch = Callable[[], Awaitable[bytes]]


class VoiceNote(msgspec.Struct, frozen=True, kw_only=True):
    """What a surface knows of a voice note before it fetches it. `key` names its event there;
    `seconds` is how long its platform says it is."""

    key: str
    media_type: str
    name: str
    size: int
    seconds: float | None = None


class Current(Protocol):
    """The settings in force, and the models they give."""

    @property
    def settings(self) -> Settings: ...

    @property
    def models(self) -> Registry: ...


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asked, at which price, for what."""

    card: SpeechCard
    provider: Transcriber
    form: str


async def terms_of(note: VoiceNote, now: Current) -> Terms:
    """Raises `NoTranscription`, `UnfitVoice`, `UnknownModel`, `UnknownPrice` and their like."""
    wish = now.settings.chat.transcription
    if wish is None:
        raise NoTranscription
    form = form_of(note.media_type, note.name)
    if form is None:
        raise UnfitVoice(name=note.name, media=note.media_type)
    card, provider = await asyncio.to_thread(now.models.transcriber, wish)
    return Terms(card=card, provider=provider, form=form)


def fits(size: int, seconds: int, chat: Chat, *, known: bool = True) -> None:
    """Raises `TooLarge` or `VoiceTooLong`. Not `known`: the seconds are what it may be at most."""
    if size > LARGEST:
        raise TooLarge(what="the voice note", size=size, limit=LARGEST)
    most = chat.voice_longest // timedelta(seconds=1)
    if seconds > most:
        raise VoiceTooLong(seconds=seconds if known else 0, most=most)
