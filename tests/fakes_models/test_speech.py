"""The fake's speech to text keeps to its form, and hears what it was told is said."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.fakes.models import KEY, FakeModels, serving
from tests.fakes.models.speech import recording

KEYED = {"Authorization": f"Bearer {KEY}"}


async def post(fake: FakeModels, form: dict[str, Any], **more: Any) -> tuple[int, Any]:
    data = aiohttp.FormData(default_to_multipart=True)
    for name, value in form.items():
        if isinstance(value, tuple):
            data.add_field(name, value[1], filename=value[0])
        else:
            data.add_field(name, value)
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{fake.openai}/audio/transcriptions", **{"data": data, "headers": KEYED, **more}
        ) as answer,
    ):
        return answer.status, await answer.json()


SAID = {"model": "whisper-1", "file": ("a.ogg", recording("hello", 1.2))}


async def test_it_hears_what_was_said_and_says_what_it_bills_by() -> None:
    async with serving() as fake:
        seconds = {"text": "hello", "usage": {"type": "duration", "seconds": 2}}
        assert await post(fake, SAID) == (200, seconds)
        status, body = await post(fake, {**SAID, "model": "gpt-transcribe"})
        assert (status, body["usage"]["type"]) == (200, "tokens")
        status, body = await post(fake, {**SAID, "file": ("a.mp3", b"anything else" * 99)})
        again = await post(fake, {**SAID, "file": ("a.mp3", b"anything else" * 99)})
        assert (status, again) == (200, (200, body))
        assert fake.counts()["total"]["served"] == 4


@pytest.mark.parametrize(
    ("wrong", "status", "says"),
    [
        ({"model": None}, 400, "Missing required parameter: 'model'."),
        ({"file": None}, 400, "Missing required parameter: 'file'."),
        ({"model": "whisper-9"}, 404, "does not exist"),
        ({"volume": "11"}, 400, "Unknown parameter: 'volume'."),
        ({"response_format": "vtt"}, 400, "Supported values"),
        ({"file": ("a.txt", b"OggS")}, 400, "Invalid file format."),
        ({"file": ("a.ogg", b"not ogg")}, 400, "could not be decoded"),
        ({"file": ("a.ogg", recording("", 0.01))}, 400, "too short"),
    ],
)
async def test_what_breaks_a_rule_is_refused_as_the_vendor_does(
    wrong: dict[str, Any], status: int, says: str
) -> None:
    form = {name: value for name, value in {**SAID, **wrong}.items() if value is not None}
    async with serving() as fake:
        answered, body = await post(fake, form)
        assert answered == status
        assert says in body["error"]["message"]
        assert not fake.counts()["total"]["served"]


async def test_it_takes_forms_alone_and_asks_for_a_key() -> None:
    async with serving() as fake:
        status, body = await post(fake, {}, data=None, json={"model": "whisper-1"})
        assert (status, "multipart" in body["error"]["message"]) == (400, True)
        assert (await post(fake, SAID, headers={}))[0] == 401
