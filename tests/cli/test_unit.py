"""The systemd unit, read back by systemd's own rules; and the protocol, over real sockets."""

from __future__ import annotations

import asyncio
import configparser
import os
import re
import shlex
import socket
from pathlib import Path

import pytest

from bot.notify import Notifier
from bot.unit import Unit, text_of
from tests.cli.programs import environment, waggle

FORBIDDEN = ("RestrictNamespaces", "PrivateUsers", "SystemCallFilter", "ProtectKernelTunables")
"""What would keep bubblewrap from working."""


def a_unit(**changes: object) -> Unit:
    values: dict[str, object] = {
        "command": ("/opt/my waggle/python", "-P", "-m", "bot.cli", "--state", "/a %b/$c", "up"),
        "folder": Path("/srv/my waggle/100%"),
        "state": Path("/a %b/$c"),
        "within": 45,
        "python_path": Path("/opt/my waggle"),
        "user": None,
        **changes,
    }
    return Unit(**values)  # type: ignore[arg-type]


def read(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def filled_in(value: str) -> str:
    """`value` with what systemd puts for specifiers and variables."""
    assert not re.search(r"(?<!%)%(?!%)(?:%%)*[^%]", value.replace("%%", ""))
    return value.replace("%%", "%").replace("$$", "$")


@pytest.mark.parametrize("user", [None, "waggle"])
def test_the_unit_starts_what_it_should_whatever_is_in_the_paths(user: str | None) -> None:
    unit = a_unit(user=user)
    found = read(text_of(unit))
    service = found["Service"]
    assert tuple(map(filled_in, shlex.split(service["ExecStart"]))) == unit.command
    assert filled_in(service["WorkingDirectory"]) == str(unit.folder)
    assert shlex.split(service["Environment"]) == ["PYTHONPATH=/opt/my waggle"]
    assert (service["Type"], service["TimeoutStopSec"]) == ("notify-reload", "65")
    assert service.get("User") == user
    assert found["Install"]["WantedBy"] == ("multi-user.target" if user else "default.target")
    assert not set(FORBIDDEN) & set(service)
    # A user's manager cannot set up mounts for it everywhere.
    assert ("ProtectSystem" in service) == (user is not None)


def test_it_is_printed_with_this_machines_paths_and_installed_where_the_user_says(
    tmp_path: Path,
) -> None:
    printed = waggle(tmp_path, "service", "--user")
    assert printed.returncode == 0
    assert f"--state {tmp_path}/data/state up --headless" in printed.stdout
    assert "systemctl --user enable --now waggle" in printed.stderr.replace("\n", " ")
    home = environment(HOME=str(tmp_path / "home"))
    installed = waggle(tmp_path, "service", "install", "--user", env=home)
    assert installed.returncode == 0, installed.stderr
    file = tmp_path / "home" / ".config" / "systemd" / "user" / "waggle.service"
    assert file.read_text() == printed.stdout
    assert waggle(tmp_path, "service", "install").returncode == 2
    assert "there is no HOME" in waggle(tmp_path, "service", "install", "--user").stderr


@pytest.mark.parametrize("abstract", [False, True])
async def test_the_manager_is_told_over_its_socket(abstract: bool, tmp_path: Path) -> None:
    name = f"@waggle-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name[1:]}" if abstract else name)
        manager.settimeout(10)
        notifier = Notifier(name, watchdog=0.01)
        notifier.ready("ready\nSTATUS=forged")
        notifier.reloading()
        notifier.stopping("ending")
        said = [manager.recv(1000).decode() for _ in range(3)]
        assert said[0] == "READY=1\nSTATUS=ready STATUS=forged"
        assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", said[1])
        assert said[2] == "STOPPING=1\nSTATUS=ending"
        beating = asyncio.create_task(notifier.keep_alive())
        beats = [await asyncio.to_thread(manager.recv, 100) for _ in range(2)]
        beating.cancel()
        assert beats == [b"WATCHDOG=1"] * 2


async def test_without_a_manager_or_with_a_deaf_one_nothing_goes_wrong(tmp_path: Path) -> None:
    for address in (None, str(tmp_path / "nobody"), "@nobody-at-all", "x" * 500):
        notifier = Notifier(address)
        notifier.ready("ready")
        await notifier.keep_alive()
