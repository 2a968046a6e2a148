"""What a refusal is taken for, and what of it is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from swarm_core.kernel.errors import (
    AnswerLost,
    NoSuchModel,
    OutOfCredit,
    PromptTooLong,
    ProviderBusy,
    ProviderRejected,
    WaggleError,
    WrongKey,
)
from swarm_core.kernel.secret import Secret
from swarm_core.providers.failures import Caller, after

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
CALLER = Caller(provider="here", variable="KEY", key=Secret("hunter2hunter2"))


def refusal(status: int, body: object, **headers: str) -> WaggleError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return CALLER.refused("m-1", status, headers, data, NOW)


def error(message: str, **more: str) -> dict[str, object]:
    return {"error": {"message": message, **more}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, error("slow down"), ProviderBusy),
        (429, error("You exceeded your quota", code="insufficient_quota"), OutOfCredit),
        (429, error("limit", type="rate_limit_error"), ProviderBusy),
        (503, b"<html>Service Unavailable</html>", ProviderBusy),
        (503, error("Loading model", type="unavailable_error"), ProviderBusy),
        (529, error("Overloaded", type="overloaded_error"), ProviderBusy),
        (500, error("Overloaded", type="overloaded_error"), ProviderBusy),
        (500, error("oops"), AnswerLost),
        (502, b"", AnswerLost),
        (504, b"\xff", AnswerLost),
        (401, error("Incorrect API key provided"), WrongKey),
        (403, error("no permission", type="permission_error"), WrongKey),
        (403, error("Project does not have access to model `m-1`"), NoSuchModel),
        (402, error("pay"), OutOfCredit),
        (400, error("Your credit balance is too low to access the API"), OutOfCredit),
        (404, error("model: m-1", type="not_found_error"), NoSuchModel),
        (404, error('model "m-1" not found, try pulling it first'), NoSuchModel),
        (404, {"detail": "Not Found"}, ProviderRejected),
        (404, b"404 page not found", ProviderRejected),
        (400, error("no", code="model_not_found"), NoSuchModel),
        (400, error("too big", code="context_length_exceeded"), PromptTooLong),
        (400, error("too big", type="exceed_context_size_error"), PromptTooLong),
        (
            400,
            {"object": "error", "message": "This model's maximum context length is 8", "code": 400},
            PromptTooLong,
        ),
        (413, error("large", type="request_too_large"), PromptTooLong),
        (400, error("messages: must not be empty"), ProviderRejected),
        (422, {"detail": [{"msg": "field required"}]}, ProviderRejected),
        (418, [], ProviderRejected),
        (302, b"", ProviderRejected),
    ],
)
def test_a_refusal_is_what_its_status_and_words_say(
    status: int, body: object, kind: type[WaggleError]
) -> None:
    assert type(refusal(status, body)) is kind


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"type": "error", "error": {"type": "overloaded_error", "message": "x"}}, ProviderBusy),
        ({"error": {"code": "rate_limit_exceeded", "message": "x"}}, ProviderBusy),
        ({"error": {"code": "insufficient_quota", "message": "x"}}, OutOfCredit),
        ({"error": {"code": "server_error", "message": "x"}}, AnswerLost),
        ({"error": None}, AnswerLost),
        ("words", AnswerLost),
    ],
)
def test_an_error_inside_of_an_answer_is_lost_once_something_was_served(
    event: object, kind: type[WaggleError]
) -> None:
    assert type(CALLER.broke("m-1", event, served=False)) is kind
    assert type(CALLER.broke("m-1", event, served=True)) is AnswerLost


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.2"}, 1),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 2),
        ({"retry-after": "Thu, 01 Jan 2026 12:00:30 GMT"}, 30),
        (
            {
                "retry-after": "Thu, 01 Jan 2026 11:00:05 GMT",
                "date": "Thu, 01 Jan 2026 11:00:00 GMT",
            },
            5,
        ),
        ({"retry-after": "Thu, 01 Jan 2026 10:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "nan"}, 0),
        ({"retry-after": "-4"}, 0),
        ({"retry-after": "99999999"}, 86_400),
        ({"x-ratelimit-reset-requests": "6m0s"}, 360),
        ({"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "20ms"}, 1),
        (
            {
                "x-ratelimit-reset-requests": "1h",
                "x-ratelimit-remaining-requests": "12",
                "x-ratelimit-reset-tokens": "2s",
                "x-ratelimit-remaining-tokens": "0",
            },
            2,
        ),
    ],
)
def test_how_long_it_asks_us_to_wait(headers: dict[str, str], seconds: int) -> None:
    assert after(headers, NOW) == seconds


def test_no_key_is_told() -> None:
    told = str(refusal(400, error("bad: hunter2hunter2, sk-abc123456789, Bearer abc.def\x1b[2J")))
    assert "hunter2" not in told
    assert "abc" not in told
    assert "\x1b" not in told


def test_what_is_told_is_short() -> None:
    assert len(str(refusal(400, error("x" * 100_000)).data["problem"])) <= 300
