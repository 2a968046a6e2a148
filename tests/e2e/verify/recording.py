"""What a process did to its files, recorded with strace, and the disks that a power cut leaves.

A write is on the disk for certain once a sync of its file that began after it has ended. Until
then any part of it may be there: the writes since the last sync survive in any choice, each whole
or in any of its sectors, and a removed file may be back. Directories are synced like files.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
CALLS = "pwrite64,write,fsync,fdatasync,ftruncate,unlink,sendto"


def strace(trace: Path) -> tuple[str, ...]:
    """The words before a command that record it, every thread, with whole strings."""
    quiet = ("strace", "-f", "-qq", "-y", "-xx", "-s", "10000000")
    return (*quiet, "--seccomp-bpf", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", str(trace))


@dataclass(frozen=True)
class Op:
    """`write`, `truncate`, `unlink` or `sync` of `file`; `say` and `send` of text."""

    kind: str
    file: str = ""
    at: int = 0
    data: bytes = b""
    covers: int = 0
    """Of a sync: how many ops came before it began."""


_LINE = re.compile(r"^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\((.*)$)", re.DOTALL)
_FD = re.compile(r"^(\d+)<((?:\\x[0-9a-f]{2}|[^>])*)>(?:, )?")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def read(trace: Path) -> list[Op]:
    """The recorded calls in order. What only began counts as begun; a sync counts at its end."""
    ops: list[Op] = []
    syncing: dict[str, tuple[str, int]] = {}
    with trace.open(encoding="ascii") as lines:
        for line in lines:
            if not (found := _LINE.match(line)):
                continue
            process, resumed, call, rest = found.groups()
            if resumed:
                if process in syncing and line.rstrip().endswith("= 0"):
                    file, covers = syncing.pop(process)
                    ops.append(Op("sync", file, covers=covers))
                continue
            ops += _op(process, call, rest, len(ops), syncing)
    return ops


def _op(
    process: str, call: str, rest: str, now: int, syncing: dict[str, tuple[str, int]]
) -> list[Op]:
    text = _TEXT.search(rest)
    if call == "unlink":
        return [Op("unlink", _name(_bytes(text[1])))] if text and rest.endswith("= 0\n") else []
    if not (fd := _FD.match(rest)):
        return []
    where = _bytes(fd[2]) if fd[2].startswith("\\x") else fd[2].encode()
    file = _name(where)
    if call in ("fsync", "fdatasync"):
        if "unfinished" in rest:
            syncing[process] = (file, now)
            return []
        return [Op("sync", file, covers=now)] if rest.endswith("= 0\n") else []
    if call == "ftruncate":
        length = int(rest[fd.end() :].split(")")[0].split()[0])
        return [Op("truncate", file, at=length)]
    if text is None:
        return []
    data = _bytes(text[1])
    if call == "pwrite64":
        count, offset = re.findall(r"(\d+)", rest[text.end() + fd.start() :].split(")")[0])[:2]
        assert int(count) == len(data), "strace cut a string"
        return [Op("write", file, int(offset), data)]
    if call == "sendto":
        return [Op("send", data=data)]
    return [Op("say", data=data)] if fd[1] == "1" else []


def _name(path: bytes) -> str:
    return path.decode().rpartition("/")[2]


@dataclass
class _File:
    sure: bytearray | None = None
    """What is on the disk for certain; None: no such file."""
    open: list[tuple[int, Op]] = field(default_factory=list)
    """What may be there as well, each with its place among all ops."""


class Disk:
    """Follows the recording; `crash` is what a power cut now may leave of these files."""

    def __init__(self, files: tuple[str, ...], folder: str) -> None:
        self._files = {name: _File() for name in files}
        self._folder = folder

    def follow(self, place: int, op: Op) -> None:
        if op.kind == "sync" and op.file == self._folder:
            for file in self._files.values():
                if any(each.kind == "unlink" and at < op.covers for at, each in file.open):
                    self._settle(file, op.covers)
        elif op.file in self._files:
            file = self._files[op.file]
            if op.kind == "sync":
                self._settle(file, op.covers)
            else:
                file.open.append((place, op))

    @staticmethod
    def _settle(file: _File, covers: int) -> None:
        for place, op in file.open:
            if place < covers:
                file.sure = _apply(file.sure, op)
        file.open = [(place, op) for place, op in file.open if place >= covers]

    def unsure(self) -> int:
        return sum(len(file.open) for file in self._files.values())

    def crash(self, how: str, chance: random.Random) -> Iterator[tuple[str, bytes]]:
        """Files as they are found afterwards: `how` none, all or some of what is not sure."""
        for name, file in self._files.items():
            content = None if file.sure is None else bytearray(file.sure)
            for op in _choose([op for _, op in file.open], how, chance):
                content = _apply(content, op)
            if content is not None:
                yield name, bytes(content)


def _choose(ops: list[Op], how: str, chance: random.Random) -> list[Op]:
    if how != "some":
        return ops if how == "all" else []
    removed = next((n for n, op in enumerate(ops) if op.kind == "unlink"), None)
    if removed is not None:
        # Before it, or after it: what is written to a new file never lands in the old one.
        ops = ops[:removed] if chance.random() < 0.5 else ops[removed:]
    kept: list[Op] = []
    for op in ops:
        luck = chance.random()
        if op.kind == "unlink" or luck < 0.4:
            kept.append(op)
        elif op.kind == "write" and luck < 0.7:
            kept += [
                Op("write", op.file, op.at + start, op.data[start : start + SECTOR])
                for start in range(0, len(op.data), SECTOR)
                if chance.random() < 0.5
            ]
    return kept


def _apply(content: bytearray | None, op: Op) -> bytearray | None:
    if op.kind == "unlink":
        return None
    content = bytearray() if content is None else content
    if op.kind == "truncate":
        del content[op.at :]
        content.extend(bytes(op.at - len(content)))
    else:
        content.extend(bytes(max(0, op.at - len(content))))
        content[op.at : op.at + len(op.data)] = op.data
    return content
