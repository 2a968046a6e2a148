"""`waggle down` and `restart`: ending the swarm that runs, and knowing that it has ended.

What can go wrong: it does not answer, or is of another version; what its lock says is the number
of a process in another container; it hangs. So: it is asked over its socket, else told by a signal,
and that only when the process is seen to hold the folder; it has ended when the folder's lock is
free, whatever else is there; `--now` kills what does not listen, which loses nothing accepted.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from bot.answers.service import down as down_in_words
from bot.commands.service_views import Down
from bot.control.client import Client
from bot.opening import settings_of
from bot.program import DONE, Program
from swarm_core import TaskId, errors, holder_of

SPARE = 15.0
"""Seconds a process may take to end beyond what its runs get."""
UNTOLD = 30.0
"""How long runs may take of a swarm that does not tell."""
_PAUSE = 0.05
_DEAF = (
    errors.NotRunning,
    errors.AnswerLost,
    errors.BadRequest,
    errors.UnknownCommand,
    errors.Internal,
)


def down(program: Program, given: Mapping[str, Any]) -> int:
    """End the swarm of the state folder. Raises `NotRunning`, `StillRunning`."""
    view = end(program, given)
    reply = down_in_words(program.screen.say, view)
    program.screen.answer(msgspec.to_builtins(view), reply)
    return DONE


def end(program: Program, given: Mapping[str, Any]) -> Down:
    folder, now = program.state(), bool(given.get("now"))
    span: timedelta | None = given.get("within")
    pid = holder_of(folder)
    if pid is None:
        raise errors.NotRunning(folder=str(folder))
    within = 0.0 if now else span.total_seconds() if span is not None else None
    view, seconds = _ask(program, Client(folder), pid, within)
    if not view.answered:
        if not _holds(pid, folder):
            raise errors.OutOfReach(folder=str(folder), pid=pid)
        _signal(pid, signal.SIGTERM)
        seconds = UNTOLD if within is None else within
    if _wait(folder, pid, seconds + SPARE if not now else SPARE / 3):
        return view
    if not now or not _holds(pid, folder):
        raise errors.StillRunning(pid=pid, seconds=int(seconds + SPARE))
    _signal(pid, signal.SIGKILL)
    _wait(folder, pid, SPARE)
    return msgspec.structs.replace(view, killed=True)


def _ask(program: Program, client: Client, pid: int, within: float | None) -> tuple[Down, float]:
    """Over the socket; with the seconds its runs got."""
    seconds = 0.0
    try:
        for said in client.end(within):
            if "left" in said:
                left = tuple(TaskId(task) for task in said["left"])
                return Down(pid=pid, left=left), seconds
            seconds = float(said["within"])
            if said["running"]:
                program.screen.note("end.waiting", count=len(said["running"]), seconds=int(seconds))
    except _DEAF:
        pass
    return Down(pid=pid, answered=False), seconds


def _wait(folder: Path, pid: int, seconds: float) -> bool:
    """Whether `pid` lets go of the folder in time."""
    until = time.monotonic() + seconds
    while holder_of(folder) == pid:
        if time.monotonic() > until:
            return False
        time.sleep(_PAUSE)
    return True


def _holds(pid: int, folder: Path) -> bool:
    """Whether `pid` is, as this process sees it, one that has the folder's lock open. A system
    that does not show is believed."""
    files = Path(f"/proc/{pid}/fd")
    if pid < 1:
        return False
    if not Path("/proc/self/fd").exists():
        return True
    try:
        inside = f"{folder.resolve()}/"
        return any(os.path.realpath(entry).startswith(inside) for entry in files.iterdir())
    except OSError:
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        raise errors.LockedOut(uid=os.getuid()) from None


def restart(program: Program, given: Mapping[str, Any]) -> int:
    """End the swarm, when one runs, and start one in the background.

    Raises what `down` and `up` raise, and `Managed` when a service manager would fight it.
    """
    from bot.daemon import up

    settings_of(program)  # refused before anything is ended
    try:
        if Client(program.state()).health().get("managed"):
            raise errors.Managed()
    except (errors.NotRunning, errors.AnswerLost):
        pass
    try:
        view = end(program, given)
        program.screen.remark(down_in_words(program.screen.say, view).parts)
    except errors.NotRunning:
        program.screen.note("end.none")
    return up(program, headless=True, daemon=True)
