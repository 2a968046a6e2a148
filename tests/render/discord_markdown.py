"""Discord's markdown as its clients read it, written down apart from what we write for it.

The rules are like those of public parsers that imitate the client (LyricLy/parse-discord was run
over the same payloads and answers and found nothing that acts): at each place the first rule that
matches wins. `acts` tells what in a text would call somebody, unfurl, hide or lead away unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_CODE_BLOCK = re.compile(r"```(?:([a-zA-Z0-9_+\-.#]+?)\n)?\n*([^\n][\s\S]*?)\n*```")
_INLINE_CODE = re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)")
_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
_AUTOLINK = re.compile(r"<([^: >]+:/[^ >]+)>")
_URL = re.compile(r"(?:https?|steam)://[^\s<]+[^<.,:;\"'\]\s]", re.IGNORECASE)
_LINK = re.compile(
    r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*(<)?((?:\([^)]*\)|[^\s\\]|\\.)*?)(>)?\s*\)"
)
_STYLES = (
    ("strong", re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")),
    ("underline", re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)")),
    (
        "em",
        re.compile(
            r"\b_((?:__|\\[\s\S]|[^\\_])+?)_\b"
            r"|\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"
        ),
    ),
    ("strike", re.compile(r"~~([\s\S]+?)~~(?!_)")),
    ("spoiler", re.compile(r"\|\|([\s\S]+?)\|\|")),
)
_CALLS = (
    ("everyone", re.compile(r"@(?:everyone|here)")),
    ("mention", re.compile(r"<@[!&]?\d+>|<#\d+>|</[\w -]+:\d+>|<id:\w+>")),
    ("emoji", re.compile(r"<a?:\w+:\d+>")),
    ("timestamp", re.compile(r"<t:-?\d+(?::[a-zA-Z])?>")),
)
_INVITE = re.compile(
    r"(?:discord\.(?:gg|gift|new)|discord(?:app)?\.com/(?:invite|gifts|template|channels|events))/\w",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    r"(?P<quote> *>(?:>>)? )|(?P<heading>#{1,3} +)|(?P<small>-# )|(?P<item> *(?:[*-]|\d+\.) +)"
)


@dataclass(frozen=True)
class Node:
    kind: str
    text: str = ""
    children: tuple[Node, ...] = ()
    more: str = ""
    hidden: bool = field(default=False)


def parse(text: str) -> tuple[Node, ...]:
    """The blocks of a message: code, quotes, headings, subtext, items, lines."""
    made: list[Node] = []
    at = 0
    while at < len(text):
        found = _CODE_BLOCK.match(text, at)
        if found:
            made.append(Node("code_block", found[2], more=found[1] or ""))
            at = found.end()
            continue
        stop = text.find("\n", at)
        fence = text.find("```", at + 1)
        while fence != -1 and not (_CODE_BLOCK.match(text, fence) and text[fence - 1] not in "\\`"):
            fence = text.find("```", fence + 1)
        ends = [n for n in (stop, fence) if n != -1]
        end = min(ends, default=len(text))
        made.append(_line(text[at:end]))
        at = end + (end == stop)
    return tuple(made)


def _line(row: str) -> Node:
    found = _BLOCK.match(row)
    if found is None or not row[found.end() :].strip():
        return Node("line", children=tuple(inline(row)))
    kind = next(name for name, value in found.groupdict().items() if value is not None)
    rest = row[found.end() :]
    inner = (_line(rest),) if kind in ("quote", "item") else tuple(inline(rest))
    return Node(kind, found[0], inner)


def inline(text: str) -> Iterator[Node]:
    plain, at = "", 0
    while at < len(text):
        node, end = _one(text, at)
        if node is None:
            plain += text[at]
            at += 1
            continue
        if node.kind == "text":
            plain += node.text
        else:
            if plain:
                yield Node("text", plain)
                plain = ""
            yield node
        at = end
    if plain:
        yield Node("text", plain)


def _one(text: str, at: int) -> tuple[Node | None, int]:
    if found := _ESCAPE.match(text, at):
        return Node("text", found[1]), found.end()
    for kind, rule in _CALLS:
        if found := rule.match(text, at):
            return Node(kind, found[0]), found.end()
    if found := _AUTOLINK.match(text, at):
        return Node("link", found[1], more=found[1], hidden=True), found.end()
    if found := _URL.match(text, at):
        return Node("link", found[0], more=found[0]), found.end()
    if found := _LINK.match(text, at):
        children = tuple(inline(found[1]))
        return Node("link", said(children), children, found[3], hidden=bool(found[2])), found.end()
    if found := _INLINE_CODE.match(text, at):
        return Node("code", found[2].strip(" ") if "`" in found[2] else found[2]), found.end()
    for kind, rule in _STYLES:
        if found := rule.match(text, at):
            inner = next(group for group in found.groups() if group is not None)
            return Node(kind, children=tuple(inline(inner))), found.end()
    return None, at


def said(nodes: tuple[Node, ...]) -> str:
    """What is read."""
    told = []
    for node in nodes:
        told.append(
            said(node.children)
            if node.children
            else node.text
            if node.kind not in ("line", "quote", "item", "heading", "small")
            else ""
        )
        if node.kind in ("line", "quote", "item", "heading", "small", "code_block"):
            told.append("\n")
    return "".join(told).replace("\u200b", "")


def walk(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from walk(node.children)


def acts(text: str) -> list[str]:
    """What `text` would do besides being read; empty when nothing."""
    nodes = parse(text)
    found = [
        f"{node.kind} {node.text}"
        for node in walk(nodes)
        if node.kind in ("everyone", "mention", "emoji", "timestamp", "spoiler", "underline")
        or (node.kind == "link" and not node.hidden)
    ]
    for node in walk(nodes):
        if node.kind == "text" and _INVITE.search(node.text):
            found.append(f"invite {node.text}")
        if node.kind == "link" and (_INVITE.search(node.more) or not node.more.startswith("http")):
            found.append(f"gate {node.more}")
        if node.kind in ("text", "code") and re.search("[\u202a-\u202e\u2066-\u2069]", node.text):
            found.append("bidi")
    # The service looks for calls itself; whether it knows escapes and inline code is not said.
    bare = _CODE_BLOCK.sub("", text)
    found += [f"bare {hit}" for hit in re.findall(r"@everyone|@here|<@[!&]?\d+>|<#\d+>", bare)]
    return found
