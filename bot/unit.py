"""`waggle service`: a systemd unit with this machine's paths. Nothing here talks to systemd.

What can go wrong: a path with a space or a per cent sign is read as something else; an option
meant to harden keeps bubblewrap from making the namespaces, mounts and the /proc that tools run in.
So: every word is quoted by systemd's own rules, and of the options for hardening there are only
those that leave namespaces and mounts alone: no RestrictNamespaces, PrivateUsers, PrivateDevices,
SystemCallFilter, ProtectKernelTunables, ProtectKernelLogs, ProtectProc, and no capabilities taken.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from bot.opening import settings_of
from bot.program import DONE, Program
from bot.reply import Notice, Reply
from swarm_core import Settings, errors

NAME = "waggle.service"
SPARE = 20
"""Seconds it has to end beyond what its runs get, before systemd kills it."""
WATCHDOG = 60
"""Seconds without a sign of life after which systemd starts it anew."""
_HOME = Path(__file__).resolve().parent.parent


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between machines: the command, where it stands, how long it may take to end,
    and as whom it runs; `user` None for a unit of the user's own."""

    command: tuple[str, ...]
    folder: Path
    state: Path
    within: int
    python_path: Path | None
    user: str | None


def service(program: Program, given: Mapping[str, Any]) -> int:
    """Print the unit, or with `install --user` write it. Raises `FileUnwritable`, and
    `MissingArgument` for an installation that would need root."""
    screen, own = program.screen, bool(given.get("user"))
    text = text_of(_unit(program, settings_of(program), own=own))
    if given.get("do") != "install":
        screen.answer({"unit": text, "name": NAME}, Reply(parts=()))
        if not screen.as_json:
            screen.write(text.rstrip("\n"))
        screen.note("service.next_user" if own else "service.next_system")
        return DONE
    if not own:
        raise errors.MissingArgument(
            command="service", name="--user", example="waggle service install --user"
        )
    file = _user_units(program) / NAME
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise errors.FileUnwritable(path=str(file), problem=error.strerror or "it fails") from None
    written = Notice(level="ok", text=screen.say("service.written", file=str(file)))
    screen.answer({"unit": text, "name": NAME, "file": str(file)}, Reply(parts=(written,)))
    screen.note("service.next_user")
    return DONE


def text_of(unit: Unit) -> str:
    """The unit file."""
    lines = [
        "[Unit]",
        "Description=Waggle, a swarm of AI workers",
        "After=network-online.target",
        "Wants=network-online.target",
        "",
        "[Service]",
        "# The second line counts from systemd 253 on; an older one says so and takes the first.",
        "Type=notify",
        "Type=notify-reload",
        f"ExecStart={' '.join(_quoted(word).replace('$', '$$') for word in unit.command)}",
        f"WorkingDirectory={_escaped(str(unit.folder))}",
        "Restart=on-failure",
        "RestartSec=2",
        f"TimeoutStopSec={unit.within + SPARE}",
        f"WatchdogSec={WATCHDOG}",
        "KillMode=mixed",
        "UMask=0077",
        "StandardOutput=null",
        "StandardError=journal",
    ]
    if unit.python_path:
        lines.append(f"Environment={_quoted(f'PYTHONPATH={unit.python_path}')}")
    lines += ["", "NoNewPrivileges=yes", "RestrictSUIDSGID=yes", "RestrictRealtime=yes"]
    lines += ["LockPersonality=yes", "SystemCallArchitectures=native"]
    if unit.user is not None:
        lines.insert(lines.index("[Service]") + 1, f"User={unit.user}")
        lines += ["PrivateTmp=yes", "ProtectSystem=full", "ProtectClock=yes", "ProtectHostname=yes"]
        lines += [f"ReadWritePaths={_quoted(str(unit.state))}"]
    target = "default.target" if unit.user is None else "multi-user.target"
    return "\n".join([*lines, "", "[Install]", f"WantedBy={target}", ""])


def _unit(program: Program, settings: Settings, *, own: bool) -> Unit:
    command = [sys.executable, "-P", "-m", "bot.cli"]
    if settings.file:
        command += ["--config", str(settings.file)]
    return Unit(
        command=(*command, "--state", str(settings.state), "up", "--headless"),
        folder=settings.file.parent if settings.file else program.cwd,
        state=settings.state,
        within=int(settings.shutdown.within.total_seconds()),
        python_path=_HOME if (_HOME / "pyproject.toml").exists() else None,
        user=None if own else program.environment.account,
    )


def _user_units(program: Program) -> Path:
    """Where systemd looks for a user's own units. Raises `MissingArgument` without a home."""
    environment = program.environment
    if environment.config_home:
        return environment.config_home / "systemd" / "user"
    if environment.home:
        return environment.home / ".config" / "systemd" / "user"
    raise errors.FileUnwritable(path="~/.config/systemd/user", problem="there is no HOME")


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(word: str) -> str:
    """One word of a line, by systemd.syntax(7): `%` would be filled in, a backslash and a
    quotation mark end or escape."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    plain = text.isprintable() and not any(c in " \t\"';#" for c in text)
    return text if plain else f'"{text}"'
