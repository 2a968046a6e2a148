"""Whether what was said has arrived: the very messages a chat holds beside the markdown they were
made of.

What counts: every character of the words, code, cells and addresses that the markdown shows, as
markdown-it reads it, but for white space (of which Telegram says U+2800 is some), what `visible`
takes away, and the marks of the markdown itself. Each has to be in what arrived at least as often
as in the markdown, and outside of tables, whose cells are wrapped side by side, in the same order.
An accent that Telegram takes away counts as arrived in the one that looks like it; addresses count
without their escapes, and letters of them in either case. Where the answer came as a file, it has
to be the whole of it to the letter.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from markdown_it.tree import SyntaxTreeNode

from bot.render.harmless import address, visible
from bot.render.markdown import tree
from bot.render.telegram_tongue import BREAK

ACCENTS = str.maketrans({"\u030a": "\u0366", "\u0333": "\u0332", "\u033f": "\u0305"})
WHOLE = "answer.md"


def lost(markdown: str, texts: Sequence[str], files: dict[str, str], links: Sequence[str]) -> str:
    """What is missing of `markdown`, '' if nothing is; `texts` and `files` as they arrived,
    `links` where words of theirs lead to."""
    if WHOLE in files:
        same = files[WHOLE] == visible(markdown)
        return "" if same else f"{WHOLE} is not what was said"
    nodes = tree(visible(markdown))
    arrived = _plain("".join([*texts, *files.values()]))
    every = Counter(_plain("".join(_said(nodes, tables=True))))
    if missing := every - Counter(arrived):
        return f"characters: {dict(missing)}"
    rest = iter(arrived)
    in_order = _plain("".join(_said(nodes, tables=False)))
    for n, character in enumerate(in_order):
        if character not in rest:
            return f"the order: {in_order[max(0, n - 40) : n + 20]!r}"
    known = {*links, *texts, *files.values()}
    for link in filter(None, _links(nodes)):
        shown = address(link) or link
        if not any(shown in one or _plain(shown) in _plain(one) for one in known):
            return f"the address {link!r}"
    return ""


def _plain(text: str) -> str:
    text = unquote(text.replace(BREAK, "")).casefold()
    text = unicodedata.normalize("NFC", text).translate(ACCENTS)
    return "".join(c for c in text if not c.isspace() and c not in "\ufffd\u2800")


def _said(node: SyntaxTreeNode, *, tables: bool) -> Iterator[str]:
    if node.type == "table" and not tables:
        return
    if node.type in ("fence", "code_block", "code_inline", "text"):
        yield visible(node.content)
    for child in node.children:
        yield from _said(child, tables=tables)


def _links(node: SyntaxTreeNode) -> Iterator[str]:
    if node.type in ("link", "image"):
        yield visible(str(node.attrs.get("href") or node.attrs.get("src") or ""))
    for child in node.children:
        yield from _links(child)
