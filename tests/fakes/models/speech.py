"""Speech to text: the form's rules, what is heard, and what it counts.

Sources: SDK = openai/types/audio/transcription_create_params.py, transcription.py of openai 3.54;
S2T = developers.openai.com/api/docs/guides/speech-to-text (25 MB, formats); API = …/api-reference/
audio/createTranscription.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

from aiohttp import web

from tests.fakes.models.answer import Json
from tests.fakes.models.call import Call, Refused
from tests.fakes.models.catalogue import Model
from tests.fakes.models.openai_checks import bad, one_of
from tests.fakes.models.wire import Served

LARGEST = 25 * 1024 * 1024  # S2T
FORMATS = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")  # SDK
FIELDS = {  # SDK
    *("model", "language", "prompt", "response_format", "temperature", "stream"),
    *("include[]", "timestamp_granularities[]", "chunking_strategy", "keywords[]", "languages[]"),
    *("known_speaker_names[]", "known_speaker_references[]"),
}
MODELS = {"whisper-1": "duration", "gpt-transcribe": "tokens", "whisper-large-v3": "duration"}
"""What each is billed by (SDK, `Usage`)."""
LEAST_SECONDS = 0.1  # API: "Audio file is too short. Minimum audio length is 0.1 seconds."
_RATE = 48_000
_SAYS = b"SAYS="
_MAGIC = {
    "ogg": b"OggS",
    "oga": b"OggS",
    "wav": b"RIFF",
    "flac": b"fLaC",
    "webm": b"\x1aE\xdf\xa3",
}


def recording(text: str, seconds: float = 3.0, *, size: int = 0) -> bytes:
    """A voice note in which `text` is heard: pages of Ogg with Opus's head and tags (RFC 3533,
    RFC 7845), and nothing that plays. It has at least `size` bytes."""
    head = b"OpusHead" + bytes([1, 1]) + (0).to_bytes(2, "little") + _RATE.to_bytes(4, "little")
    tags = b"OpusTags" + _SAYS + text.encode() + b"\n"
    pages = _page(0, head + bytes(3), 2) + _page(0, tags, 0)
    return pages + bytes(max(0, size - len(pages))) + _page(round(seconds * _RATE), b"", 4)


def _page(position: int, data: bytes, kind: int) -> bytes:
    return b"OggS" + bytes([0, kind]) + position.to_bytes(8, "little") + bytes(13) + data


async def form_of(request: web.Request) -> tuple[Json, str, bytes]:
    """The fields of the form, and the file with its name. Raises `Refused`."""
    if request.content_type != "multipart/form-data":
        raise Refused(400, "Could not parse multipart form")
    fields: Json = {}
    name, data = "", None
    async for part in await request.multipart():
        if part.name == "file":  # type: ignore[union-attr]
            name = part.filename or ""  # type: ignore[union-attr]
            data = bytes(await part.read())  # type: ignore[union-attr]
        elif part.name in FIELDS and part.name not in fields:  # type: ignore[union-attr]
            fields[part.name] = (await part.read()).decode()  # type: ignore[union-attr, index]
        else:
            raise bad("", f"Unknown parameter: '{part.name}'.", "unknown_parameter")  # type: ignore[union-attr]
    for needed, there in (("file", data is not None), ("model", bool(fields.get("model")))):
        if not there:
            problem = f"Missing required parameter: '{needed}'."
            raise bad(needed, problem, "missing_required_parameter")
    return fields, name, data or b""


def checked(fields: Json, name: str, data: bytes) -> Call:
    """The call, when it follows every rule."""
    if fields["model"] not in MODELS:
        raise Refused(
            404,
            f"The model `{fields['model']}` does not exist or you do not have access to it.",
            code="model_not_found",
        )
    one_of(fields.get("response_format", "json"), ("json", "text"), "response_format")
    if len(data) > LARGEST:
        told = f"Maximum content size limit ({LARGEST}) exceeded ({len(data)} bytes read)"
        raise Refused(413, told)
    ending = name.rpartition(".")[2].lower()
    if ending not in FORMATS:
        raise bad("file", f"Invalid file format. Supported formats: {list(FORMATS)}", None)
    magic = _MAGIC.get(ending, b"")
    if not data or not data.startswith(magic):
        raise bad("file", "The audio file could not be decoded or its format is not supported.")
    told: Any = {**fields, "file": hashlib.sha256(data).hexdigest()}
    said, seconds = heard(data)
    if seconds < LEAST_SECONDS:
        problem = "Audio file is too short. Minimum audio length is 0.1 seconds."
        raise bad("file", problem, "audio_too_short")
    return Call(
        wire="speech",
        asked=fields["model"],
        model=Model(id=fields["model"], vendor="openai"),
        stream=False,
        body=told,
        segments=[],
        texts=[],
        most=None,
        extra={"said": said, "seconds": seconds},
    )


def heard(data: bytes) -> tuple[str, float]:
    """What is said in a recording, and how long it is; in one that is not ours, words that only
    its bytes decide, at 32 kbit/s."""
    if not data.startswith(b"OggS") or _SAYS not in data:
        return f"words {hashlib.sha256(data).hexdigest()[:8]}", len(data) / 4_000
    text = data.partition(_SAYS)[2].partition(b"\n")[0].decode()
    position = int.from_bytes(data[data.rfind(b"OggS") + 6 :][:8], "little")
    return text, position / _RATE


def answer(served: Served) -> Json:
    """As the API writes it: the text, and what is billed."""
    seconds = served.call.extra["seconds"]
    text: str = served.call.extra["said"]
    if MODELS[served.call.asked] == "duration":
        return {"text": text, "usage": {"type": "duration", "seconds": math.ceil(seconds)}}
    usage = {"type": "tokens", "input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
    return {"text": text, "usage": usage}
