"""Markdown in terminal cells. Nothing of it is dropped: addresses are written out, code is
verbatim and never wrapped, so that it can be copied."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it.tree import SyntaxTreeNode

from bot.render.grid import grid
from bot.render.layout import Line, Span, clean, indent, wrap
from bot.render.markdown import tree

_STYLES = {"strong": "strong", "em": "emphasis"}


def prose(source: str, width: int, *, drawn: bool) -> list[Line]:
    """`source` in lines of at most `width` cells (code excepted); `drawn` allows line drawing."""
    return _Prose(drawn).blocks(tree(clean(source)).children, width)


class _Prose:
    def __init__(self, drawn: bool) -> None:
        self._drawn = drawn

    def blocks(self, nodes: list[SyntaxTreeNode], width: int, *, tight: bool = False) -> list[Line]:
        lines: list[Line] = []
        for node in nodes:
            made = self._block(node, max(width, 8))
            if made:
                lines += [[], *made] if lines and not tight else made
        return lines

    def _block(self, node: SyntaxTreeNode, width: int) -> list[Line]:
        match node.type:
            case "fence" | "code_block":
                return _code(node)
            case "heading":
                marks = "#" * int(node.tag[1:]) + " "
                return wrap([(marks, "heading"), *_inline(node, "heading")], width)
            case "blockquote":
                bar = ("│ " if self._drawn else "> ", "rule")
                return indent(self.blocks(node.children, width - 2), bar)
            case "bullet_list" | "ordered_list":
                return self._list(node, width)
            case "table":
                return self._table(node, width)
            case "hr":
                return [[("─" * width if self._drawn else "---", "rule")]]
            case _:
                return wrap(_inline(node, ""), width)

    def _list(self, node: SyntaxTreeNode, width: int) -> list[Line]:
        start = int(node.attrs.get("start", 1))
        tight = all(
            child.hidden or child.type != "paragraph"
            for item in node.children
            for child in item.children
        )
        lines: list[Line] = []
        for n, item in enumerate(node.children):
            marker = f"{start + n}{item.markup} " if node.type == "ordered_list" else "- "
            inner = self.blocks(item.children, width - len(marker), tight=tight) or [[]]
            if n and not tight:
                lines.append([])
            lines += indent(inner, (" " * len(marker), ""), (marker, "label"))
        return lines

    def _table(self, node: SyntaxTreeNode, width: int) -> list[Line]:
        rows = [row.children for part in node.children for row in part.children]
        cells = [[list(_inline(cell, "")) for cell in row] for row in rows]
        head = [[(text, f"label {style}") for text, style in cell] for cell in cells[0]]
        right = ["right" in str(cell.attrs.get("style", "")) for cell in rows[0]]
        return grid(head, cells[1:], right, width=width, rule="─" if self._drawn else "")


def _code(node: SyntaxTreeNode) -> list[Line]:
    rows = clean(node.content).removesuffix("\n").split("\n")
    code: list[Line] = [[(row.expandtabs(4), "code")] for row in rows]
    if node.type == "code_block":
        return indent(code, ("    ", ""))
    return [
        [(node.markup + " ".join(clean(node.info).split()), "rule")],
        *(code if node.content else []),
        [(node.markup, "rule")],
    ]


def _inline(node: SyntaxTreeNode, style: str) -> Iterator[Span]:
    for child in node.children:
        match child.type:
            case "softbreak" | "hardbreak":
                yield "\n", ""
            case "code_inline":
                yield f"`{clean(child.content)}`", f"{style} code"
            case "s":
                yield "~~", style
                yield from _inline(child, style)
                yield "~~", style
            case "link" | "image":
                yield from _link(child, style)
            case _ if child.children:
                yield from _inline(child, f"{style} {_STYLES.get(child.type, '')}".strip())
            case _:
                yield clean(child.content), style


def _link(node: SyntaxTreeNode, style: str) -> Iterator[Span]:
    """The words, and where they lead: an address is never hidden behind words."""
    words = list(_inline(node, style))
    address = clean(str(node.attrs.get("href") or node.attrs.get("src") or ""))
    shown = "".join(text for text, _ in words)
    yield from words
    if not address or address in (shown, f"mailto:{shown}"):
        return
    if shown:
        yield " ", style
        address = f"({address})"
    yield address, f"{style} address"
