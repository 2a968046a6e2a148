"""The single place that reads the process's environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from swarm_core.kernel.redaction import keep_secret, secrets_among


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment says about this process; whatever is unset or empty is None.

    `variables` is the whole of it, for `$NAME` in `waggle.yaml`. It is never printed.
    """

    variables: Mapping[str, str]
    config: Path | None
    """WAGGLE_CONFIG: the configuration file, as if given by --config."""
    state: Path | None
    """WAGGLE_STATE: the state folder, whatever the file says."""
    crash: str | None
    """WAGGLE_CRASH: `point:n`, where a test wants this process killed."""
    home: Path | None
    runtime: Path | None
    """XDG_RUNTIME_DIR: a short private folder, for a socket whose path would be too long."""
    columns: int | None
    """COLUMNS: the width of the terminal, when it is a sensible number."""
    no_color: bool
    language: str | None
    """WAGGLE_LANGUAGE: of what is said to people, where there is a catalogue of it."""
    config_home: Path | None
    """XDG_CONFIG_HOME: where the user keeps configuration, when it is not in HOME."""
    account: str
    """LOGNAME or USER, else the name the system has for this user, else its number."""
    notify: str | None
    """NOTIFY_SOCKET: where the service manager that started us wants to be told how we are."""
    watchdog: float | None
    """WATCHDOG_USEC: within how many seconds it wants a sign of life."""
    watchdog_pid: int | None
    """WATCHDOG_PID: of which process."""

    def __repr__(self) -> str:
        return "Environment(…)"

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Environment:
        columns = variables.get("COLUMNS", "")
        sensible = columns.isascii() and columns.isdigit() and len(columns) < 6
        return cls(
            variables=variables,
            config=_path(variables, "WAGGLE_CONFIG"),
            state=_path(variables, "WAGGLE_STATE"),
            crash=variables.get("WAGGLE_CRASH") or None,
            home=_path(variables, "HOME"),
            runtime=_path(variables, "XDG_RUNTIME_DIR"),
            columns=(int(columns) or None) if sensible else None,
            no_color=bool(variables.get("NO_COLOR")),
            language=variables.get("WAGGLE_LANGUAGE") or None,
            config_home=_path(variables, "XDG_CONFIG_HOME"),
            account=variables.get("LOGNAME") or variables.get("USER") or _account(),
            notify=variables.get("NOTIFY_SOCKET") or None,
            watchdog=_whole(variables, "WATCHDOG_USEC", 1_000_000),
            watchdog_pid=int(_whole(variables, "WATCHDOG_PID", 1) or 0) or None,
        )


def process_environment() -> Environment:
    """The environment of this process as it is now; a copy, so later changes do not show. The
    redactor knows its secrets from here on."""
    variables = dict(os.environ)
    keep_secret(secrets_among(variables))
    return Environment.of(variables)


def _account() -> str:
    import pwd  # only where nobody has set the name

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _whole(variables: Mapping[str, str], name: str, unit: int) -> float | None:
    text = variables.get(name, "")
    return (int(text) / unit or None) if text.isascii() and text.isdigit() else None


def _path(variables: Mapping[str, str], name: str) -> Path | None:
    value = variables.get(name)
    return Path(value) if value else None
