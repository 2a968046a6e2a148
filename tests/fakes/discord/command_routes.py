"""The routes of the application's commands: see commands.py for the rules."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord.errors import Json, Refused
from tests.fakes.discord.service import Call, Service

Answer = tuple[int, Any]


def _place(service: Service, call: Call) -> str | None:
    if call.at["application_id"] != service.world.bot["id"]:
        raise Refused("command_of_other")
    guild = call.at.get("guild_id")
    if guild is not None and service.world.bot["id"] not in _members(service, guild):
        raise Refused("missing_access")
    return guild


def _members(service: Service, guild: str) -> dict[str, Json]:
    known = service.world.guilds.get(guild)
    return known.members if known else {}


def listed(service: Service, call: Call) -> Answer:
    localized = call.query.get("with_localizations", False)
    return 200, service.commands.listed(_place(service, call), localized=localized)


def overwrite(service: Service, call: Call) -> Answer:
    return 200, service.commands.overwrite(_place(service, call), call.body or [])


def create(service: Service, call: Call) -> Answer:
    place = _place(service, call)
    before = len(service.commands.listed(place))
    made = service.commands.put(place, call.body)
    return (201 if len(service.commands.listed(place)) > before else 200), made


def get(service: Service, call: Call) -> Answer:
    return 200, service.commands.get(_place(service, call), call.at["command_id"])


def update(service: Service, call: Call) -> Answer:
    place = _place(service, call)
    was = service.commands.get(place, call.at["command_id"])
    body = {key: value for key, value in call.body.items() if key != "type"}
    return 200, service.commands.put(place, body, was)


def delete(service: Service, call: Call) -> Answer:
    service.commands.delete(_place(service, call), call.at["command_id"])
    return 204, None


COMMANDS = {
    "list_application_commands": listed,
    "list_guild_application_commands": listed,
    "bulk_set_application_commands": overwrite,
    "bulk_set_guild_application_commands": overwrite,
    "create_application_command": create,
    "create_guild_application_command": create,
    "get_application_command": get,
    "get_guild_application_command": get,
    "update_application_command": update,
    "update_guild_application_command": update,
    "delete_application_command": delete,
    "delete_guild_application_command": delete,
}
