"""The one redactor: whatever is kept, sent or shown passes it, and comes out without secrets.

What can go wrong: a key stands in an error of a provider, in a file a tool reads, in a line
somebody pastes, in a traceback. So there is one function for all of them. It knows two things: the
values this process was given as secrets (`keep_secret`), in the spellings in which they travel,
and the shapes in which the common tokens of others come. What it puts in their place holds
neither, so doing it twice changes nothing, and it never takes a quotation mark, a backslash or a
line end away, so JSON stays JSON.

It stands in the way of every fact that is recorded, hence the marks: a pattern is only tried on a
text that holds its mark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from swarm_core.kernel.secret import Secret

HIDDEN = "[a secret of the swarm]"
"""What stands where a value was that the swarm was given."""
SHAPED = "[a secret]"
"""What stands where something was that has the shape of a token."""
SHORTEST = 6
"""Characters from which on a secret can be told from a word."""
SHORTEST_NAMED = 8
"""The same for a variable that is a secret by its name alone."""

_DIGIT = r"(?=[A-Za-z_+/.-]*\d)"
_KEY = rf"\b(?:sk-|[srp]k_(?:live|test)_){_DIGIT}[A-Za-z0-9_-]{{20,}}"
_SHAPES: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (marks, re.compile(pattern, re.DOTALL))
    for marks, pattern in (
        (("sk-", "k_live_", "k_test_"), _KEY),
        (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"\bgh[pousr]_[A-Za-z0-9]{20,}"),
        (("github_pat_",), r"\bgithub_pat_[A-Za-z0-9_]{20,}"),
        (("glpat-",), r"\bglpat-[A-Za-z0-9_-]{16,}"),
        (("xox", "xapp-"), r"\b(?:xox[abceoprs]|xapp)-[A-Za-z0-9-]{10,}"),
        (("AKIA", "ASIA"), r"\bA[KS]IA[0-9A-Z]{16}\b"),
        (("AIza",), r"\bAIza[A-Za-z0-9_-]{30,}"),
        (("hf_",), r"\bhf_[A-Za-z0-9]{30,}"),
        (("npm_",), r"\bnpm_[A-Za-z0-9]{30,}"),
        (("eyJ",), r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
        ((":AA",), r"\b\d{8,10}:AA[A-Za-z0-9_-]{30,}"),
        (
            ("PRIVATE KEY-----",),
            r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^\"]*?-----END [A-Z ]{0,30}PRIVATE KEY-----",
        ),
        (("://",), r"(?<=://)[^\s/:@\"'\\]{0,64}:[^\s/@\"'\\]{3,256}(?=@)"),
        (("earer ",), rf"(?<=earer ){_DIGIT}[A-Za-z0-9._~+/-]{{16,}}=*"),
    )
)
_DISCORD = re.compile(r"\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,45}\b")
_ITS_MIDDLE = re.compile(r"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}")
"""The mark of it: no few letters stand in every one, and half of all facts hold a full stop."""
"""Marks of which one must be there, and what then is looked for: tokens of model vendors and
payment, forges, Slack, clouds, registries, signed web tokens, Telegram, private keys, passwords in
addresses, bearers."""

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:KEY|APIKEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?)$", re.IGNORECASE
)

_spellings: tuple[str, ...] = ()


def keep_secret(secrets: Iterable[Secret]) -> None:
    """From here on `redact` knows these values, for as long as the process lives: one that was
    replaced by another is as secret as it was."""
    global _spellings
    found = set(_spellings)
    for secret in secrets:
        value = secret.reveal().strip()
        if len(value) >= SHORTEST:
            found |= {value, json.dumps(value)[1:-1], quote(value, safe=""), repr(value)[1:-1]}
    # The longest first: one secret may begin with another.
    _spellings = tuple(sorted(found, key=lambda spelling: (-len(spelling), spelling)))


def secrets_among(variables: Mapping[str, str]) -> list[Secret]:
    """What the environment holds that is a secret by its name; neither a path nor a word."""
    return [
        Secret(value, name)
        for name, value in variables.items()
        if _SECRET_NAME.search(name)
        and len(value.strip()) >= SHORTEST_NAMED
        and not value.startswith(("/", "~", "./"))
    ]


def redact(text: str) -> str:
    """`text` without secrets; the very same object when it holds none."""
    for spelling in _spellings:
        if spelling in text:
            text = text.replace(spelling, HIDDEN)
    for marks, pattern in _SHAPES:
        for mark in marks:
            if mark in text:
                text = _without(pattern, text)
                break
    if "." in text and _ITS_MIDDLE.search(text):
        text = _without(_DISCORD, text)
    return text


def redact_data(data: Any) -> Any:
    """The same for plain data: the strings in it, but not the names of fields."""
    match data:
        case str():
            return redact(data)
        case list() | tuple():
            return [redact_data(entry) for entry in data]
        case dict():
            return {key: redact_data(value) for key, value in data.items()}
    return data


def _without(pattern: re.Pattern[str], text: str) -> str:
    replaced, count = pattern.subn(SHAPED, text)
    return replaced if count else text
