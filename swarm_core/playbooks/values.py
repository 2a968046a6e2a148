"""Words typed by a person → typed parameter values, or an error that says what would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from swarm_core.kernel.errors import BadArgument, MissingArgument
from swarm_core.kernel.text import clip, printable
from swarm_core.playbooks.model import Param, duration

LONGEST = 1_000
_YES = frozenset({"yes", "true", "on", "1", "y"})
_NO = frozenset({"no", "false", "off", "0", "n"})
_QUOTES = {('"', '"'), ("'", "'"), ("“", "”"), ("`", "`")}


def unquote(raw: str) -> str:
    """`"a b"` → `a b`; anything else unchanged."""
    quoted = len(raw) > 2 and (raw[0], raw[-1]) in _QUOTES
    return raw[1:-1] if quoted else raw


def bind(
    playbook: str, params: Mapping[str, Param], given: Mapping[str, Any], *, example: str
) -> dict[str, Any]:
    """Every declared parameter with its typed value; one nobody gave has its default, or None.

    Raises `BadArgument` and `MissingArgument`. `given` has declared names only.
    """
    bound: dict[str, Any] = {}
    for name, param in params.items():
        value = given.get(name, param.default)
        if value is None:
            if param.required:
                raise MissingArgument(command=playbook, name=name, example=example)
            bound[name] = None
            continue
        try:
            bound[name] = parse(param, str(value))
        except ValueError:
            raise BadArgument(
                command=playbook,
                name=name,
                value=clip(printable(str(value)), 80),
                expected=expected(param),
                example=example,
            ) from None
    return bound


def expected(param: Param) -> str:
    """What a value of this parameter looks like, for people."""
    match param.type:
        case "int":
            bounds = [
                *([f"at least {param.least}"] if param.least is not None else []),
                *([f"at most {param.most}"] if param.most is not None else []),
            ]
            return " ".join(["a whole number", " and ".join(bounds)]).strip()
        case "bool":
            return "yes or no"
        case "url":
            return "an http or https address"
        case "path":
            return "a path in the workspace"
        case "duration":
            return "a length of time such as 24h or 7d"
        case "choice":
            return "one of: " + ", ".join(param.choices)
        case "str":
            return f"text of at most {LONGEST} characters"


def parse(param: Param, raw: str) -> str | int | bool:
    """Raises ValueError when `raw` does not fit."""
    if not raw.strip() or len(raw) > LONGEST or "\x00" in raw:
        raise ValueError(raw)
    match param.type:
        case "str":
            return raw
        case "int":
            return _int(param, raw)
        case "bool":
            return _bool(raw)
        case "url":
            return _url(raw)
        case "path":
            return _path(raw)
        case "duration":
            return duration(raw)
        case "choice":
            by_fold = {choice.casefold(): choice for choice in param.choices}
            if raw.strip().casefold() not in by_fold:
                raise ValueError(raw)
            return by_fold[raw.strip().casefold()]


def _int(param: Param, raw: str) -> int:
    if len(raw) > 18:
        raise ValueError(raw)
    number = int(raw.replace("_", "x"))
    if (param.least is not None and number < param.least) or (
        param.most is not None and number > param.most
    ):
        raise ValueError(raw)
    return number


def _bool(raw: str) -> bool:
    word = raw.strip().casefold()
    if word not in _YES | _NO:
        raise ValueError(raw)
    return word in _YES


def _url(raw: str) -> str:
    """`<https://a.b>` and `a.b` are `https://a.b`. No other scheme, no user name, no spaces."""
    url = raw.strip().removeprefix("<").removesuffix(">")
    if "://" not in url:
        url = f"https://{url}"
    parts = urlsplit(url)
    plain = url == printable(url) and not any(c.isspace() or c in '"`<>\\' for c in url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise ValueError(raw)
    if "@" in parts.netloc or not parts.hostname.strip("."):
        raise ValueError(raw)
    _ = parts.port
    return url


def _path(raw: str) -> str:
    path = raw.strip()
    if path != printable(path) or "\n" in path or len(path) > 500:
        raise ValueError(raw)
    return path if path == "/" else path.rstrip("/")
