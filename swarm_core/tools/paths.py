"""Confinement of file access to the workspace.

A path is never handed to the system as a whole, because the system would follow every link in
it, and whoever can write into the workspace could swap a folder for a link between a check and
the use. Instead the path is walked here one name at a time from the workspace's open folder
(`openat`), each name opened without following links; links are read and walked by the same
rules, so that one leading outside, or up past the top, is refused whatever it is made of. What
is not a folder or a regular file is never opened, and all opening is non-blocking, so a pipe or
device that is slipped in between cannot hang the process; what was opened is examined again by
its descriptor. Renaming a folder that is open out of the workspace keeps it reachable for the
call that had it open: no more than it could reach a moment before.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from swarm_core.kernel.errors import (
    NotAFile,
    NotAFolder,
    NoWorkspace,
    OutsideWorkspace,
    PathMissing,
    PathUnreadable,
    TooLarge,
)
from swarm_core.kernel.text import nearest
from swarm_core.tools.model import ToolContext
from swarm_core.tools.opening import FLAGS, kind_of, open_below

MOST_LINKS = 40
MOST_DEPTH = 100


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the workspace, open. Whoever asked for it closes `fd`."""

    fd: int
    parts: tuple[str, ...]
    """Where it really is below the workspace, links resolved."""
    status: os.stat_result

    @property
    def path(self) -> str:
        return shown("/".join(self.parts) or ".")


