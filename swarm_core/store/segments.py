"""A part of the journal as one compressed file.

A head, blocks of facts, an index, and where the index begins. Each block is packed by itself, so
that the facts of one task are found without reading the whole. Hashes are not stored but made
again from what is: the index has the one before and the one after each block, and a file in which
anything was changed does not come to them. Texts were never in the journal, so there are none here.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar

import msgspec
import zstandard

from swarm_core.kernel.errors import BrokenJournal
from swarm_core.store.chain import link

T = TypeVar("T")
SEGMENT = ".waggle-journal"
BLOCK = 1_000
"""Facts that are packed together."""
_MAGIC = b"waggle journal 1\n"
_END = struct.Struct(">QQ8s")
_LAST = b"WGLJEND1"
_LEVEL = 9
_MOST_BLOCK = 1024 * 1024 * 1024
_MOST_INDEX = 64 * 1024 * 1024

Stored = tuple[int, int, str, int, str, int | None, int | None, int | None, str]
"""`seq, at, kind, version, actor, task, run, cause, payload`."""


class Row(NamedTuple):
    """A fact as it is stored, with the hash before it and its own."""

    stored: Sequence[Any]
    prev: bytes
    digest: bytes


class Block(msgspec.Struct, frozen=True, array_like=True):
    """Where a block lies, which facts it holds, the hashes around it, and the lowest and highest
    number of a task in it (0: none)."""

    offset: int
    size: int
    raw: int
    first: int
    last: int
    prev: bytes
    head: bytes
    low: int
    high: int


class SegmentWriter:
    """Writes a segment, fact by fact, to a file that nobody reads before `close`."""

    def __init__(self, file: Path) -> None:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._file.write(_MAGIC)
        self._rows: list[Row] = []
        self.blocks: list[Block] = []

    def add(self, row: Row) -> None:
        self._rows.append(row)
        if len(self._rows) == BLOCK:
            self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        raw = msgspec.msgpack.encode([row.stored for row in rows])
        packed = zstandard.compress(raw, _LEVEL)
        tasks = [row.stored[5] for row in rows if row.stored[5] is not None]
        self.blocks.append(
            Block(
                offset=self._file.tell(),
                size=len(packed),
                raw=len(raw),
                first=rows[0].stored[0],
                last=rows[-1].stored[0],
                prev=rows[0].prev,
                head=rows[-1].digest,
                low=min(tasks, default=0),
                high=max(tasks, default=0),
            )
        )
        self._file.write(packed)

    def close(self) -> None:
        """Have all of it on the disk."""
        self._flush()
        index = zstandard.compress(msgspec.msgpack.encode(self.blocks), _LEVEL)
        at = self._file.tell()
        self._file.write(index)
        self._file.write(_END.pack(at, len(index), _LAST))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        self._file.close()


class Segment:
    """A segment that is read. Raises `BrokenJournal` for a file that is none, or was changed."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            with file.open("rb") as opened:
                self.blocks = self._index(opened)
        except OSError as error:
            raise self.broken(error.strerror or str(error)) from None
        if not self.blocks:
            raise self.broken("holds nothing")

    @property
    def first(self) -> int:
        return self.blocks[0].first

    @property
    def last(self) -> int:
        return self.blocks[-1].last

    @property
    def prev(self) -> bytes:
        return self.blocks[0].prev

    @property
    def head(self) -> bytes:
        return self.blocks[-1].head

    def rows(self, begin: int = 0) -> Iterator[Row]:
        """Every fact from the block that has fact `begin` on, each link made again."""
        with self.file.open("rb") as opened:
            for block in self.blocks:
                if block.last >= begin:
                    yield from self._rows(opened, block)

    def block(self, block: Block) -> list[Row]:
        with self.file.open("rb") as opened:
            return list(self._rows(opened, block))

    def of_task(self, task: int) -> Iterator[Row]:
        """The facts of one task."""
        with self.file.open("rb") as opened:
            for block in self.blocks:
                if block.low <= task <= block.high:
                    yield from (r for r in self._rows(opened, block) if r.stored[5] == task)

    def _rows(self, opened: IO[bytes], block: Block) -> Iterator[Row]:
        head, seq, rows = block.prev, block.first, list[Row]()
        opened.seek(block.offset)
        for stored in self._unpacked(opened.read(block.size), block.raw, _MOST_BLOCK, list[Stored]):
            if stored[0] != seq:
                raise self.broken(f"has another fact where {seq} belongs")
            prev, head, seq = head, link(head, *stored[:8], stored[8].encode()), seq + 1
            rows.append(Row(stored, prev, head))
        if head != block.head or seq != block.last + 1:
            raise self.broken(f"is not what it was, between facts {block.first} and {block.last}")
        return iter(rows)

    def _index(self, opened: IO[bytes]) -> Sequence[Block]:
        length = opened.seek(0, os.SEEK_END)
        opened.seek(0)
        if opened.read(len(_MAGIC)) != _MAGIC or length < len(_MAGIC) + _END.size:
            raise self.broken("is not a part of a journal")
        opened.seek(length - _END.size)
        at, size, last = _END.unpack(opened.read(_END.size))
        if last != _LAST or at + size + _END.size != length:
            raise self.broken("is cut off")
        opened.seek(at)
        blocks = self._unpacked(opened.read(size), _MOST_INDEX, _MOST_INDEX, list[Block])
        for before, block in pairwise(blocks):
            if block.prev != before.head or block.first != before.last + 1:
                raise self.broken(f"misses what comes after fact {before.last}")
        return blocks

    def _unpacked(self, packed: bytes, raw: int, most: int, kind: type[list[T]]) -> list[T]:
        try:
            # The size stands in the frame, and would be believed.
            if zstandard.frame_content_size(packed) > min(raw, most):
                raise self.broken("holds more than it says")
            unpacked = zstandard.decompress(packed)
            return msgspec.msgpack.decode(unpacked, type=kind)
        except (zstandard.ZstdError, msgspec.DecodeError, UnicodeError, MemoryError) as error:
            raise self.broken(f"cannot be read: {error}") from None

    def broken(self, what: str) -> BrokenJournal:
        folder = self.file.parent
        return BrokenJournal(folder=str(folder.parent), where=self.file.name, what=what)


def opened_all(
    folder: Path, without: Collection[str] = ()
) -> tuple[list[Segment], list[BrokenJournal]]:
    """The segments that lie in `folder`, and what is wrong with those that cannot be read."""
    found, broken = list[Segment](), list[BrokenJournal]()
    for file in sorted(folder.glob(f"*{SEGMENT}")):
        if file.name in without:
            continue
        try:
            found.append(Segment(file))
        except BrokenJournal as error:
            broken.append(error)
    return found, broken


def leading_to(segments: Sequence[Segment], seq: int, head: bytes) -> list[Segment]:
    """Those that make up the journal before fact `seq`, which follows the hash `head`, oldest
    first; as many as there are without a gap. The last may hold `seq` and more."""
    chain: list[Segment] = []
    while seq > 1:
        fits = (
            s for s in segments if (s.last == seq - 1 and s.head == head) or s.first < seq <= s.last
        )
        if (found := next(fits, None)) is None:
            break
        chain.insert(0, found)
        seq, head = found.first, found.prev
    return chain
