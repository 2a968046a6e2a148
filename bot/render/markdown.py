"""Markdown as the swarm understands it: CommonMark, tables, strikethrough, no HTML.

HTML is off so that `List<String>` in an answer is text that stays visible on every surface.
"""

from __future__ import annotations

import re
from functools import cache

import msgspec
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_CLOSER = re.compile(r"(?:`{3,}|~{3,})[ \t]*$")


class Fence(msgspec.Struct, frozen=True, kw_only=True):
    """A fenced code block: offsets into the source.

    Its opening line is [start, inner), its code [inner, inner_end), its closing line
    [inner_end, end), which is empty when the fence ends with its container or the source.
    `margin` is what a line needs in front to be in the same quotes and at the same indent.
    """

    start: int
    inner: int
    inner_end: int
    end: int
    margin: str
    marker: str
    info: str


def tree(source: str) -> SyntaxTreeNode:
    """The syntax tree of `source`."""
    return SyntaxTreeNode(_parser().parse(source))


def lines(source: str) -> list[str]:
    """`source` cut after each line end as markdown knows them: LF, CR LF and CR."""
    return _LINE.findall(source)


def fences(source: str) -> list[Fence]:
    """All fenced code blocks of `source`, in order; also those in quotes and lists."""
    if "```" not in source and "~~~" not in source:
        return []
    text = lines(source)
    starts = [0]
    for line in text:
        starts.append(starts[-1] + len(line))
    found = []
    for token in _blocks().parse(source):
        if token.type != "fence" or token.map is None:
            continue
        first, last = token.map[0], min(token.map[1], len(text))
        opening = text[first].rstrip("\r\n")
        at = opening.index(token.markup)
        closed = last - first > 1 and _closes(text[last - 1].rstrip("\r\n"), token.markup)
        if closed and last - first - 1 == _count(token.content):
            closed = False
        found.append(
            Fence(
                start=starts[first],
                inner=starts[first + 1],
                inner_end=starts[last - 1] if closed else starts[last],
                end=starts[last],
                margin=re.sub(r"[^>\s]", " ", opening[:at]),
                marker=token.markup,
                info=opening[at + len(token.markup) :].rstrip(),
            )
        )
    return found


def _closes(line: str, marker: str) -> bool:
    found = _CLOSER.search(line)
    return found is not None and found.group().startswith(marker)


def _count(content: str) -> int:
    """How many lines of source a fence's content is; the last may have no line end."""
    return content.count("\n") + (not content.endswith("\n") and content != "")


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


@cache
def _blocks() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("inline")
