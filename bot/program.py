"""One call of the command line program: how it was called, where, and its exit codes."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bot.screen import Screen
from swarm_core import Environment, state_folder

DONE, FAILED, WRONG_USAGE, NOT_RUNNING, DAMAGED, INTERRUPTED = 0, 1, 2, 3, 4, 130


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """What stands before the command's name, and the words from it on."""

    config: Path | None = None
    state: Path | None = None
    verbose: bool = False
    json: bool = False
    help: bool = False
    version: bool = False
    words: tuple[str, ...] = ()


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the program: its screen, its environment, where it was called, how."""

    screen: Screen
    environment: Environment
    cwd: Path
    invocation: Invocation

    def state(self) -> Path:
        """The state folder. Raises what a wrong configuration raises."""
        if self.invocation.state:
            return self.cwd / self.invocation.state
        return state_folder(self.invocation.config, environment=self.environment, cwd=self.cwd)
