"""Which of our errors a provider's refusal is.

The line that matters is whether anything was served. A refusal with a status that says so costs
nothing and may be tried again or elsewhere; of all else the bill is unknown, and it is
`AnswerLost`. What is not recognised falls on that side.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

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
from swarm_core.kernel.text import clip, printable
from swarm_core.providers.reading import decoded, thing, words

_LONGEST = 86_400
_KEYS = re.compile(r"\b(?:sk|pk|rk|key)-[\w-]{6,}|(?i:bearer) +\S+")
_UNPAID = re.compile(
    r"insufficient_quota|insufficient_balance|insufficient_credits|billing|payment.required"
    r"|credit balance|spend_limit|spending limit|hard_limit_reached"
)
_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|request_too_large|prompt is too long"
    r"|input is too long|context (?:length|window|size|limit)|maximum context"
)
_NO_MODEL = re.compile(
    r"model_not_found|model[^.]{0,200}(?:not found|does not exist|not exist|unknown)"
    r"|(?:no|unknown|invalid) model|does not have access to model|^model: "
)
_BUSY = re.compile(r"overloaded|rate_limit|rate limit|too many requests|slow_down")
_SPANS = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What an error says of itself: `signs` are its machine-readable words."""

    signs: str
    message: str

    @property
    def all(self) -> str:
        return f"{self.signs} {self.message}".lower()


def said(body: object) -> Said:
    """What `body` says, in any of the shapes that are about: an `error` that is an object or a
    text, FastAPI's `detail`, an object that is the error itself, or plain text."""
    if isinstance(body, str | bytes):
        text = body.decode(errors="replace") if isinstance(body, bytes) else body
        read = decoded(text)
        if not isinstance(read, dict):
            return Said(signs="", message=re.sub(r"<[^>]*>", " ", text))
        body = read
    whole = thing(body)
    error = whole.get("error", whole.get("detail", whole))
    if isinstance(error, str):
        return Said(signs=words(whole.get("code")), message=error)
    inner = thing(error) or whole
    signs = [inner.get("type"), inner.get("code"), thing(inner.get("details")).get("error_code")]
    message = words(inner.get("message")) or words(inner.get("msg"))
    return Said(signs=" ".join(word for word in signs if isinstance(word, str)), message=message)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls whom: what errors are told with, and the key that must not be told."""

    provider: str
    variable: str
    key: Secret | None

    def clean(self, text: str) -> str:
        """`text` as people may see it: one line, no control characters, no key."""
        key = self.key.reveal() if self.key else ""
        text = printable(text.replace(key, "…") if key else text)
        return clip(_KEYS.sub("…", text), 300) or "it does not say why"

    def lost(self, model: str, problem: str) -> AnswerLost:
        what = f"{self.provider} {model}".strip()
        return AnswerLost(what=what, problem=self.clean(problem))

    def busy(self, after: int, problem: str) -> ProviderBusy:
        return ProviderBusy(provider=self.provider, after=after, problem=self.clean(problem))

    def refused(
        self, model: str, status: int, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> WaggleError:
        """What an answer with a status that is no success means."""
        told = said(body)
        problem = told.message or f"status {status}"
        if status in (429, 503, 529) or (status >= 500 and "overloaded" in told.all):
            if status == 429 and _UNPAID.search(told.all):
                return OutOfCredit(provider=self.provider, problem=self.clean(problem))
            return self.busy(after(headers, now), problem)
        if status >= 500:
            return self.lost(model, f"{status} {problem}")
        if status >= 400:
            return self._wrong(model, status, told, problem)
        to = headers.get("location", "elsewhere")
        return ProviderRejected(
            provider=self.provider, problem=self.clean(f"{status}, it is at {to}")
        )

    def _wrong(self, model: str, status: int, told: Said, problem: str) -> WaggleError:
        by_words = self._by_words(model, told, problem)
        if status == 402:
            return OutOfCredit(provider=self.provider, problem=self.clean(problem))
        if isinstance(by_words, OutOfCredit | NoSuchModel) and status != 401:
            return by_words
        if status in (401, 403):
            return WrongKey(provider=self.provider, variable=self.variable)
        if status == 413:
            return PromptTooLong(model=model, problem=self.clean(problem))
        if status == 408:
            return self.busy(0, problem)
        if by_words:
            return by_words
        return ProviderRejected(provider=self.provider, problem=self.clean(problem))

    def _by_words(self, model: str, told: Said, problem: str) -> WaggleError | None:
        if _UNPAID.search(told.all):
            return OutOfCredit(provider=self.provider, problem=self.clean(problem))
        if _NO_MODEL.search(told.all) or (
            "not_found_error" in told.signs and "model" in told.message.lower()
        ):
            return NoSuchModel(provider=self.provider, model=model)
        if _TOO_LONG.search(told.all):
            return PromptTooLong(model=model, problem=self.clean(problem))
        return None

    def broke(self, model: str, event: object, *, served: bool) -> WaggleError:
        """What an error inside of an answer means. With nothing `served` before it, one that
        names a refusal is one; of any other the bill is unknown."""
        told = said(event)
        problem = told.message or told.signs
        if served:
            return self.lost(model, problem)
        if _UNPAID.search(told.all):
            return OutOfCredit(provider=self.provider, problem=self.clean(problem))
        if _BUSY.search(told.all):
            return self.busy(0, problem)
        if re.search(r"authentication|invalid_api_key|permission", told.signs):
            return WrongKey(provider=self.provider, variable=self.variable)
        by_words = self._by_words(model, told, problem)
        if by_words:
            return by_words
        if "invalid_request" in told.signs or "invalid_prompt" in told.signs:
            return ProviderRejected(provider=self.provider, problem=self.clean(problem))
        return self.lost(model, problem)


def after(headers: Mapping[str, str], now: datetime) -> int:
    """The seconds a refusal asks us to wait, rounded up, a day at most; 0 when it does not say.

    `headers` have lower-case names. A date counts from the answer's own, so that a clock of ours
    that is wrong does no harm.
    """
    millis = _number(headers.get("retry-after-ms", ""))
    if millis is not None:
        return _whole(millis / 1000)
    asked = headers.get("retry-after", "")
    seconds = _number(asked)
    if seconds is not None:
        return _whole(seconds)
    until, sent = _date(asked), _date(headers.get("date", ""))
    if until:
        return _whole((until - (sent or now)).total_seconds())
    resets = {
        kind: _span(headers.get(f"x-ratelimit-reset-{kind}", "")) for kind in ("requests", "tokens")
    }
    used_up = [
        span
        for kind, span in resets.items()
        if headers.get(f"x-ratelimit-remaining-{kind}", "").strip() == "0"
    ]
    return _whole(max(used_up or resets.values()))


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\s*\d{1,9}(?:\.\d{1,9})?\s*", text) else None


def _whole(seconds: float) -> int:
    return min(max(0, math.ceil(seconds)), _LONGEST)


def _span(text: str) -> float:
    """Seconds of `6m0s`, `20ms` or `1.5`; 0 of anything else."""
    plain = _number(text)
    if plain is not None:
        return plain
    parts = _SPANS.findall(text[:40])
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
