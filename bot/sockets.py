"""Where the control socket is.

What can go wrong: a Unix socket's path may have about a hundred bytes, and a folder that others
can write lets them put their own socket where ours is expected. So: the socket lies in the state
folder, which is the owner's; when that path is too long, in the owner's runtime folder, else in a
folder under /tmp that is ours alone and refused when it is not. Where it then lies is written in
the state folder, and only that is believed.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from swarm_core import errors

NAME = "waggle.sock"
POINTER = "waggle.socket"
LONGEST = 100
"""Bytes of a path that every system takes (108 with its end on Linux, 104 on macOS)."""
TEMPORARY = Path("/tmp")  # noqa: S108  a folder below it is made, checked and kept private


def fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= LONGEST


def where_to_listen(state: Path, runtime: Path | None) -> Path:
    """The path to bind; the folder is there and private. Call it under the folder lock.

    Raises `UnsafeSocket` when no folder can be trusted.
    """
    direct = state / NAME
    if fits(direct):
        return direct
    name = f"waggle-{hashlib.sha256(os.fsencode(state)).hexdigest()[:16]}.sock"
    if runtime and fits(runtime / name) and _is_ours(runtime):
        return runtime / name
    folder = TEMPORARY / f"waggle-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise errors.UnsafeSocket(path=str(folder), problem=str(error.strerror)) from None
    if not _is_ours(folder):
        raise errors.UnsafeSocket(
            path=str(folder), problem="somebody else could put a socket of theirs there"
        )
    return folder / name


def point_to(state: Path, path: Path) -> None:
    """Tell clients where the socket lies when it is not in the state folder."""
    if path.parent != state:
        (state / POINTER).write_text(str(path), encoding="utf-8")


def forget(state: Path, path: Path) -> None:
    """Take the socket and what points to it away."""
    path.unlink(missing_ok=True)
    (state / POINTER).unlink(missing_ok=True)


def where_to_call(state: Path) -> Path | None:
    """The path a client connects to; None when there is none."""
    direct = state / NAME
    if fits(direct):
        return direct
    try:
        return Path((state / POINTER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _is_ours(folder: Path) -> bool:
    """Whether `folder` is a real folder of this user that nobody else can write."""
    try:
        seen = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(seen.st_mode)
        and seen.st_uid == os.getuid()
        and not stat.S_IMODE(seen.st_mode) & 0o077
    )
