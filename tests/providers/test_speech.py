"""Speech into words: over the vendor's SDK and real sockets, priced, and within limits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from swarm_core.build import DATA
from swarm_core.kernel.errors import (
    AnswerLost,
    NoSuchModel,
    PromptTooLong,
    ProviderBusy,
    ProviderPaused,
    ProviderRejected,
    UnknownModel,
    UnknownPrice,
    WaggleError,
    WrongKey,
)
from swarm_core.kernel.secret import Secret
from swarm_core.providers.catalogue import Catalogue
from swarm_core.providers.lengths import Length, at_most, length_of
from swarm_core.providers.opening import Access, open_provider
from swarm_core.providers.speech import Recording, SpeechCard, form_of, listening
from swarm_core.testing import ScriptedProvider, settings
from tests.fakes.models import KEY, FakeModels, serving
from tests.fakes.models.speech import LARGEST, recording
from tests.providers.benches import reach

TODAY = date(2026, 11, 21)
WORDS = "Where is the würst — “best” one? 🎙"


@pytest.fixture
async def fake() -> AsyncIterator[FakeModels]:
    async with serving() as opened:
        yield opened


def spoken(data: bytes, form: str = "ogg", model: str = "whisper-1") -> Recording:
    return Recording(data=data, form=form, model=model)


@pytest.mark.parametrize("name", ["chat", "responses"])
async def test_words_come_back_with_the_seconds_they_are_billed_by(
    fake: FakeModels, name: str
) -> None:
    provider = reach(name, fake.url)
    heard = await listening(provider).transcribe(spoken(recording(WORDS, 3.2)))
    await provider.close()
    assert (heard.text, heard.seconds) == (WORDS, 4)
    (asked,) = fake.service.requests
    assert asked["body"] == {"model": "whisper-1", "response_format": "json"}
    assert asked["file"] == "speech.ogg"


async def test_what_is_billed_by_tokens_says_nothing_of_seconds(fake: FakeModels) -> None:
    provider = reach("responses", fake.url)
    recorded = spoken(recording(WORDS), model="gpt-transcribe")
    heard = await listening(provider).transcribe(recorded)
    await provider.close()
    assert (heard.text, heard.seconds) == (WORDS, None)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"data": b"nothing that plays"}, ProviderRejected),
        ({"data": recording("", 0.05)}, ProviderRejected),
        ({"data": recording("", size=LARGEST + 1)}, PromptTooLong),
        ({"model": "whisper-9"}, NoSuchModel),
    ],
)
async def test_what_the_provider_refuses_is_one_of_our_errors(
    fake: FakeModels, wrong: dict[str, Any], error: type[WaggleError]
) -> None:
    provider = reach("chat", fake.url)
    given: dict[str, Any] = {"data": recording(WORDS), **wrong}
    with pytest.raises(error):
        await listening(provider).transcribe(spoken(**given))
    await provider.close()
    assert not fake.counts()["total"]["served"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 401}, WrongKey),
        ({"kind": "status", "status": 429, "retry_after": 3}, ProviderBusy),
        ({"kind": "status", "status": 500}, AnswerLost),
        ({"kind": "reset"}, AnswerLost),
        ({"kind": "cut", "bytes": 5}, AnswerLost),
    ],
)
async def test_what_goes_wrong_says_whether_anything_was_served(
    fake: FakeModels, fault: dict[str, Any], error: type[WaggleError]
) -> None:
    fake.fault(**fault, wire="speech")
    provider = reach("responses", fake.url)
    with pytest.raises(error):
        await listening(provider).transcribe(spoken(recording(WORDS)))
    await provider.close()


async def test_it_is_left_alone_after_failures_as_for_any_call(fake: FakeModels) -> None:
    fake.fault(kind="status", status=500, wire="speech", count=2)
    opened = open_provider(
        Access(
            name="desk",
            kind="openai-compatible",
            base_url=fake.openai,
            key=Secret(KEY),
            rpm=1_000,
            failures=2,
            pause=600.0,
        )
    )
    for _ in range(2):
        with pytest.raises(AnswerLost):
            await opened.transcribe(spoken(recording(WORDS)))
    with pytest.raises(ProviderPaused):
        await opened.transcribe(spoken(recording(WORDS)))
    await opened.close()
    assert fake.counts()["total"]["received"] == 2


def test_a_provider_that_takes_no_speech_says_so() -> None:
    with pytest.raises(ProviderRejected):
        listening(ScriptedProvider(name="vendor"))


@pytest.mark.parametrize(
    ("media", "name", "form"),
    [
        ("audio/ogg", "voice-message.ogg", "ogg"),
        ("audio/ogg; codecs=opus", "", "ogg"),
        ("AUDIO/MPEG", "x", "mp3"),
        ("audio/x-m4a", "x", "m4a"),
        ("application/octet-stream", "Note.OGA", "ogg"),
        ("", "a.webm", "webm"),
        ("audio/amr", "a.amr", None),
        ("image/png", "a.png", None),
    ],
)
def test_a_recording_is_known_by_what_it_is_said_to_be(
    media: str, name: str, form: str | None
) -> None:
    assert form_of(media, name) == form


WAV = b"RIFF0000WAVEfmt " + bytes(12) + (100).to_bytes(4, "little") + bytes(268)


@pytest.mark.parametrize(
    ("data", "form", "told", "seconds", "most"),
    [
        (recording("", 7.2), "ogg", None, 8, 8),
        (recording("", 7.2), "ogg", 2.0, 8, 8),
        (recording("", 7.2), "ogg", 9.5, 10, 10),
        (recording("", 90.0) + recording("", 7.2), "ogg", 7.2, 90, 90),
        (b"OggS" + bytes(5_000), "ogg", None, 6, 6),
        (b"OggS" + bytes(5_000), "ogg", 2.0, 2, 6),
        (bytes(5_001), "mp3", None, 6, 6),
        (bytes(5_001), "mp3", 2.5, 3, 6),
        (bytes(5_001), "mp3", 60.0, 60, 60),
        (WAV, "wav", 1.0, 3, 3),
        (b"RIFF", "wav", None, 1, 1),
        (b"", "ogg", 0.0, 1, 1),
    ],
)
def test_the_longest_of_what_is_told_counts_and_the_size_where_nothing_else_does(
    data: bytes, form: str, told: float | None, seconds: int, most: int
) -> None:
    assert length_of(data, form, told) == Length(seconds, most)


def test_before_it_is_fetched_its_size_bounds_it() -> None:
    assert at_most(5_001, None) == 6
    assert at_most(5_001, 1.2) == 2


@pytest.mark.parametrize(
    ("hour", "least", "seconds", "cost"),
    [(360_000, 0, 1, 100), (360_000, 0, 61, 6_100), (111_000, 10, 3, 309), (0, 0, 300, 0)],
)
def test_the_bill_is_by_the_second_and_rounded_up(
    hour: int, least: int, seconds: int, cost: int
) -> None:
    card = SpeechCard(provider="p", id="m", hour=hour, least=least)  # type: ignore[arg-type]
    assert card.cost(seconds) == cost


PROVIDERS = {
    "openai": {"kind": "openai"},
    "groq": {"kind": "openai-compatible", "base_url": "https://api.groq.com/openai/v1"},
    "desk": {"kind": "openai-compatible", "base_url": "http://localhost:9", "models": ["ears"]},
    "claude": {"kind": "anthropic"},
}


def catalogue(folder: Path, **more: Any) -> Catalogue:
    return Catalogue.read(settings(folder, **{"providers": PROVIDERS, **more}), DATA, lambda: TODAY)


def test_prices_of_speech_are_known_by_the_hour(tmp_path: Path) -> None:
    known = catalogue(tmp_path)
    assert known.speech("openai/whisper-1").hour == 360_000
    groq = known.speech("groq/whisper-large-v3")
    assert (groq.hour, groq.least) == (111_000, 10)


@pytest.mark.parametrize(
    "wish", ["openai/gpt-4o-transcribe", "openai/house-ears", "desk/ears", "ears", "groq/nothing"]
)
def test_a_price_nobody_knows_is_refused(wish: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownPrice):
        catalogue(tmp_path).speech(wish)


@pytest.mark.parametrize("wish", ["claude/whisper-1", "nobody/whisper-1", "whisper-1"])
def test_a_name_that_could_mean_several_or_none_is_refused(wish: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownModel):
        catalogue(tmp_path).speech(wish)


def test_free_is_only_what_a_person_calls_free_and_their_price_holds(tmp_path: Path) -> None:
    told = {"desk/ears": {"free": True}, "gpt-4o-transcribe": {"per_minute": "$0.006"}}
    known = catalogue(tmp_path, models=told)
    assert known.speech("ears").free
    assert known.speech("desk/ears").cost(300) == 0  # type: ignore[arg-type]
    assert known.speech("openai/gpt-4o-transcribe").hour == 360_000


def test_what_hears_is_no_model_to_work_with(tmp_path: Path) -> None:
    told: dict[str, Any] = {
        "providers": {"desk": {**PROVIDERS["desk"], "models": ["ears", "more", "words"]}},
        "models": {"ears": {"free": True}, "more": {"free": True, "transcribes": True}},
        "routing": {"preset": "free"},
        "chat": {"transcription": "desk/ears"},
    }
    told["models"]["words"] = {"free": True}
    assert [card.id for card in catalogue(tmp_path, **told).usable()] == ["words"]
