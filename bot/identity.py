"""`waggle identity`: for authors of identities. It looks at files alone and needs no swarm."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from bot.answers.identities import checked, created, identity
from bot.commands import views
from bot.opening import settings_of
from bot.program import Program
from bot.reply import Reply
from bot.waiting import show
from swarm_core import (
    SHIPPED_IDENTITIES,
    Roster,
    Settings,
    create_identity,
    errors,
    load_identities,
    load_roster,
    mend_identity,
    profile_of,
    tool_names,
)

FOLDER = "identities"
"""Where a new one goes when the settings name no folder: beside them, else where one stands."""


def author(program: Program, given: Mapping[str, Any]) -> int:
    """Carry out `identity check|new|show`. Raises what stands in its way."""
    settings, say = settings_of(program), program.screen.say
    names: tuple[str, ...] = given.get("names", ())
    view: views.Checked | views.Created | views.Identity
    reply: Reply
    match given["do"]:
        case "check":
            view = _check(settings, names, fix=bool(given.get("fix")))
            reply = checked(say, view)
        case "new":
            view = _new(program, settings, _one(names, "new"))
            reply = created(say, view)
        case _:
            found = _roster(settings).get(_one(names, "show"))
            view = views.Identity(identity=profile_of(found, full=bool(given.get("full"))))
            reply = identity(say, view)
    return show(program, msgspec.to_builtins(view), reply)


def _roster(settings: Settings) -> Roster:
    """All there are, those that are switched off too."""
    return load_roster([SHIPPED_IDENTITIES, *settings.identities.folders])


def _one(names: tuple[str, ...], do: str) -> str:
    if len(names) != 1:
        raise errors.MissingArgument(
            command="identity", name="name", example=f"waggle identity {do} proofreader"
        )
    return names[0]


def _check(settings: Settings, names: tuple[str, ...], *, fix: bool) -> views.Checked:
    everybody = _roster(settings)
    files = [Path(name) for name in names]
    seen = load_identities(files, everybody) if files else everybody
    known = tool_names()
    strange = {
        name: tuple(tool for tool in found.tools if tool not in known)
        for name, found in seen.identities.items()
    }
    return views.Checked(
        ok=not seen.problems,
        identities=tuple(profile_of(found) for found in seen.identities.values()),
        problems=tuple(dict(problem.data) for problem in seen.problems),
        tools={name: tools for name, tools in strange.items() if tools},
        mended=_mend(seen) if fix else (),
        replaced=tuple((o.name, o.file, o.instead_of) for o in seen.overrides),
    )


def _mend(seen: Roster) -> tuple[str, ...]:
    return tuple(found.file for found in seen.identities.values() if mend_identity(found))


def _new(program: Program, settings: Settings, name: str) -> views.Created:
    folders = settings.identities.folders
    beside = settings.file.parent if settings.file else program.cwd
    folder = folders[0] if folders else beside / FOLDER
    if folder.is_relative_to(program.cwd):
        folder = folder.relative_to(program.cwd)
    file = create_identity(name, folder)
    read: list[Path] = [SHIPPED_IDENTITIES, *folders]
    return views.Created(
        name=name,
        file=str(file),
        loaded=folder.resolve() in [path.resolve() for path in read],
    )
