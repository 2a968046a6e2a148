"""From a file and the environment to `Settings`, or to every problem at once."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from swarm_core.kernel.errors import BadSettings, UnreadableSettings
from swarm_core.settings.contradictions import contradictions
from swarm_core.settings.environment import Environment
from swarm_core.settings.gather import Gathered, gather
from swarm_core.settings.kinds import Bases
from swarm_core.settings.names import FILE_NAME, STATE_FOLDER
from swarm_core.settings.problems import all_problems
from swarm_core.settings.schema import Settings, named, sections, settings_model
from swarm_core.settings.section import Spot
from swarm_core.settings.tree import Flaw
from swarm_core.settings.usual import fill_in, hooks_without, missing_keys, missing_secrets

MOST_BYTES = 1024 * 1024


def load(
    path: Path | None, *, environ: Mapping[str, str], cwd: Path, text: str | None = None
) -> Settings:
    """The settings of the first file found: `path` (or WAGGLE_CONFIG), else `waggle.yaml` in
    `cwd`, else in the state folder; without a file, the defaults. Files are never merged.

    `cwd` is absolute, and so are all folders that come back. `text` is what the file would say,
    were it written so; it need not be there then. Raises `UnreadableSettings` for a
    file that is there and cannot be read, `BadSettings` with every problem of what it says.
    """
    environment = Environment.of(environ)
    override = cwd / environment.state if environment.state else None
    state = override or cwd / STATE_FOLDER
    file = _find(path or environment.config, cwd, state)
    if text is not None:
        file = file or cwd / FILE_NAME
    gathered, name = Gathered(data={}), ""
    flaws: list[Flaw] = []
    if file:
        from swarm_core.settings.document import read_document  # 80 ms that most starts can save

        name = str(file.relative_to(cwd) if file.is_relative_to(cwd) else file)
        root, flaws = read_document(text_of(file, name) if text is None else text)
        gathered = gather(root, environment.variables)
        if file.parent != state:
            state = file.parent / STATE_FOLDER
    gathered.data = _completed(gathered.data, {"state": state, "workspace": cwd})
    absent = fill_in(gathered, environment.variables)
    hooks = hooks_without(gathered)
    bases = Bases(folder=file.parent if file else cwd, home=environment.home)
    settings, invalid = Settings(), None
    try:
        settings = settings_model().model_validate(gathered.data, context=bases)
    except ValidationError as error:
        invalid = error
    secrets = missing_secrets(settings, hooks, gathered, name)
    settings = settings.without(secrets)
    contradictory = [] if invalid else contradictions(settings)
    if problems := all_problems(name, flaws, gathered, invalid, contradictory):
        raise BadSettings(name, problems)
    spots = {".".join(map(str, loc)): spot for loc, spot in gathered.spots.items()}
    if override:
        settings = settings.model_copy(update={"state": override})
        spots["state"] = Spot(text=str(override), variable="WAGGLE_STATE")
    keys = missing_keys(settings, absent, gathered, name)
    return settings.written_in(file, spots, keys, secrets)


def _completed(data: Any, folders: Mapping[str, Path]) -> Any:
    """An empty file, section or entry is one that says nothing; folders that depend on where the
    swarm starts get their default here."""
    if not isinstance(data, dict | None):
        return data
    silent: dict[str, Any] = {
        name: {} for name in (*sections(), *named()) if data and data.get(name, "") is None
    }
    complete: dict[str, Any] = {**folders, **(data or {}), **silent}
    for name in named():
        if isinstance(entries := complete.get(name), dict):
            complete[name] = {key: {} if e is None else e for key, e in entries.items()}
    return complete


def _find(path: Path | None, cwd: Path, state: Path) -> Path | None:
    if path:
        return cwd / path
    for folder in (cwd, state):
        file = folder / FILE_NAME
        try:
            file.lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            return file  # it may be there: reading it says what is in the way
        return file
    return None


def found_file(path: Path | None, *, environ: Mapping[str, str], cwd: Path) -> tuple[Path, bool]:
    """The file that `load` would take, or the one to make, and whether it is there."""
    environment = Environment.of(environ)
    state = cwd / (environment.state or STATE_FOLDER)
    found = _find(path or environment.config, cwd, state) or cwd / FILE_NAME
    return found, found.exists()


def text_of(file: Path, name: str) -> str:
    """What stands in `file`, called `name` in errors. Raises `UnreadableSettings`."""
    try:
        # A pipe or a device could keep the start waiting for ever.
        if not stat.S_ISREG(file.stat().st_mode):
            raise UnreadableSettings(file=name, problem="it is not a file")
        with file.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise UnreadableSettings(file=name, problem="there is no such file") from None
    except PermissionError:
        raise UnreadableSettings(file=name, problem="this user may not read it") from None
    except OSError as error:
        raise UnreadableSettings(file=name, problem=error.strerror or "it fails") from error
    if len(raw) > MOST_BYTES:
        raise UnreadableSettings(file=name, problem=f"it is larger than {MOST_BYTES:,} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UnreadableSettings(
            file=name, problem=f"line {line} is not UTF-8 text; save the file as UTF-8"
        ) from None
