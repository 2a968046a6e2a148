"""One request's parameters, read as the service reads them: tdlib/telegram-bot-api, Client.cpp.

All of them are text there, whichever way they came; what cannot be read is as if it were not said.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.entities import Formatted, fixed, link, read
from tests.fakes.telegram.errors import Json, Refused, told
from tests.fakes.telegram.markup import parsed

Upload = tuple[str, str, bytes]


@dataclass
class Call:
    method: str
    told: dict[str, str]
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.told.get(name, "")

    def truth(self, name: str) -> bool:
        """`to_bool`"""
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def number(
        self, name: str, default: int = 0, least: int | None = None, most: int = 2**53
    ) -> int:
        """`get_integer_arg`: what begins like a number is one, and is brought within its bounds."""
        given = self.text(name)
        if not given:
            return default
        sign, digits = (-1, given[1:]) if given.startswith("-") else (1, given)
        while digits and not digits.isdecimal():
            digits = digits[:-1]
        found = sign * int(digits or 0)
        return min(most, found if least is None else max(least, found))

    def identity(self, name: str) -> int:
        """`get_message_id`: 0 for what is none."""
        return max(0, self.number(name, most=2**31 - 1))

    def json(self, name: str, what: str) -> Any:
        """A parameter that is JSON; None if it was not given."""
        if not self.text(name):
            return None
        try:
            return json.loads(self.text(name))
        except ValueError:
            raise told(f"can't parse {what} JSON object") from None

    def formatted(self, name: str, entities: str, user: Callable[[int], Json | None]) -> Formatted:
        """`get_formatted_text`, as it will stand."""
        try:
            given = json.loads(self.text(entities) or "null")
        except ValueError:
            given = None
        return formatted(self.text(name), self.text("parse_mode"), given, user)


def formatted(text: str, mode: str, given: Any, user: Callable[[int], Json | None]) -> Formatted:
    if len(text.encode()) > 1 << 15:
        raise Refused("text_long")
    if text and mode and mode.lower() != "none":
        made = parsed(text, mode)
        return fixed(made.text, _linked(made.entities))
    return fixed(text, read(given, user))


def _linked(entities: list[Json]) -> list[Json]:
    """Links that lead nowhere are text: MessageEntity.cpp, get_checked_link."""
    found = [{**one, "url": link(one["url"])} if "url" in one else one for one in entities]
    return [one for one in found if one.get("url", "") is not None]


def string(one: Json, name: str) -> str:
    """A field of an object that must be there: JsonBuilder.cpp, get_required_string_field."""
    if name not in one:
        raise told(f'can\'t find field "{name}"')
    if not isinstance(one[name], str | int) or isinstance(one[name], bool):
        raise told(f'field "{name}" must be of type String')
    return str(one[name])


def integer(one: Json, name: str, default: int | None = None) -> int:
    """A field that is a number, or its digits: JsonBuilder.cpp, get_required_int_field."""
    if one.get(name) is None:
        if default is None:
            raise told(f'can\'t find field "{name}"')
        return default
    try:
        return int(one[name])
    except (TypeError, ValueError):
        raise told(f'field "{name}" must be of type Number') from None
