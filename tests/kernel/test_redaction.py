"""The redactor: values it was given, shapes it knows, and nothing else."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.redaction import (
    HIDDEN,
    SHAPED,
    keep_secret,
    redact,
    redact_data,
    secrets_among,
)
from swarm_core.kernel.secret import Secret

AWKWARD = 'pa"ss\\w/ör d%'

TOKENS = [
    "sk-ant-api03-" + "aB3d" * 8,
    "sk_live_" + "a1B2" * 6,
    "ghp_" + "a1B2c3" * 6,
    "github_pat_" + "11ABC" * 6,
    "glpat-" + "abcDEF0123456789",
    "xoxb-" + "1234567890-abcdef",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "AIza" + "SyA1234567890abcdefghijklmnopqrstu",
    "hf_" + "abcdefghij" * 3,
    "npm_" + "abcdefghij" * 3,
    "eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeKKF2QT4",
    "123456789:AA" + "HdqTcvCH1vGWJxfSeofSAs0K5PALDs-x",
    "MTk4NjIyNDgzNDcxOTI1MjQ4" + ".Cl2FMQ." + "ZnCjm1XVW7vRze4b7Cq4se7kKWs",
]

INNOCENT = [
    "the task is done; see src/sk-learn/model.py and pk-something-longer-than-twenty",
    "https://example.org/path?x=1#y and ssh://git@host/repo",
    "a hash 0123456789abcdef0123456789abcdef01234567 and eyJust kidding",
    "Bearer of bad news",
    "10:30: AA batteries",
]


@pytest.mark.parametrize("token", TOKENS)
def test_tokens_of_others_are_known_by_their_shape(token: str) -> None:
    for text in (token, f"key={token}", f'{{"key":"{token}"}}', f"({token})", f"{token}\nmore"):
        assert token not in redact(text)
        assert SHAPED in redact(text)


def test_a_private_key_a_bearer_and_a_password_in_an_address_go_and_the_rest_stays() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----"
    assert redact(f"a {key} b") == f"a {SHAPED} b"
    bearer = "Authorization: Bearer abcdef0123456789abcdef"
    assert redact(bearer) == f"Authorization: Bearer {SHAPED}"
    assert redact("postgres://me:hunter2@host/db") == f"postgres://{SHAPED}@host/db"


@pytest.mark.parametrize("text", INNOCENT)
def test_what_is_no_secret_is_the_very_same_text(text: str) -> None:
    assert redact(text) is text


@pytest.mark.parametrize(
    "spelled",
    [AWKWARD, json.dumps(AWKWARD)[1:-1], quote(AWKWARD, safe=""), repr(AWKWARD)[1:-1]],
)
def test_a_known_value_is_found_in_every_spelling(spelled: str) -> None:
    keep_secret([Secret(AWKWARD)])
    assert redact(f"<{spelled}>") == f"<{HIDDEN}>"


def test_a_secret_that_begins_with_another_goes_as_a_whole() -> None:
    keep_secret([Secret("zebra-one"), Secret("zebra-one-and-two")])
    assert redact("zebra-one-and-two zebra-one") == f"{HIDDEN} {HIDDEN}"


def test_words_are_not_secrets() -> None:
    keep_secret([Secret("ready")])
    assert redact("ready") == "ready"


def test_secrets_of_the_environment_are_known_by_their_names() -> None:
    found = secrets_among(
        {
            "OPENAI_API_KEY": "some-value-of-it",
            "DB_PASSWORD": "swordfish-99",
            "token": "lowercase-token",
            "SSL_KEY": "/etc/ssl/key.pem",
            "KEYBOARD": "qwertyuiop",
            "MY_TOKEN": "short",
        }
    )
    assert {secret.variable for secret in found} == {"OPENAI_API_KEY", "DB_PASSWORD", "token"}


def test_of_data_the_texts_are_redacted_and_the_names_are_not() -> None:
    keep_secret([Secret("platypus")])
    assert redact_data({"platypus": ["my platypus", 1, None]}) == {
        "platypus": [f"my {HIDDEN}", 1, None]
    }


@given(st.text(), st.sampled_from(TOKENS), st.text())
def test_json_stays_json_and_twice_is_once(before: str, token: str, after: str) -> None:
    text = json.dumps({"text": f"{before} {token} {after}"})
    once = redact(text)
    assert token not in once
    assert list(json.loads(once)) == ["text"]
    assert redact(once) == once
