"""Changing the configuration: `config set`, `unset` and `check`, from a chat or a shell."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.commands import views
from bot.commands.asking import Given
from bot.commands.config_views import ConfigChanged, ConfigChecked
from bot.commands.declared import VERBS
from bot.commands.desk import Desk
from bot.commands.model_views import Failed
from swarm_core import (
    Action,
    Resource,
    Settings,
    env_file,
    errors,
    explain,
    load,
    nearest,
    preview_edit,
    process_environment,
    with_env_file,
    write_edit,
)


def configure(
    given: Mapping[str, Any], path: Path | None, *, environ: Mapping[str, str], cwd: Path
) -> ConfigChanged | ConfigChecked:
    """Carry out one of the `VERBS` on the file that `load` takes. Blocks: it writes files.

    Raises `MissingArgument`, and what `load` and `preview_edit` raise.
    """
    verb, key, value = given["key"], given.get("which"), given.get("value")
    if verb == "check":
        settings = load(path, environ=environ, cwd=cwd)
        file = str(settings.file) if settings.file else None
        return ConfigChecked(file=file, missing=_missing(settings))
    if not key or (verb == "set" and value is None):
        raise errors.MissingArgument(
            command="config",
            name="a setting" if not key else "a value",
            example="waggle config set budget.day 10",
        )
    change = {key: value if verb == "set" else None}
    done = preview_edit(path, change, environ=environ, cwd=cwd)
    backup = write_edit(done, datetime.now(UTC))
    return ConfigChanged(
        file=str(done.file),
        written=done.after != done.before,
        changed=done.changed,
        backup=str(backup) if backup else None,
        missing=_missing(done.settings),
    )


def keys_beside(settings: Settings) -> Path:
    """The file of keys that belongs to these settings, whether it is there or not."""
    cwd = settings.file.parent if settings.file else Path.cwd()
    return env_file(settings.file, process_environment(), cwd)


def configure_here(given: Mapping[str, Any], file: Path | None) -> ConfigChanged | ConfigChecked:
    """As `configure`, with the environment of this process as it would be at its next start."""
    cwd = file.parent if file else Path.cwd()
    environment = process_environment()
    environment = with_env_file(environment, env_file(file, environment, cwd))
    return configure(given, file, environ=environment.variables, cwd=cwd)


async def config(desk: Desk, given: Given) -> views.View:
    """Show settings, or change one."""
    settings = desk.swarm.settings
    if given.get("key") in VERBS:
        desk.swarm.policy.authorize(desk.actor, Action.CONFIGURE, Resource("settings"))
        return await asyncio.to_thread(configure_here, given, settings.file)
    rows = explain(settings)
    wanted = given.get("key")
    found = [r for r in rows if wanted in (None, r.key) or r.key.startswith(f"{wanted}.")]
    if not found:
        near = nearest(wanted or "", [row.key for row in rows])
        raise errors.NotFound(kind="setting", name=wanted, near=near)
    return views.Config(
        file=str(settings.file) if settings.file else None,
        settings=tuple(
            views.Setting(
                key=row.key,
                value=row.value,
                default=row.default,
                about=row.about,
                origin=row.origin,
                line=row.line,
                variable=row.variable,
            )
            for row in found
        ),
    )


def _missing(settings: Settings) -> tuple[Failed, ...]:
    return tuple(Failed(code=e.code, data=dict(e.data)) for e in settings.missing)