class Workspace:
    """The workspace of one call: `with Workspace.of(context) as workspace: …`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._fd = -1

    @classmethod
    def of(cls, context: ToolContext) -> Workspace:
        """Raises `NoWorkspace`."""
        if context.workspace is None:
            raise NoWorkspace
        return cls(context.workspace)

    def __enter__(self) -> Self:
        try:
            self._real = Path(os.path.realpath(self._root))
            self._fd = os.open(self._real, FLAGS | os.O_DIRECTORY)
        except OSError as problem:
            raise PathUnreadable(path=str(self._root), problem=reason(problem)) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._fd)

    def file(self, path: str) -> Found:
        """Open the regular file at `path`.

        Raises `OutsideWorkspace`, `PathMissing`, `PathUnreadable`, `NotAFile`, `NotAFolder`.
        """
        found = self.find(path)
        if stat.S_ISREG(found.status.st_mode):
            return found
        os.close(found.fd)
        raise NotAFile(path=shown(path), kind="folder")

    def folder(self, path: str) -> Found:
        """Open the folder at `path`. Raises what `file` raises."""
        found = self.find(path)
        if stat.S_ISDIR(found.status.st_mode):
            return found
        os.close(found.fd)
        raise NotAFolder(path=shown(path), kind="file")

    def find(self, path: str) -> Found:
        """Open the regular file or folder at `path`, the final link followed too."""
        walk = _Walk(self._fd, path, self._refusal(path))
        try:
            return self._follow(walk)
        finally:
            walk.close()

    def _follow(self, walk: _Walk) -> Found:
        pending = deque(self._below(walk.path, walk.refusal))
        links = 0
        while pending:
            name = pending.popleft()
            if name in ("", "."):
                continue
            if name == "..":
                walk.up()
                continue
            status = walk.look(name)
            if stat.S_ISLNK(status.st_mode):
                links += 1
                if links > MOST_LINKS:
                    raise walk.unreadable("its links go in a circle")
                target = walk.link(name)
                if target.startswith("/"):
                    walk.top()
                pending.extendleft(reversed(self._below(target, walk.refusal)))
                continue
            fd, status = walk.open(name, status)
            if stat.S_ISDIR(status.st_mode):
                walk.down(name, fd)
                continue
            if any(rest not in ("", ".") for rest in pending):
                os.close(fd)
                raise NotAFolder(path=shown("/".join([*walk.parts, name])), kind="file")
            return Found(fd=fd, parts=(*walk.parts, name), status=status)
        return walk.here()

    def _below(self, path: str, refusal: OutsideWorkspace) -> list[str]:
        """The names of `path` from the workspace down, when it is absolute and inside it."""
        if not path.startswith("/"):
            return path.split("/")
        for root in (self._real, self._root):
            above = [name for name in root.parts if name != "/"]
            names = [name for name in path.split("/") if name not in ("", ".")]
            if names[: len(above)] == above:
                return names[len(above) :]
        raise refusal

    def _refusal(self, path: str) -> OutsideWorkspace:
        return OutsideWorkspace(path=shown(path), workspace=str(self._root))


class _Walk:
    """The chain of open folders from the workspace down to where a walk has come."""

    def __init__(self, root: int, path: str, refusal: OutsideWorkspace) -> None:
        self.path = path
        self.refusal = refusal
        self.parts: list[str] = []
        self._fds = [os.dup(root)]

    def close(self) -> None:
        for fd in self._fds:
            os.close(fd)

    def up(self) -> None:
        if not self.parts:
            raise self.refusal
        self.parts.pop()
        os.close(self._fds.pop())

    def top(self) -> None:
        while self.parts:
            self.up()

    def down(self, name: str, fd: int) -> None:
        self.parts.append(name)
        self._fds.append(fd)
        if len(self.parts) > MOST_DEPTH:
            raise self.unreadable(f"it is more than {MOST_DEPTH} folders deep")

    def here(self) -> Found:
        fd = os.dup(self._fds[-1])
        return Found(fd=fd, parts=tuple(self.parts), status=os.fstat(fd))

    def look(self, name: str) -> os.stat_result:
        try:
            return os.stat(name, dir_fd=self._fds[-1], follow_symlinks=False)
        except OSError as problem:
            raise self._refused(name, problem) from None

    def link(self, name: str) -> str:
        try:
            return os.readlink(name, dir_fd=self._fds[-1])
        except OSError as problem:
            raise self._refused(name, problem) from None

    def open(self, name: str, status: os.stat_result) -> tuple[int, os.stat_result]:
        kind = kind_of(status)
        if kind not in ("file", "folder"):
            raise NotAFile(path=shown(self.path), kind=kind)
        try:
            return open_below(self._fds[-1], name)
        except OSError as problem:
            raise self._refused(name, problem) from None

    def unreadable(self, problem: str) -> PathUnreadable:
        return PathUnreadable(path=shown(self.path), problem=problem)

    def _refused(self, name: str, problem: OSError) -> PathMissing | PathUnreadable:
        if problem.errno not in (errno.ENOENT, errno.ENAMETOOLONG):
            return self.unreadable(reason(problem))
        there = []
        with os.scandir(self._fds[-1]) as entries:
            for entry, _ in zip(entries, range(1000), strict=False):
                there.append(shown("/".join([*self.parts, entry.name])))
        asked = "/".join([*self.parts, name])
        return PathMissing(path=shown(self.path), near=nearest(asked[:200], there))


def read_all(found: Found, most: int) -> bytes:
    """The whole content, `found` closed. Raises `TooLarge` beyond `most` bytes, read or not."""
    return read_fd(found.fd, found.status, most, found.path)


def read_fd(fd: int, status: os.stat_result, most: int, path: str) -> bytes:
    """As `read_all`, of an open descriptor, which is closed. OSError when it is a folder."""
    if not stat.S_ISREG(status.st_mode):
        os.close(fd)
        raise OSError(errno.EISDIR, "changed while it was opened")
    file: BinaryIO
    with os.fdopen(fd, "rb") as file:
        if status.st_size > most:
            raise TooLarge(what=path, size=status.st_size, limit=most)
        raw = file.read(most + 1)
    if len(raw) > most:
        raise TooLarge(what=path, size=len(raw), limit=most)
    return raw


def reason(problem: OSError) -> str:
    """What the system says, in lower case, without the path."""
    return (problem.strerror or type(problem).__name__).lower()


def shown(name: str) -> str:
    """`name` with what cannot be shown or encoded as escapes, so that a name cannot pose as
    another or start a new line."""
    if name.isprintable():
        return name
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name
    )
