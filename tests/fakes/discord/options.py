"""A slash command's arguments, as a client would let them be given."""

from __future__ import annotations

import base64
from typing import Any

from tests.fakes.discord import content
from tests.fakes.discord.errors import Json
from tests.fakes.discord.service import Service

# docs.discord.com/developers/interactions/application-commands, "Application Command Option Type"
SUB, GROUP, TEXT, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, FILE = range(1, 12)
_BY_ID = (USER, CHANNEL, ROLE, MENTIONABLE)


def arguments(
    service: Service, declared: Json, path: list[str], given: Json, focused: str | None
) -> tuple[list[Json], list[str]]:
    """The options of an interaction, and the ids they name."""
    options = declared.get("options", [])
    if path:
        name, *rest = path
        for one in options:
            if one["name"] == name and one["type"] in (SUB, GROUP):
                inner, ids = arguments(service, one, rest, given, focused)
                return [{"name": name, "type": one["type"], "options": inner}], ids
        raise ValueError(f"there is no sub-command {name}")
    if any(one["type"] in (SUB, GROUP) for one in options):
        raise ValueError("a sub-command has to be chosen")
    if wrong := set(given) - {one["name"] for one in options}:
        raise ValueError(f"the command has no option {sorted(wrong)}")
    made, ids = list[Json](), list[str]()
    for one in options:
        if one["name"] not in given:
            if one.get("required") and focused is None:
                raise ValueError(f"{one['name']} is required")
            continue
        value = _value(service, one, given[one["name"]], typing=one["name"] == focused)
        told: Json = {"name": one["name"], "type": one["type"], "value": value}
        if one["name"] == focused:
            if not one.get("autocomplete"):
                raise ValueError(f"{focused} has no autocompletion")
            told["focused"] = True
        made.append(told)
        if one["type"] in (*_BY_ID, FILE):
            ids.append(value)
    return made, ids


def _value(service: Service, one: Json, value: Any, *, typing: bool) -> Any:
    kind = one["type"]
    if kind == FILE:
        told = {"filename": value["name"]}
        data = base64.b64decode(value["base64"])
        made = content.upload(
            service.world, value["name"], value.get("type", "text/plain"), data, told
        )
        service.uploads[made["id"]] = {**made, "ephemeral": True}
        return made["id"]
    if kind in _BY_ID:
        return str(value)
    if typing:
        return value
    fits = {
        TEXT: isinstance(value, str),
        INTEGER: isinstance(value, int) and not isinstance(value, bool),
        BOOLEAN: isinstance(value, bool),
        NUMBER: isinstance(value, int | float) and not isinstance(value, bool),
    }
    if not fits[kind]:
        raise ValueError(f"{one['name']} takes no {value!r}")
    size = len(value) if kind == TEXT else value
    least, most = ("min_length", "max_length") if kind == TEXT else ("min_value", "max_value")
    if one.get(least) is not None and size < one[least]:
        raise ValueError(f"{one['name']} wants at least {one[least]}")
    limit = one.get(most, 6000 if kind == TEXT else None)
    if limit is not None and size > limit:
        raise ValueError(f"{one['name']} takes at most {limit}")
    choices = [choice["value"] for choice in one.get("choices", [])]
    if choices and value not in choices:
        raise ValueError(f"{one['name']} is one of {choices}")
    return value
