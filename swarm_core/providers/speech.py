"""Speech into text: what is asked of a provider, what it costs, and the request itself.

A recording is billed by its length. OpenAI's documentation of the answer
(openai/types/audio/transcription.py of the SDK, `UsageDuration`) says so for models that are billed
by duration; parts of a second count as a whole one, and the sum is rounded up to the micro-dollar.
What a provider charges at least for a recording, is charged.
"""

from __future__ import annotations

import math
from pathlib import PurePath
from typing import Any, Protocol, runtime_checkable

import msgspec

from swarm_core.kernel.errors import ProviderRejected
from swarm_core.kernel.money import MicroUSD
from swarm_core.providers.model import Provider
from swarm_core.providers.reading import thing, words
from swarm_core.providers.wire import Wire

LARGEST = 25 * 1024 * 1024
"""Bytes of one recording (developers.openai.com/api/docs/guides/speech-to-text)."""

ENDINGS = {
    "audio/ogg": "ogg",
    "audio/opus": "ogg",
    "application/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/mp4": "m4a",
    "audio/m4a": "m4a",
    "audio/x-m4a": "m4a",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/webm": "webm",
    "audio/flac": "flac",
    "audio/x-flac": "flac",
}
"""What providers take, as it is (openai/types/audio/transcription_create_params.py of the SDK), and
the ending of a file's name by which they know it."""
_OTHER = {"oga": "ogg", "opus": "ogg", "mpga": "mp3", "mpeg": "mp3", "mp4": "m4a"}
_BY_ENDING = {
    **{ending: ending for ending in ENDINGS.values()},
    **_OTHER,
}
_MEDIA = {
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "wav": "audio/wav",
    "webm": "audio/webm",
    "flac": "audio/flac",
}
_SECONDS = 86_400
"""What says that it is longer than a day says nothing."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """Speech to be put into words; `form` is one of the endings of `ENDINGS`."""

    data: bytes
    form: str
    model: str


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What was said. `seconds` as the provider counted them; None when it does not say."""

    text: str
    seconds: int | None


@runtime_checkable
class Transcriber(Protocol):
    """A provider that puts speech into words."""

    async def transcribe(self, recording: Recording) -> Heard:
        """Make exactly one call. Raises what `Provider.complete` raises."""
        ...


def listening(provider: Provider) -> Transcriber:
    """`provider` as one that puts speech into words. Raises `ProviderRejected` when it is none, and
    nothing was asked."""
    if isinstance(provider, Transcriber):
        return provider
    raise ProviderRejected(provider=provider.name, problem="it takes no speech")


class SpeechCard(msgspec.Struct, frozen=True, kw_only=True):
    """A model that may be called. `hour` is the price of an hour of speech, `least` the seconds
    that are charged at least."""

    provider: str
    id: str
    hour: MicroUSD
    least: int = 0
    free: bool = False

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.id}"

    def cost(self, seconds: int) -> MicroUSD:
        """What so much speech costs, rounded up to the micro-dollar."""
        return MicroUSD(-(-max(seconds, self.least) * self.hour // 3_600))


def form_of(media_type: str, name: str) -> str | None:
    """What a recording is, by what it is said to be, else by its name; None for what nobody
    takes."""
    plain = media_type.partition(";")[0].strip().lower()
    if found := ENDINGS.get(plain):
        return found
    return _BY_ENDING.get(PurePath(name).suffix.lower().removeprefix("."))


async def transcribe(wire: Wire, recording: Recording) -> Heard:
    """The request of OpenAI's `/audio/transcriptions`, which local servers take too."""
    form, model = recording.form, recording.model
    asked: dict[str, Any] = {"model": model, "response_format": "json"}
    file = (f"speech.{form}", recording.data, _MEDIA[form])
    answer = thing(await wire.whole("/audio/transcriptions", asked, model=model, file=file))
    if not isinstance(answer.get("text"), str):
        raise wire.caller.broke(model, answer, served=False)
    return Heard(text=words(answer["text"]).strip(), seconds=_counted(answer))


def _counted(answer: dict[str, Any]) -> int | None:
    """The seconds in an answer: under `usage`, or in the older way as `duration`."""
    told = thing(answer.get("usage")).get("seconds", answer.get("duration"))
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    return math.ceil(told) if 0 <= told <= _SECONDS else None
