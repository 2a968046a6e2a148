"""CommonMark as the blocks a chat can show: lines with quote and list markers, code, files.

A chat has headings, lists, quotes of one level and code without margins; it has no tables, no
nested quotes and no rules. What it lacks is said otherwise, and nothing is dropped. Margins are
written as Discord writes them, which is nearly how markdown does; another `Tongue` translates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from markdown_it.tree import SyntaxTreeNode

from bot.render.grid import columns, grid
from bot.render.harmless import visible
from bot.render.layout import Span, one_line
from bot.render.markdown import tree
from bot.render.runs import Mark, Run, Runs, linked

PHONE = 57
"""Characters of code that a phone shows side by side, on Discord."""
_DEEP = 3
"""Lines of a row in a table that a phone shows."""
_DEEPEST = 8
_MARKS: dict[str, Mark] = {"strong": "**", "em": "*", "s": "~~"}


class Line(msgspec.Struct, frozen=True):
    """`front` is markup before it, `rest` before what goes on after a cut."""

    runs: Runs
    front: str = ""
    rest: str = ""


class Prose(msgspec.Struct, frozen=True):
    lines: tuple[Line, ...]
    heading: bool = False


class Code(msgspec.Struct, frozen=True):
    """`whole`: it is shown uncut or not at all."""

    text: str
    language: str = ""
    whole: bool = False


class Wide(msgspec.Struct, frozen=True):
    """What a message cannot show: a table, as text for a file. `table` is its cells by rows, the
    names of the columns first; () when they are not known."""

    text: str
    columns: int
    rows: int
    table: tuple[tuple[str, ...], ...] = ()


class Written(msgspec.Struct, frozen=True):
    """Discord's markup already, short enough for a message."""

    text: str


Block = Prose | Code | Wide | Written


def blocks(markdown: str, phone: int = PHONE) -> list[Block]:
    """What `markdown` of any origin shows, in order."""
    return _Reader(phone).read(tree(visible(markdown)).children)


def aligned(
    head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], phone: int = PHONE
) -> Code | None:
    """As aligned code; None where a `phone` of so many characters does not show it so."""
    top, *body = _cells((head, *rows))
    found = columns(top, body, right, width=phone, rule="-", deep=_DEEP)
    return None if found is None else Code(_drawn(found), whole=True)


