"""What is answered about the swarm as a service, as values."""

from __future__ import annotations

import msgspec

from bot.commands.model_views import Failed
from swarm_core import Reloaded, TaskId


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """The process behind the answer: `started` in microseconds since 1970, `draining` while it
    ends, `managed` when a service manager started it, `log` the file it writes."""

    pid: int
    version: str
    started: int
    draining: bool
    managed: bool
    log: str


class Background(msgspec.Struct, frozen=True, kw_only=True):
    """A swarm was started in the background."""

    pid: int
    folder: str
    log: str


class Reload(msgspec.Struct, frozen=True, kw_only=True):
    """Settings were read anew. `ok` False: refused for `problems`, and nothing was changed; else
    those are what was left out."""

    ok: bool
    file: str | None
    done: Reloaded
    problems: tuple[Failed, ...] = ()


class Down(msgspec.Struct, frozen=True, kw_only=True):
    """A swarm has ended; `left` are the tasks that were interrupted and go on later. `answered`
    False: it was told by a signal, and nobody knows what it left. `killed`: it had to be."""

    pid: int
    left: tuple[TaskId, ...] = ()
    answered: bool = True
    killed: bool = False
