"""Cutting markdown into messages that a chat service accepts, losing nothing.

What can go wrong is a seam inside a fenced code block: the first message leaves it open, the
second shows code as prose. So a seam there closes the fence and opens it again, with the same
markers, info string, quotes and indent. What was added is kept apart from what was written:
a `Chunk` has both, and `join` gives the source back exactly.

A fence whose markers leave no room for its code (the limit is too small, or its lines are
absurd) is cut like prose. A fence that ends without a closing line of its own, because its quote
or list item ends, is closed and ends its chunk: outside of that item it would swallow what
follows. An info string too long to repeat is repeated by its first word, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import wcwidth

from bot.render.seams import CODE_SPACE, LEAST, POOR, Block, Seams, size

__all__ = ["DISCORD", "LEAST", "TELEGRAM", "Chunk", "join", "size", "split"]

DISCORD = 2000
TELEGRAM = 4096
"""In UTF-16 units."""


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `body` is source; `opened` and `closed` repeat fence and quote markers.

    `before` and `after` are blank source at the seams, which is not sent.
    """

    body: str
    opened: str = ""
    closed: str = ""
    before: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        """What is sent: never longer than the limit, never blank."""
        return self.opened + self.body + self.closed


def split(source: str, limit: int, *, utf16: bool = False) -> list[Chunk]:
    """Cut `source` into chunks of at most `limit` characters (or UTF-16 units).

    Nothing but white space gives no chunk. Raises ValueError for a limit below `LEAST`.
    """
    if limit < LEAST:
        raise ValueError(f"a limit of {limit} is below {LEAST}")
    if size(source, utf16) <= limit:
        return [_trimmed(source)] if source.strip() else []
    splitter = _Splitter(source, limit, utf16)
    chunks: list[Chunk] = []
    blank, at = "", 0
    while at < len(source):
        chunk = splitter.next(at)
        at += len(chunk.before + chunk.body + chunk.after)
        if chunk.body.strip() or chunk.closed:
            chunks.append(msgspec.structs.replace(chunk, before=blank + chunk.before))
            blank = ""
        elif chunks:
            skipped = chunks[-1].after + chunk.before + chunk.body + chunk.after
            chunks[-1] = msgspec.structs.replace(chunks[-1], after=skipped)
        else:
            blank += chunk.before + chunk.body + chunk.after
    return chunks


def join(chunks: Sequence[Chunk]) -> str:
    """The source that `chunks` were cut from."""
    return "".join(chunk.before + chunk.body + chunk.after for chunk in chunks)


class _Splitter:
    def __init__(self, source: str, limit: int, utf16: bool) -> None:
        self._source = source
        self._limit = limit
        self._utf16 = utf16
        self._seams = Seams(source, limit, utf16)

    def next(self, at: int) -> Chunk:
        """The chunk that begins at `at`; its body may be blank."""
        opened = self._seams.opened(at)
        room = self._limit - size(opened, self._utf16)
        wall = self._seams.wall(at)
        end = wall.fence.end if wall else len(self._source)
        if self._reach(at, room, wall) >= end:
            stop, closes = end, wall
        else:
            most = min(self._reach(at, room), end - 1)
            stop = self._best(at, most, room)
            closes = self._seams.inside(stop)
        body = self._source[at:stop]
        closed = ""
        if closes is not None:
            closed = ("" if body.endswith(("\n", "\r")) else "\n") + closes.closing
        return _trimmed(body, opened, closed)

    def _best(self, at: int, most: int, room: int) -> int:
        """The best seam in (at, most]: of the best rank that does not leave the chunk almost
        empty, the last one. A line of code is cut only when nothing else is left to cut."""
        reach: dict[int, int] = {}
        found: list[tuple[int, int]] = []
        for rank, place in self._seams.between(at, most):
            block = self._seams.inside(place)
            if block is not None:
                start = block.fence.start
                if start not in reach:
                    reach[start] = self._reach(at, room, block)
                if place > reach[start]:
                    continue
            found.append((rank, -place))
        third = at + (most - at) // 3
        full = [seam for seam in found if -seam[1] >= third and seam[0] < CODE_SPACE]
        for seams in (full, found):
            rank, place = min(seams, default=(POOR, 0))
            if rank < POOR:
                return -place
        return self._hard(at, most, room)

    def _hard(self, at: int, most: int, room: int) -> int:
        """A seam in the middle of a word: between graphemes, and not where the next chunk
        would begin with what looks like a fence."""
        inside = self._seams.inside(most) or self._seams.inside(self._seams.code_end(most))
        stop = min(most, self._reach(at, room, inside))
        if self._seams.is_marker(stop) or inside is not None:
            code_end = self._seams.code_end(stop)
            if at < code_end - 1 < stop:
                stop = code_end - 1
        stop = self._grapheme(at, max(stop, at + 1))
        run = stop
        while run > at and self._source[run - 1] in "`~":
            run -= 1
        if run - 1 > at and self._source[run : run + 3] in ("```", "~~~"):
            return self._grapheme(at, run - 1)
        return stop

    def _grapheme(self, at: int, stop: int) -> int:
        """The last grapheme boundary in (at, stop], or `stop` when a grapheme is too long."""
        if stop >= len(self._source):
            return stop
        window = self._source[at : stop + 1]
        return at + (wcwidth.grapheme_boundary_before(window, len(window)) or stop - at)

    def _reach(self, at: int, room: int, closes: Block | None = None) -> int:
        """How far the source from `at` fits into `room` together with what `closes` it."""
        if closes is not None:
            room -= size(closes.closing, self._utf16) + 1
        stop = min(len(self._source), at + max(room, 0))
        while self._utf16 and (over := size(self._source[at:stop], True) - room) > 0:
            stop -= max(1, over // 2)
        return stop


def _trimmed(body: str, opened: str = "", closed: str = "") -> Chunk:
    """A chunk of `body` with blank lines at its ends set apart, where they are not code."""
    before = after = ""
    if not opened:
        lead = body[: len(body) - len(body.lstrip())]
        cut = max(lead.rfind("\n"), lead.rfind("\r")) + 1
        before, body = body[:cut], body[cut:]
    if not closed:
        kept = body.rstrip()
        body, after = kept, body[len(kept) :]
    return Chunk(body=body, opened=opened, closed=closed, before=before, after=after)