def wide(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> Wide:
    """As text for a file."""
    top, *body = _cells((head, *rows))
    drawn = _drawn(grid(top, body, right, width=100_000, rule="-"))
    table = tuple(tuple(row) for row in (head, *rows))
    return Wide(drawn, columns=len(head), rows=len(rows), table=table)


def _cells(rows: Sequence[Sequence[str]]) -> list[list[list[Span]]]:
    return [[[(one_line(cell), "")] for cell in row] for row in rows]


def _drawn(lines: Sequence[Sequence[tuple[str, str]]]) -> str:
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


class _Reader:
    def __init__(self, phone: int) -> None:
        self._phone = phone
        self._made: list[Block] = []
        self._lines: list[Line] = []

    def read(self, nodes: Sequence[SyntaxTreeNode]) -> list[Block]:
        for node in nodes:
            self._block(node, "", "", 0)
            self._flush()
        return self._made

    def _flush(self, *, heading: bool = False) -> None:
        if self._lines:
            self._made.append(Prose(tuple(self._lines), heading=heading))
            self._lines = []

    def _aside(self, block: Block) -> None:
        """Code and tables stand at the margin: a phone has no room to indent them."""
        self._flush()
        self._made.append(block)

    def _block(self, node: SyntaxTreeNode, front: str, rest: str, depth: int) -> None:
        match node.type:
            case "fence" | "code_block":
                code = visible(node.content).removesuffix("\n")
                word = (visible(node.info).split() or [""])[0] if node.type == "fence" else ""
                self._aside(Code(code, word))
            case "table":
                self._aside(_table(node, self._phone))
            case "heading":
                self._heading(node, front, rest)
            case "blockquote":
                self._quote(node, front, rest, depth)
            case "bullet_list" | "ordered_list":
                self._list(node, front, rest, depth)
            case "hr":
                self._lines.append(Line((Run("---"),), front, rest))
            case _:
                for n, line in enumerate(_lines(_inline(node, ()))):
                    self._lines.append(Line(line, rest if n else front, rest))

    def _heading(self, node: SyntaxTreeNode, front: str, rest: str) -> None:
        level = int(node.tag[1:])
        small = level > 3 or front
        runs = tuple(
            Run(" ") if run.text == "\n" else run for run in _inline(node, ("**",) if small else ())
        )
        self._lines.append(Line(runs, front if small else "#" * level + " ", rest))
        if not front:
            self._flush(heading=True)

    def _quote(self, node: SyntaxTreeNode, front: str, rest: str, depth: int) -> None:
        if depth >= _DEEPEST:
            mark = ""
        elif front or rest:
            mark = "" if rest.endswith("> ") and depth > 2 else "\\> "
        else:
            mark = "> "
        for n, child in enumerate(node.children):
            if n and not front and depth == 0:
                self._flush()
            self._block(child, (rest if n else front) + mark, rest + mark, depth + 1)

    def _list(self, node: SyntaxTreeNode, front: str, rest: str, depth: int) -> None:
        start = int(node.attrs.get("start", 1))
        for n, item in enumerate(node.children):
            marker = f"{start + n}. " if node.type == "ordered_list" else "- "
            pad = " " * len(marker)
            if depth >= _DEEPEST:
                pad = ""
            first = (rest if n else front) + marker
            if not item.children:
                self._lines.append(Line((), first, rest + pad))
            for k, child in enumerate(item.children):
                self._block(child, rest + pad if k else first, rest + pad, depth + 1)


def _table(node: SyntaxTreeNode, phone: int) -> Code | Wide:
    rows = [row.children for part in node.children for row in part.children]
    cells = [[_plain(cell) for cell in row] for row in rows]
    right = ["right" in str(cell.attrs.get("style", "")) for cell in rows[0]]
    head, *body = cells
    return aligned(head, body, right, phone) or wide(head, body, right)


def _plain(node: SyntaxTreeNode) -> str:
    """Inside of a cell or a link code has no marks, and a link tells where it leads."""
    told = []
    for run in _inline(node, ()):
        told.append(run.text)
        if run.link:
            told.append(f" ({run.link})" if run.text else run.link)
    return "".join(told)


def _lines(runs: Iterator[Run]) -> list[Runs]:
    found: list[list[Run]] = [[]]
    for run in runs:
        if run.text == "\n":
            found.append([])
        else:
            found[-1].append(run)
    return [tuple(line) for line in found if line]


def _inline(node: SyntaxTreeNode, marks: tuple[Mark, ...]) -> Iterator[Run]:
    for child in node.children:
        match child.type:
            case "softbreak" | "hardbreak":
                yield Run("\n")
            case "code_inline":
                yield Run(one_line(visible(child.content)) or " ", "code", marks)
            case "link" | "image":
                yield from _link(child, marks)
            case "strong" | "em" | "s":
                mark = _MARKS[child.type]
                inner = marks if mark in marks or _clashes(child, mark) else (*marks, mark)
                yield from _inline(child, inner)
            case _ if child.children:
                yield from _inline(child, marks)
            case _:
                text = visible(child.content).replace("\n", " ")
                if text:
                    yield Run(text, "text", marks)


def _clashes(node: SyntaxTreeNode, mark: Mark) -> bool:
    """Whether code in it holds the mark's sign, at which Discord would end it."""
    return any(mark[0] in child.content for child in node.walk() if child.type == "code_inline")


def _link(node: SyntaxTreeNode, marks: tuple[Mark, ...]) -> Iterator[Run]:
    words = _plain(node)
    yield from linked(
        words, visible(str(node.attrs.get("href") or node.attrs.get("src") or "")), marks
    )
