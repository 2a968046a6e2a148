"""Our commands as Discord's: typed options made from the same declarations as everything else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from bot.commands.declared import BY_NAME, COMMANDS
from bot.commands.declaring import Command, Param
from bot.commands.fields import fields
from bot.commands.kinds import Choice, Each, Number, Numbers, Scope, Switch, Whole
from bot.messages import Messages, spoken
from bot.render.outgoing import fitted

TEXT, WHOLE, TRUTH, FILE = 3, 4, 5, 11
"""Types of options, as Discord numbers them."""
LONGEST, MENU = 100, 32
"""Characters of a description, and of a name in the menu of a message."""
_LOCALES = {"en": ("en-US", "en-GB")}
"""What Discord calls the languages that have several there."""
_NOT_HERE = frozenset({"top", "reload"})
_TASKS = (Number, Numbers, Scope)


def declarations(say: Messages) -> list[dict[str, Any]]:
    """What a server is told of our commands."""
    chat = [_command(say, c) for c in COMMANDS if not c.program and c.name not in _NOT_HERE]
    menu = {"name": say("connection.menu"), "type": 3}
    return [*chat, menu | _localized("name", "connection.menu", say, MENU)]


def _localized(what: str, key: str, say: Messages, most: int) -> dict[str, Any]:
    """The same sentence in every language there is, but for the one it is said in anyway."""
    told = {
        locale: fitted(spoken(language)(key), most)
        for language in say.languages()
        for locale in _LOCALES.get(language, (language,))
        if language != say.language.partition("-")[0]
    }
    return {f"{what}_localizations": told} if told else {}


def digest(listed: list[dict[str, Any]]) -> str:
    """The same for the same declarations."""
    return hashlib.sha256(msgspec.json.encode(listed, order="sorted")).hexdigest()


def given_in(data: Mapping[str, Any]) -> tuple[str, dict[str, Any], list[str]]:
    """The command of an interaction, what was given for it, and the ids of files."""
    command = BY_NAME[data["name"]]
    kinds = {param.name: param.kind for param in command.params}
    given: dict[str, Any] = {}
    files = []
    for option in data.get("options", ()):
        if option["type"] == FILE:
            files.append(str(option["value"]))
        elif isinstance(kinds.get(option["name"]), Switch) and not option["value"]:
            continue
        else:
            given[option["name"]] = option["value"]
    return command.name, given, files


def typed_in(data: Mapping[str, Any]) -> tuple[Param | None, str]:
    """The option that is being typed, and what stands there."""
    command = BY_NAME.get(data["name"])
    for option in data.get("options", ()):
        if option.get("focused") and command:
            params = {param.name: param for param in command.params}
            return params.get(option["name"]), str(option["value"])
    return None, ""


def names_tasks(param: Param) -> bool:
    return isinstance(param.kind, _TASKS)


def names_workers(param: Param) -> bool:
    return param.name == "worker"


def names_models(param: Param) -> bool:
    return param.name == "model"


def names_priority(command: str, param: Param) -> bool:
    return command == "priority" and param.name == "what"


def names_identities(command: str, param: Param) -> bool:
    return command == "identities" and param.name == "name"


def _command(say: Messages, command: Command) -> dict[str, Any]:
    return {
        "name": command.name,
        "type": 1,
        "options": [_option(say, command, param) for param in fields(command)[:25]],
        **_described(say, f"help.{command.name}.summary"),
    }


def _described(say: Messages, key: str) -> dict[str, Any]:
    told = _localized("description", key, say, LONGEST)
    return {"description": fitted(say(key), LONGEST), **told}


def _option(say: Messages, command: Command, param: Param) -> dict[str, Any]:
    kind = param.kind
    made: dict[str, Any] = {
        "name": param.name,
        "type": TEXT,
        "required": param.required,
        **_described(say, f"help.argument.{command.name}.{param.name}"),
    }
    if isinstance(kind, Each) and param.name == "file":
        return made | {"type": FILE}
    if isinstance(kind, Switch):
        return made | {"type": TRUTH}
    if isinstance(kind, Whole):
        return made | {"type": WHOLE, "min_value": kind.low, "max_value": kind.high}
    if isinstance(kind, Choice) and len(kind.names) <= 25:
        return made | {"choices": [{"name": n, "value": n} for n in kind.names]}
    named = names_priority(command.name, param) or param.name in ("worker", "model", "name")
    if isinstance(kind, _TASKS) or named:
        return made | {"autocomplete": True}
    return made
