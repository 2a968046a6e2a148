"""Where the state folder is, found without reading the settings whenever that is possible.

A command that asks the running swarm needs this one path and nothing else; validation is work
for the swarm. The answer is what `load` would say.
"""

from __future__ import annotations

from pathlib import Path

from swarm_core.settings.environment import Environment
from swarm_core.settings.names import FILE_NAME, STATE_FOLDER

_SMALL = 1024 * 1024


def state_folder(path: Path | None, *, environment: Environment, cwd: Path) -> Path:
    """The absolute state folder of the swarm that `load` with the same arguments describes.

    Raises what `load` raises when the file has to be read for it.
    """
    if environment.state:
        return cwd / environment.state
    file = path or environment.config
    default = cwd / STATE_FOLDER
    for candidate in [cwd / file] if file else [cwd / FILE_NAME, default / FILE_NAME]:
        if not candidate.exists() and not file:
            continue
        if _may_name_it(candidate):
            from swarm_core.settings.loading import load

            return load(path, environ=environment.variables, cwd=cwd).state
        return default if candidate.parent == default else candidate.parent / STATE_FOLDER
    return default


def _may_name_it(file: Path) -> bool:
    """Whether the file could say where the state folder is; when in doubt, it could. A backslash
    may spell the key in escapes, and so may a file that cannot be read."""
    try:
        with file.open("rb") as opened:
            text = opened.read(_SMALL + 1)
    except OSError:
        return True
    return b"state" in text or b"\\" in text or len(text) > _SMALL
