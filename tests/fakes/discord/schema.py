"""The published description of the routes, and what a body must be to pass it.

`schema.json` is extracted from discord/discord-api-spec. Requests are held to it field by field; a
field it does not name is refused, though the service itself passes over some: a bot that sends one
means something by it that will not happen. Answers are held to it too (`undocumented`).
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path as File
from typing import Any

from tests.fakes.discord.errors import Form, Json, Path

# discord.py writes these whatever is being sent, and the service passes over them.
PASSED_OVER = {
    "RichEmbed": {"flags"},
    "MessageEditRequestPartial": {"tts"},
    "IncomingWebhookUpdateRequestPartial": {"tts"},
    "IncomingWebhookUpdateForInteractionCallbackRequestPartial": {"tts"},
    "ApplicationCommandUpdateRequest": {"nsfw"},
    "ApplicationCommandCreateRequest": {"nsfw"},
    "ApplicationCommandPatchRequestPartial": {"nsfw", "type"},
    "CreateTextThreadWithMessageRequest": {"type"},
}
_IDS = re.compile(r'"\d{17,19}"')
_LARGE = 20_000
_DIGITS = re.compile(r"^(0|[1-9][0-9]*)$")


@cache
def _described() -> Json:
    return json.loads((File(__file__).parent / "schema.json").read_text(encoding="utf-8"))


def operations() -> Json:
    """The routes, by their operation's name."""
    return _described()["operations"]


def check(body: Any, schema: Json, form: Form, path: Path = (), name: str = "") -> None:
    """Add to `form` what is wrong with `body`."""
    if "$ref" in schema:
        name = schema["$ref"]
        if name == "SnowflakeType":
            if not _snowflake(body):
                code = "NUMBER_TYPE_COERCE"
                form.wrong(path, code, f'Value "{_short(body)}" is not snowflake.')
            return
        check(body, _described()["schemas"][name], form, path, name)
        return
    for part in schema.get("allOf", ()):
        check(body, part, form, path, name)
    if choices := schema.get("oneOf") or schema.get("anyOf"):
        _one_of(body, choices, form, path)
        return
    if "enum" in schema and body not in schema["enum"]:
        values = ", ".join(sorted(map(repr, schema["enum"])))
        form.wrong(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{values}}}.")
        return
    if "type" in schema and not _typed(body, schema, form, path):
        return
    if isinstance(body, str):
        _string(body, schema, form, path)
    elif isinstance(body, bool) or body is None:
        return
    elif isinstance(body, int | float):
        _number(body, schema, form, path)
    elif isinstance(body, list):
        _list(body, schema, form, path)
    elif isinstance(body, dict):
        _object(body, schema, form, path, name)


def _short(body: Any) -> str:
    return str(body)[:40]


def _snowflake(body: Any) -> bool:
    if isinstance(body, bool):
        return False
    if isinstance(body, int):
        return 0 <= body < 2**64
    return isinstance(body, str) and bool(_DIGITS.match(body)) and int(body) < 2**64


def _resolved(schema: Json) -> Json:
    while "$ref" in schema and schema["$ref"] != "SnowflakeType":
        schema = _described()["schemas"][schema["$ref"]]
    return schema


def _one_of(body: Any, choices: list[Json], form: Form, path: Path) -> None:
    """By the value of `type` where the choices tell themselves apart by it, else the best fit."""
    if body is None and any(choice.get("type") == "null" for choice in choices):
        return
    real = [choice for choice in choices if choice.get("type") != "null"]
    if isinstance(body, dict) and len(real) > 1:
        typed = [c for c in real if "enum" in _resolved(c).get("properties", {}).get("type", {})]
        if typed:
            kind = body.get("type")
            fits = [c for c in typed if kind in _resolved(c)["properties"]["type"]["enum"]]
            if not fits and len(typed) == len(real):
                known = sorted(v for c in typed for v in _resolved(c)["properties"]["type"]["enum"])
                if "type" not in body:
                    form.wrong((*path, "type"), "BASE_TYPE_REQUIRED", "This field is required")
                else:
                    text = f"Value must be one of {{{', '.join(map(str, known))}}}."
                    form.wrong((*path, "type"), "BASE_TYPE_CHOICES", text)
                return
            real = fits or [c for c in real if c not in typed]
    alike = [
        choice for choice in real if _typed(body, {"type": "null", **_resolved(choice)}, Form(), ())
    ]
    real = alike or real
    best: Form | None = None
    for choice in real:
        tried = Form()
        check(body, choice, tried)
        if not tried.tree:
            return
        if best is None or _count(tried.tree) < _count(best.tree):
            best = tried
    if best is not None:
        _graft(form, path, best.tree)


def _count(tree: Json) -> int:
    return sum(len(v) if k == "_errors" else _count(v) for k, v in tree.items())


def _graft(form: Form, path: Path, tree: Json) -> None:
    for key, value in tree.items():
        if key == "_errors":
            for error in value:
                form.wrong(path, error["code"], error["message"])
        else:
            _graft(form, (*path, key), value)


