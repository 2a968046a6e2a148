"""A secret never prints, whichever way it is asked to."""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import logging
import pickle
import pprint
import traceback

import msgspec
import pytest

from swarm_core.kernel.secret import Secret

WORD = "hunter2-hunter2"
secret = Secret(WORD)


@dataclasses.dataclass
class Holder:
    key: Secret


class Held(msgspec.Struct):
    key: Secret


SHOWN = {
    "repr": lambda: repr(secret),
    "str": lambda: str(secret),
    "f-string": lambda: f"{secret}",
    "f-string with repr": lambda: f"{secret!r}",
    "f-string with width": lambda: f"{secret:>40}",
    "f-string for debugging": lambda: f"{secret=}",
    "format": lambda: "{}".format(secret),  # noqa: UP032
    "percent": lambda: "%s %r" % (secret, secret),  # noqa: UP031
    "in a list": lambda: str([secret]),
    "in a dictionary": lambda: str({"key": secret}),
    "in a dataclass": lambda: repr(Holder(secret)),
    "in a struct": lambda: repr(Held(secret)),
    "pretty": lambda: pprint.pformat({"key": secret}),
    "in an error": lambda: repr(ValueError(secret)),
}


@pytest.mark.parametrize("way", SHOWN)
def test_a_secret_is_not_shown(way: str) -> None:
    shown = SHOWN[way]()
    assert WORD not in shown
    assert "Secret" in shown


def test_a_secret_is_not_logged() -> None:
    stream = io.StringIO()
    logger = logging.Logger("of this test")
    logger.addHandler(logging.StreamHandler(stream))
    logger.error("with %s and %r", secret, secret)
    logger.error(secret)
    try:
        raise ValueError(secret)
    except ValueError:
        logger.exception("failed")
    assert WORD not in stream.getvalue()


def test_a_traceback_with_locals_does_not_show_it() -> None:
    def fail(key: Secret) -> None:
        raise LookupError

    try:
        fail(secret)
    except LookupError as error:
        shown = "".join(
            traceback.TracebackException.from_exception(error, capture_locals=True).format()
        )
    assert "Secret(…)" in shown
    assert repr(WORD) not in shown.replace(f"WORD = {WORD!r}", "")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_cannot_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(secret, protocol)
    with pytest.raises(TypeError):
        pickle.dumps({"deep": [Holder(secret)]}, protocol)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy])
def test_a_secret_cannot_be_copied(way: object) -> None:
    with pytest.raises(TypeError):
        way(secret)  # type: ignore[operator]


@pytest.mark.parametrize(
    "encode", [json.dumps, msgspec.json.encode, msgspec.msgpack.encode, msgspec.to_builtins]
)
@pytest.mark.parametrize("value", [secret, {"key": secret}, Held(secret), [secret]])
def test_a_secret_cannot_be_encoded(encode: object, value: object) -> None:
    with pytest.raises(TypeError):
        encode(value)  # type: ignore[operator]


def test_a_secret_has_no_attributes_to_dump() -> None:
    with pytest.raises(TypeError):
        vars(secret)


def test_only_reveal_gives_it_away() -> None:
    assert secret.reveal() == WORD
    assert secret == Secret(WORD)
    assert hash(secret) == hash(Secret(WORD))
    assert secret != Secret("another")
    assert secret != WORD
