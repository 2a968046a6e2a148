"""`waggle.env`: keys of a machine that has no better place for them, beside `waggle.yaml`.

It holds `NAME=value` lines as a shell, systemd and Docker read them. What the environment itself
says wins. A file that others may read is refused: a key in it counts as given away.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path

from swarm_core.kernel.errors import UnsafeEnvFile
from swarm_core.kernel.redaction import keep_secret, secrets_among
from swarm_core.settings.environment import Environment
from swarm_core.settings.files import PRIVATE, replace
from swarm_core.settings.names import ENV_NAME, FILE_NAME, STATE_FOLDER

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MOST_BYTES = 1024 * 1024


def env_file(config: Path | None, environment: Environment, cwd: Path) -> Path:
    """Where it is, or would be: beside the configuration that `load` would take."""
    if file := config or environment.config:
        return (cwd / file).parent / ENV_NAME
    state = cwd / (environment.state or STATE_FOLDER)
    if not (cwd / FILE_NAME).exists() and (state / FILE_NAME).exists():
        return state / ENV_NAME
    return cwd / ENV_NAME


def with_env_file(environment: Environment, path: Path) -> Environment:
    """The environment completed by the file at `path`, if there is one, whose secrets the
    redactor knows from here on.

    Raises `UnsafeEnvFile` for one that others may read, or that cannot be read.
    """
    found = read_env(path)
    if not found:
        return environment
    keep_secret(secrets_among(found))
    given = {name: value for name, value in environment.variables.items() if value}
    return Environment.of({**environment.variables, **found, **given})


def read_env(path: Path) -> dict[str, str]:
    """The variables in the file at `path`, none when it is not there. Raises `UnsafeEnvFile`."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UnsafeEnvFile(path=str(path), problem=error.strerror, mode="") from None
    with os.fdopen(opened, "rb") as file:
        seen = os.fstat(file.fileno())
        if not stat.S_ISREG(seen.st_mode):
            raise UnsafeEnvFile(path=str(path), problem="it is not a file", mode="")
        if seen.st_uid not in (0, os.geteuid()):
            raise UnsafeEnvFile(path=str(path), problem="it belongs to somebody else", mode="")
        if seen.st_mode & _OTHERS:
            mode = f"{stat.S_IMODE(seen.st_mode):o}"
            raise UnsafeEnvFile(path=str(path), problem="", mode=mode)
        if seen.st_size > _MOST_BYTES:
            raise UnsafeEnvFile(path=str(path), problem="it is too large", mode="")
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UnsafeEnvFile(path=str(path), problem="it is not UTF-8 text", mode="") from None
    from dotenv import dotenv_values  # only where there is such a file

    found = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: value for name, value in found.items() if value}


def write_env(path: Path, changes: Mapping[str, str]) -> None:
    """Set `changes` in the file at `path`, leave the rest of it as it is, and let nobody else
    read it. Raises `FileUnwritable`, `UnsafeEnvFile`."""
    read_env(path)
    lines = path.read_text(encoding="utf-8-sig").splitlines() if path.exists() else []
    for name, value in changes.items():
        line = f"{name}={shlex.quote(value)}"
        places = [n for n, old in enumerate(lines) if _assigns(old, name)]
        if places:
            lines[places[-1]] = line
        else:
            lines.append(line)
    replace(path, "\n".join([*lines, ""]), mode=PRIVATE)


def _assigns(line: str, name: str) -> bool:
    return re.match(rf"\s*(export\s+)?{re.escape(name)}\s*=", line) is not None