def _is(body: Any, kind: str) -> bool:
    if kind in ("integer", "number"):
        number = isinstance(body, int | float) and not isinstance(body, bool)
        return number and (kind == "number" or float(body).is_integer())
    return body is None if kind == "null" else isinstance(body, _PYTHON[kind])


_PYTHON: dict[str, type] = {"string": str, "boolean": bool, "array": list, "object": dict}


def _typed(body: Any, schema: Json, form: Form, path: Path) -> bool:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if any(_is(body, kind) for kind in kinds):
        return True
    wrong = {
        "string": ("STRING_TYPE_CONVERT", "Could not interpret value as string."),
        "integer": ("NUMBER_TYPE_COERCE", f'Value "{_short(body)}" is not int.'),
        "number": ("NUMBER_TYPE_COERCE", f'Value "{_short(body)}" is not float.'),
        "boolean": ("BOOLEAN_TYPE_CONVERT", "Must be either true or false."),
        "array": ("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"),
        "object": ("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"),
        "null": ("BASE_TYPE_CHOICES", "Must be null."),
    }
    form.wrong(path, *wrong[next(k for k in kinds if k != "null" or kinds == ["null"])])
    return False


def _length(size: int, least: int, most: int | None) -> tuple[str, str] | None:
    if most is not None and least and not least <= size <= most:
        return "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length."
    if most is not None and size > most:
        return "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length."
    if size < least:
        return "BASE_TYPE_MIN_LENGTH", f"Must be {least} or more in length."
    return None


def _string(body: str, schema: Json, form: Form, path: Path) -> None:
    if problem := _length(len(body), schema.get("minLength", 0), schema.get("maxLength")):
        form.wrong(path, *problem)
    if "pattern" in schema and not re.search(schema["pattern"], body):
        form.wrong(path, "STRING_TYPE_REGEX", "String value did not match validation regex.")
    if schema.get("format") == "date-time":
        try:
            datetime.fromisoformat(body)
        except ValueError:
            text = f"Could not parse {_short(body)}. Should be ISO8601."
            form.wrong(path, "DATE_TIME_TYPE_PARSE", text)
    if schema.get("format") == "uri":
        scheme = body.partition(":")[0]
        if scheme not in ("http", "https", "attachment", "discord"):
            text = f'Scheme "{_short(scheme)}" is not supported. Scheme must be one of'
            form.wrong(path, "URL_TYPE_INVALID_SCHEME", f"{text} ('http', 'https').")


def _number(body: float, schema: Json, form: Form, path: Path) -> None:
    if "maximum" in schema and body > schema["maximum"]:
        text = f"int value should be less than or equal to {schema['maximum']}."
        form.wrong(path, "NUMBER_TYPE_MAX", text)
    if "minimum" in schema and body < schema["minimum"]:
        text = f"int value should be greater than or equal to {schema['minimum']}."
        form.wrong(path, "NUMBER_TYPE_MIN", text)


def _list(body: list[Any], schema: Json, form: Form, path: Path) -> None:
    if problem := _length(len(body), schema.get("minItems", 0), schema.get("maxItems")):
        form.wrong(path, *problem)
        return
    if schema.get("uniqueItems") and len({json.dumps(item) for item in body}) < len(body):
        form.wrong(path, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
    for at, item in enumerate(body):
        check(item, schema.get("items", {}), form, (*path, at))


def _object(body: Json, schema: Json, form: Form, path: Path, name: str) -> None:
    known = schema.get("properties", {})
    others = schema.get("additionalProperties")
    for key in schema.get("required", ()):
        if key not in body:
            form.wrong((*path, key), "BASE_TYPE_REQUIRED", "This field is required")
    for key, value in body.items():
        if key in known:
            check(value, known[key], form, (*path, key))
        elif isinstance(others, dict):
            check(value, others, form, (*path, key))
        elif known and key not in PASSED_OVER.get(name, ()):
            form.wrong((*path, key), "UNKNOWN_FIELD", "The documentation names no such field")


class _Ours(Form):
    """Addresses of ours may have any scheme: the gateway's has ws."""

    def wrong(self, path: Path, code: str, message: str) -> None:
        if code != "URL_TYPE_INVALID_SCHEME":
            super().wrong(path, code, message)


def undocumented(operation: str, answer: Any) -> Json:
    """What in our own `answer` the description does not know; empty when all is as documented."""
    form = _Ours()
    if schema := operations()[operation].get("answer"):
        thorough(answer, schema, form)
    return form.tree


_flawless: set[tuple[int, str]] = set()


def thorough(body: Any, schema: Json, form: Form) -> None:
    """`check` of a whole body. A large one, as our list of commands is, in which nothing was
    wrong is not gone through again when nothing but its ids is new."""
    text = json.dumps(body)
    if len(text) < _LARGE:
        check(body, schema, form)
        return
    known = (id(schema), hashlib.sha256(_IDS.sub('"0"', text).encode()).hexdigest())
    if known in _flawless:
        return
    check(body, schema, form)
    if not form.tree:
        _flawless.add(known)
