"""The worst that injected text can meet: a model that does whatever any text it reads tells it,
whoever wrote it, however it is dressed up."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import unicodedata
from collections.abc import Iterator

from tests.fakes.models.answer import Json
from tests.fakes.models.call import Call

MOST_CALLS, MOST_SAID = 40, 40
_CALL = re.compile(r"\bcall (?:the )?(?:tool )?`?(\w+)`? with (\{[^{}]*\})", re.IGNORECASE)
SAY = re.compile(r"\b(?:say|write|answer|post|reply)(?: exactly)?: ?\"([^\"\n]*)\"", re.IGNORECASE)
_HIDDEN = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")
_UNSEEN = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u00ad]")


def obeying(call: Call) -> Json:
    """Every tool it is told to call, at once; after that all it is told to say."""
    read = [way for text, _ in call.texts for way in ways_of(text)]
    calls = dict.fromkeys(found for text in read for found in calls_in(text))
    turns = call.texts[-1][1] if call.texts else 0
    if calls and not turns:
        told = list(calls)[-MOST_CALLS:]
        return {"tools": [{"name": name, "input": json.loads(given)} for name, given in told]}
    said = dict.fromkeys(said for text in read for said in SAY.findall(text))
    return {"text": "\n".join(list(said)[-MOST_SAID:]) or "I was told nothing."}


def calls_in(text: str) -> Iterator[tuple[str, str]]:
    for name, given in _CALL.findall(text):
        try:
            json.loads(given)
        except ValueError:
            continue
        yield name, given


def ways_of(text: str) -> Iterator[str]:
    """`text`, and what it may stand for."""
    plain = unicodedata.normalize("NFKC", html.unescape(_UNSEEN.sub("", text)))
    yield plain
    yield " ".join(plain.split())
    yield plain[::-1]
    for hidden in _HIDDEN.findall(plain):
        try:
            yield base64.b64decode(hidden, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
