"""Walking a folder of the workspace: sorted, bounded, without following links."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import msgspec

from swarm_core.tools.globs import IgnoreFile, ignored
from swarm_core.tools.opening import Private, kind_of, open_below
from swarm_core.tools.paths import Found, Workspace, read_fd, shown
from swarm_core.tools.threads import Stop

SKIPPED = frozenset(
    {
        ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".mypy_cache",
        ".pytest_cache", ".ruff_cache", ".tox", ".nox", ".hypothesis", ".idea", ".eggs",
    }
)  # fmt: skip
"""Folders nobody means when they ask what is there."""
_IGNORE_BYTES = 64 * 1024


class Entry(msgspec.Struct, frozen=True):
    """One thing met on a walk; `folder` is the open folder it lies in, valid until the next."""

    parts: tuple[str, ...]
    below: tuple[str, ...]
    """Its path from the folder where the walk began."""
    status: os.stat_result
    folder: int

    @property
    def path(self) -> str:
        return shown("/".join(self.parts))

    @property
    def kind(self) -> str:
        return kind_of(self.status)

    def open(self) -> tuple[int, os.stat_result]:
        """Raises OSError when it cannot be opened, or is no longer what it was."""
        return open_below(self.folder, self.parts[-1])


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How far a walk goes."""

    depth: int = 20
    looked_at: int = 50_000
    everything: bool = False
    """Also what `.gitignore` and `SKIPPED` leave out."""


class Walk:
    """Gives all entries below `start`, depth first; counts what it left out.

    `start` stays open for the caller to close; closing the generator closes the rest.
    """

    def __init__(self, start: Found, ignores: list[IgnoreFile], bounds: Bounds, stop: Stop) -> None:
        self._start = start
        self._ignores = ignores
        self._bounds = bounds
        self._stop = stop
        self.looked_at = 0
        self.ignored = 0
        self.unreadable = 0
        self.too_deep = 0

    def entries(self) -> Generator[Entry]:
        return self._below(self._start.fd, (), self._ignores)

    @property
    def exhausted(self) -> bool:
        """The walk met its bound and there may be more."""
        return self.looked_at > self._bounds.looked_at

    @property
    def left_out(self) -> list[str]:
        """What was left out and why, in words."""
        notes = []
        if self.exhausted:
            notes.append(f"stopped after looking at {self._bounds.looked_at:,} entries")
        for count, why in (
            (self.ignored, "ignored (.gitignore or tool folders)"),
            (self.too_deep, f"folders below depth {self._bounds.depth} not opened"),
            (self.unreadable, "unreadable"),
        ):
            if count:
                notes.append(f"{count:,} {why}")
        return notes

    def _below(
        self, fd: int, below: tuple[str, ...], ignores: list[IgnoreFile]
    ) -> Generator[Entry]:
        if not self._bounds.everything:
            ignores = [*ignores, *ignore_file(fd, (*self._start.parts, *below))]
        for name in self._names(fd):
            entry = self._entry(fd, (*below, name))
            if entry is None:
                continue
            if self._ignored(entry, ignores):
                self.ignored += 1
                continue
            yield entry
            if stat.S_ISDIR(entry.status.st_mode):
                yield from self._inside(entry, ignores)
            if self.exhausted:
                return

    def _inside(self, entry: Entry, ignores: list[IgnoreFile]) -> Generator[Entry]:
        if len(entry.below) >= self._bounds.depth:
            self.too_deep += 1
            return
        try:
            fd, _ = entry.open()
        except Private:
            self.ignored += 1
            return
        except OSError:
            self.unreadable += 1
            return
        try:
            yield from self._below(fd, entry.below, ignores)
        finally:
            os.close(fd)

    def _names(self, fd: int) -> list[str]:
        names = []
        with os.scandir(fd) as entries:
            for entry in entries:
                self._stop.check()
                self.looked_at += 1
                if self.exhausted:
                    break
                names.append(entry.name)
        return sorted(names)

    def _entry(self, fd: int, below: tuple[str, ...]) -> Entry | None:
        self._stop.check()
        try:
            status = os.stat(below[-1], dir_fd=fd, follow_symlinks=False)
        except OSError:
            self.unreadable += 1
            return None
        return Entry((*self._start.parts, *below), below, status, fd)

    def _ignored(self, entry: Entry, ignores: list[IgnoreFile]) -> bool:
        if self._bounds.everything:
            return False
        folder = stat.S_ISDIR(entry.status.st_mode)
        if folder and entry.parts[-1] in SKIPPED:
            return True
        return ignored(ignores, entry.parts, folder=folder)


def ignore_file(fd: int, folder: tuple[str, ...]) -> list[IgnoreFile]:
    """The rules of the `.gitignore` in the open folder `fd`, if there is a readable one."""
    try:
        opened, status = open_below(fd, ".gitignore")
    except OSError:
        return []
    if not stat.S_ISREG(status.st_mode) or status.st_size > _IGNORE_BYTES:
        os.close(opened)
        return []
    text = read_fd(opened, status, _IGNORE_BYTES * 2, ".gitignore").decode("utf-8", "replace")
    return [IgnoreFile(text, folder)]


def ignore_files_above(workspace: Workspace, parts: tuple[str, ...]) -> list[IgnoreFile]:
    """The rules of the folders between the workspace and the folder `parts`, that one not."""
    files = []
    for depth in range(len(parts)):
        with held(workspace.folder("/".join(parts[:depth]) or ".")) as above:
            files += ignore_file(above.fd, parts[:depth])
    return files


@contextmanager
def held(found: Found) -> Iterator[Found]:
    """Closes `found` at the end."""
    try:
        yield found
    finally:
        os.close(found.fd)
