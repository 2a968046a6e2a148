"""The program as a life from a womb: what `python -P -m bot.cli` is, with nothing left to import.

A life is told its folder, its environment, its words, and whether its standard input is a terminal
that it is to have for its own.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import pkgutil
import sys
import termios
from collections.abc import Sequence

_APART = "swarm_core.tools.children."
"""Programs of their own."""


def warm() -> None:
    """Import the program and what it imports late, and read what every swarm reads that comes
    with it."""
    import anthropic
    import anyio._backends._asyncio
    import h11
    import openai
    import ruamel.yaml.mergevalue
    import truststore

    import bot
    import swarm_core
    from swarm_core.identities import load_roster
    from swarm_core.playbooks import load_book
    from tests.playbooks.twins import ScriptedTools

    _ = anthropic, anyio, h11, openai, ruamel, truststore
    for package in (bot, swarm_core):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.startswith(_APART):
                importlib.import_module(found.name)
    world = swarm_core.World()
    load_book(world.playbooks, ScriptedTools())
    load_roster(world.identities)


def main(args: Sequence[str]) -> int:
    folder, environment, terminal, *words = args
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(json.loads(environment))
    if terminal:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    _open_streams()
    from bot.cli import call

    code = call(words)
    sys.stdout.flush()
    return code


def _open_streams() -> None:
    """As an interpreter opens them under LC_ALL=C: the womb's own were opened for what the womb
    writes to."""
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
    to_terminal = os.isatty(1)
    sys.stdout = open(  # noqa: SIM115
        1,
        "w",
        1 if to_terminal else -1,
        encoding="utf-8",
        errors="surrogateescape",
        closefd=False,
    )
    sys.stderr = open(  # noqa: SIM115
        2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
