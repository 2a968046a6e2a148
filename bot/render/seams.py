"""Where markdown may be cut: its fences as blocks to close and reopen, its seams by rank."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from bot.render.markdown import Fence, fences, lines

LEAST = 32
"""The smallest limit: below it markers leave no room for code."""

# From best to worst. Inside a fence a line end still beats cutting a line of prose in two.
BLANK, LINE, CODE_BLANK, CODE_LINE, SENTENCE, SPACE, CODE_SPACE, POOR = range(8)

_GAP = re.compile("[.!?\\u2026][\"'\\u201d\\u2019)\\]]*[ \\t]+|[\\u3002\\uff01\\uff1f]|[ \\t]+")
_QUOTE = re.compile(r" {0,3}>[> ]*")
_MARGIN = re.compile(r"[ \t>]*")
# A line beginning like this would be read as a list, heading, quote, rule or fence.
_MISREAD = re.compile(r"(?:[-+*]|#{1,6}|\d{1,9}[.)])(?:\s|$)|>|```|~~~|==|--")


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A fence that can be cut: what to write after a seam in it, and before one."""

    fence: Fence
    opening: str
    closing: str
    open_ended: bool
    """Something follows, but no closing line of its own ends it."""
    misread: bool
    """Reopened outside its list item, its closing line would be too far in to count as one."""


def size(text: str, utf16: bool = False) -> int:
    """How long a service finds `text`: characters, or UTF-16 units."""
    if not utf16 or text.isascii():
        return len(text)
    # Half surrogates, which no encoding takes, count as any letter of the first plane.
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Seams:
    """The places at which `source` may be cut into pieces of `limit`."""

    def __init__(self, source: str, limit: int, utf16: bool) -> None:
        self._source = source
        self._starts = [0]
        for line in lines(source):
            self._starts.append(self._starts[-1] + len(line))
        found = (_block(fence, source, limit, utf16) for fence in fences(source))
        self._blocks = [block for block in found if block]
        self._walls = [block for block in self._blocks if block.open_ended]
        self._fronts = [block.fence.start for block in self._blocks]

    def inside(self, at: int) -> Block | None:
        """The block whose code a cut at `at` would tear: it needs closing and reopening."""
        block = self._near(at)
        if block is None or at < block.fence.inner:
            return None
        own_end = block.fence.inner_end < block.fence.end
        return block if at < block.fence.inner_end + own_end else None

    def wall(self, at: int) -> Block | None:
        """The block at whose end a chunk that begins at `at` has to end, and be closed."""
        here = self.inside(at)
        if here is not None and here.misread:
            return here
        n = bisect_right(self._walls, at, key=lambda block: block.fence.end)
        return self._walls[n] if n < len(self._walls) else None

    def opened(self, at: int) -> str:
        """What a chunk that begins at `at` repeats in front: fence and quote markers."""
        begin = self._starts[bisect_right(self._starts, at) - 1]
        here = self.inside(at)
        if here is not None:
            return here.opening + "\n" + (here.fence.margin if begin < at else "")
        quote = _QUOTE.match(self._source, begin, at)
        return quote.group() if quote and begin < at and len(quote.group()) <= LEAST // 2 else ""

    def between(self, at: int, most: int) -> Iterator[tuple[int, int]]:
        """(rank, place) of all seams in (at, most] that are not in the middle of a word."""
        for n in range(bisect_right(self._starts, at), bisect_right(self._starts, most)):
            yield self._line_rank(n), self._starts[n]
        for gap in _GAP.finditer(self._source, at, most):
            place = gap.end()
            if place == at or self._source[place : place + 1] in ("", " ", "\t", "\r", "\n"):
                continue
            yield self._gap_rank(place, sentence=gap.group()[0] not in " \t"), place

    def is_marker(self, at: int) -> bool:
        """Whether `at` is in the middle of a fence's opening or closing line."""
        block = self._near(at)
        if block is None:
            return False
        fence = block.fence
        return fence.start < at < fence.inner or fence.inner_end < at < fence.end

    def code_end(self, at: int) -> int:
        """For a place in a closing line: where the last line of code ends; else `at`."""
        block = self._near(at)
        if block is None or not block.fence.inner_end <= at < block.fence.end:
            return at
        return len(self._source[: block.fence.inner_end].rstrip("\r\n"))

    def _near(self, at: int) -> Block | None:
        n = bisect_right(self._fronts, at) - 1
        return self._blocks[n] if n >= 0 and at < self._blocks[n].fence.end else None

    def _gap_rank(self, place: int, *, sentence: bool) -> int:
        begin = self._starts[bisect_right(self._starts, place) - 1]
        margin = _MARGIN.match(self._source, begin, place)
        in_margin = margin is not None and margin.end() == place
        if in_margin or self.is_marker(place) or _MISREAD.match(self._source, place):
            return POOR
        if self.inside(place) is not None:
            return CODE_SPACE
        return SENTENCE if sentence else SPACE

    def _line_rank(self, n: int) -> int:
        place = self._starts[n]
        blank = not self._source[self._starts[n - 1] : place].strip(" \t\r\n>")
        here = self.inside(place)
        if here is not None:
            if place in (here.fence.inner, here.fence.inner_end):
                return POOR
            return CODE_BLANK if blank else CODE_LINE
        continues = self._source.startswith(("  ", "\t"), place)
        return BLANK if blank and not continues else LINE


def _block(fence: Fence, source: str, limit: int, utf16: bool) -> Block | None:
    """None when the markers of `fence` leave too little room in `limit` for its code."""
    closing = fence.margin + fence.marker
    end = size(closing, utf16) + 1
    own = size(source[fence.start : fence.inner], utf16)
    own += size(source[fence.inner_end : fence.end], utf16)
    if own + end > limit * 3 // 4:
        return None
    word = fence.info.split()[:1]
    for info in (fence.info, *word, ""):
        opening = closing + info
        if size(opening + fence.margin, utf16) + 1 + end <= limit // 2:
            break
    else:
        return None
    last = source[fence.inner_end : fence.end]
    return Block(
        fence=fence,
        opening=opening,
        closing=closing,
        open_ended=not last and fence.end < len(source),
        misread=bool(last) and _indent(last) > 3 >= _indent(fence.margin),
    )


def _indent(line: str) -> int:
    """Columns of white space before the text of `line`, inside its quotes."""
    quoted = re.match(r"[ \t]*(?:> ?)*(?:[ \t]*> ?)*", line) if ">" in line else None
    text = (line[quoted.end() :] if quoted else line).expandtabs(4).rstrip("\r\n")
    return len(text) - len(text.lstrip(" "))
