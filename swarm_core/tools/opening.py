"""Opening one thing in an open folder: a regular file or a folder, and no link."""

from __future__ import annotations

import errno
import os
import stat

FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "folder",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}
STATE_MARK = "waggle.lock"
"""The file by which the state folder of a swarm, this one or another, is known."""


def kind_of(status: os.stat_result) -> str:
    """file, folder, link, pipe, socket or device."""
    return _KINDS.get(stat.S_IFMT(status.st_mode), "device")


def open_below(folder: int, name: str) -> tuple[int, os.stat_result]:
    """Open `name`, a regular file or folder directly in the open `folder`, following no link.

    Returns its descriptor and status. Raises OSError, also when it is anything else; `Private`
    for a folder in which a swarm keeps what people said to it.
    """
    fd = os.open(name, FLAGS, dir_fd=folder)
    status = os.fstat(fd)
    if kind_of(status) not in ("file", "folder"):
        os.close(fd)
        raise OSError(errno.EINVAL, "changed while it was opened")
    if stat.S_ISDIR(status.st_mode) and _holds(fd, STATE_MARK):
        os.close(fd)
        raise Private(errno.EACCES, "a swarm keeps its state there")
    return fd, status


def _holds(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


class Private(OSError):
    """A folder that is nobody's work, but what a swarm remembers."""
