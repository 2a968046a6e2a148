"""The application's commands: docs.discord.com/developers/interactions/application-commands."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.fakes.discord.errors import Form, Json, Path, Refused
from tests.fakes.discord.world import World

# #application-command-object-application-command-naming
NAME = re.compile(r"^[-_'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}$")
CHAT, USER, MESSAGE = 1, 2, 3
_MOST = {CHAT: 100, USER: 15, MESSAGE: 15}
_SUB, _GROUP = 1, 2


class Commands:
    """Global commands stand under no guild (None)."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.by_guild: dict[str | None, dict[str, Json]] = {None: {}}
        self.writes = 0
        self._created: dict[str | None, list[float]] = {}

    def listed(self, guild: str | None, *, localized: bool = True) -> list[Json]:
        known = self.by_guild.setdefault(guild, {})
        hidden = ("name_localizations", "description_localizations")
        if localized:
            return list(known.values())
        return [{k: v for k, v in one.items() if k not in hidden} for one in known.values()]

    def get(self, guild: str | None, command_id: str) -> Json:
        try:
            return self.by_guild.setdefault(guild, {})[command_id]
        except KeyError:
            raise Refused("unknown_command") from None

    def overwrite(self, guild: str | None, bodies: list[Json]) -> list[Json]:
        """#bulk-overwrite-global-application-commands: what is not named is gone."""
        form = Form()
        for at, body in enumerate(bodies):
            check(body, form, (at,))
        names = [(body.get("type") or CHAT, body["name"]) for body in bodies]
        for at, one in enumerate(names):
            if one in names[:at]:
                text = "Application command names must be unique"
                form.wrong((at, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", text)
        for kind, most in _MOST.items():
            if sum(one[0] == kind for one in names) > most:
                text = f"Maximum number of application commands reached ({most})."
                form.wrong((), "APPLICATION_COMMANDS_TOO_MANY", text)
        form.refuse_if_wrong()
        old = {(one["type"], one["name"]): one for one in self.listed(guild)}
        made = [
            self._made(guild, body, old.get(key)) for body, key in zip(bodies, names, strict=True)
        ]
        self.by_guild[guild] = {one["id"]: one for one in made}
        self._wrote(guild)
        return made

    def put(self, guild: str | None, body: Json, was: Json | None = None) -> Json:
        """Make one, or one anew of the same name."""
        if was is not None:
            body = {**{k: v for k, v in was.items() if k in _KEPT}, **body}
        form = Form()
        check(body, form, ())
        form.refuse_if_wrong()
        key = (body.get("type") or CHAT, body["name"])
        same = {(one["type"], one["name"]): one for one in self.listed(guild)}
        made = self._made(guild, body, was or same.get(key))
        self.by_guild[guild][made["id"]] = made
        self._wrote(guild)
        return made

    def delete(self, guild: str | None, command_id: str) -> None:
        self.get(guild, command_id)
        del self.by_guild[guild][command_id]
        self._wrote(guild)

    def _wrote(self, guild: str | None) -> None:
        self.writes += 1
        names = [one["name"] for one in self.listed(guild)]
        self._world.note("commands", guild=guild, names=names)

    def _made(self, guild: str | None, body: Json, was: Json | None) -> Json:
        permissions = body.get("default_member_permissions")
        made: Json = {
            **{key: value for key, value in body.items() if key != "id"},
            "application_id": self._world.bot["id"],
            "type": body.get("type") or CHAT,
            "description": body.get("description") or "",
            "default_member_permissions": None if permissions is None else str(permissions),
            "nsfw": bool(body.get("nsfw")),
            "name_localizations": body.get("name_localizations"),
            "description_localizations": body.get("description_localizations"),
            "integration_types": body.get("integration_types") or [0],
        }
        if guild is None:
            made["contexts"] = body.get("contexts")
            made.setdefault("dm_permission", True)
        else:
            made["guild_id"] = guild
        if not made.get("options"):
            made.pop("options", None)
        same = was is not None and _same(was, made)
        if was is None:
            self._count(guild)
        made["id"] = was["id"] if was else self._world.clock.snowflake()
        made["version"] = was["version"] if was and same else self._world.clock.snowflake()
        return made

    def _count(self, guild: str | None) -> None:
        # #registering-a-command: 200 new ones a day and guild; names that were there are not new
        now = self._world.clock.now()
        today = [at for at in self._created.get(guild, []) if at > now - 86400]
        if len(today) >= 200:
            raise Refused("daily_commands")
        self._created[guild] = [*today, now]

    def named(self, name: str, kind: int, guild: str | None) -> Json:
        """The command people then see: a guild's own before a global one."""
        for place in (guild, None):
            for one in self.listed(place):
                if one["name"] == name and one["type"] == kind:
                    return one
        raise ValueError(f"no command of type {kind} is called {name}")


_KEPT = {
    "name",
    "type",
    "description",
    "options",
    "default_member_permissions",
    "nsfw",
    "contexts",
    "name_localizations",
    "description_localizations",
    "integration_types",
    "dm_permission",
}


def _same(was: Json, made: Json) -> bool:
    was = {key: value for key, value in was.items() if key not in ("id", "version")}
    return json.dumps(was, sort_keys=True) == json.dumps(made, sort_keys=True)


def check(body: Json, form: Form, path: Path) -> None:
    """Of a command that the description allows."""
    kind = body.get("type") or CHAT
    if kind == CHAT:
        _name(body["name"], form, (*path, "name"))
        if not body.get("description"):
            form.wrong((*path, "description"), "BASE_TYPE_REQUIRED", "This field is required")
        if _size(body) > 8000:  # #slash-commands, "8000 characters"
            text = "Command exceeds maximum size (8000)"
            form.wrong(path, "APPLICATION_COMMAND_TOO_LARGE", text)
    else:
        for key in ("description", "options"):
            if body.get(key):
                text = "Context menu commands cannot have description or options"
                form.wrong((*path, key), "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS", text)
    _options(body.get("options") or [], form, path, depth=0)


def _name(name: str, form: Form, path: Path) -> None:
    if not NAME.match(name) or name != name.lower():
        text = "Command name is invalid"
        form.wrong(path, "APPLICATION_COMMAND_INVALID_NAME", text)


def _options(options: list[Json], form: Form, path: Path, depth: int) -> None:
    kinds = {one["type"] for one in options}
    optional = False
    for at, one in enumerate(options):
        here = (*path, "options", at)
        _name(one["name"], form, (*here, "name"))
        if one["name"] in [other["name"] for other in options[:at]]:
            text = "Option names must be unique"
            form.wrong((*here, "name"), "APPLICATION_COMMAND_OPTIONS_DUPLICATE_NAME", text)
        if one["type"] in (_SUB, _GROUP):
            if kinds - {_SUB, _GROUP} or depth >= 2 or (one["type"] == _GROUP and depth):
                text = "Sub-commands stand alone, at most one group deep"
                form.wrong((*here, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)
            _options(one.get("options") or [], form, here, depth + 1)
            continue
        if one.get("required") and optional:
            text = "Required options must be placed before non-required options"
            form.wrong(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
        optional = optional or not one.get("required")
        choices = one.get("choices") or []
        if choices and one.get("autocomplete"):
            text = "Options with choices cannot use autocomplete"
            form.wrong(here, "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", text)
        names = [choice["name"] for choice in choices]
        if len(set(names)) < len(names):
            text = "Choice names must be unique"
            form.wrong((*here, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICE_NAMES", text)


def _size(body: Any) -> int:
    if isinstance(body, list):
        return sum(map(_size, body))
    if not isinstance(body, dict):
        return 0
    own = sum(len(str(body[key])) for key in ("name", "description", "value") if body.get(key))
    return own + sum(_size(body.get(key) or []) for key in ("options", "choices"))
