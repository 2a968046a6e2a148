"""YAML text → a small tree that remembers lines and the source text of every value.

The file may be wrong or hostile, so the tree is built from parser events, bounded as they come:
depth, number of nodes (an alias counts for all it stands for, which defuses alias bombs), one
document, no tags, hence no objects. Values stay text: what `0.1` means is for the key to say,
and money never passes through a float. Doubled keys, tags and unknown aliases are all collected;
a syntax error ends the reading.
"""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from swarm_core.kernel.text import clip
from swarm_core.settings.tree import Flaw, Group, Items, Node, Scalar

MOST_NODES = 10_000
MOST_DEPTH = 16
LONGEST_LINE = 10_000

NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def read_document(text: str) -> tuple[Node, list[Flaw]]:
    """The tree of `text` and all flaws found; with a syntax error the tree is empty."""
    for line, content in enumerate(text.splitlines(), 1):
        if len(content) > LONGEST_LINE:  # the scanner takes quadratic time over some of them
            flaw = Flaw(line, f"a line of more than {LONGEST_LINE:,} characters")
            return Scalar(None), [flaw]
    builder = _Builder(text)
    try:
        root = builder.document()
    except _Unreadable as unreadable:
        return Scalar(None), [*builder.flaws, unreadable.flaw]
    return root, builder.flaws


class _Unreadable(Exception):
    def __init__(self, line: int, problem: str) -> None:
        self.flaw = Flaw(line, problem)
        super().__init__(problem)


class _Builder:
    def __init__(self, text: str) -> None:
        self._text = text
        self._events = iter(YAML(typ="safe", pure=True).parse(text))
        self._anchors: dict[str, Node] = {}
        self._nodes = 0
        self.flaws: list[Flaw] = []

    def document(self) -> Node:
        while not isinstance(event := self._next(), DocumentStartEvent | StreamEndEvent):
            pass
        if isinstance(event, StreamEndEvent):
            return Scalar(None)
        root = self._node(self._next(), 0)
        while not isinstance(event := self._next(), DocumentStartEvent | StreamEndEvent):
            pass
        if isinstance(event, DocumentStartEvent):
            self._flaw(event, "a second document starts here (---); one file is one document")
        return root

    def _next(self) -> Any:
        try:
            return next(self._events)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise _Unreadable(mark.line + 1 if mark else 1, _plain_words(error)) from error
        except YAMLError as error:
            line = self._text.count("\n", 0, getattr(error, "position", 0)) + 1
            raise _Unreadable(line, "a character that is not allowed in YAML") from error

    def _flaw(self, event: Any, problem: str) -> None:
        self.flaws.append(Flaw(event.start_mark.line + 1, problem))

    def _node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        if depth > MOST_DEPTH:
            raise _Unreadable(line, f"values are nested more than {MOST_DEPTH} deep")
        if isinstance(event, AliasEvent):
            return self._alias(event, line)
        self._count(1, line)
        if event.tag and event.tag != "!":
            self._flaw(
                event, f"the tag {clip(event.tag, 60)} is not allowed; write the value without it"
            )
        node: Node
        if isinstance(event, ScalarEvent):
            null = event.implicit[0] and event.value in NULLS
            node = Scalar(None if null else event.value)
        elif isinstance(event, SequenceStartEvent):
            node = self._items(depth)
        else:
            node = self._group(depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: Any, line: int) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            name = clip(event.anchor, 60)
            self._flaw(event, f"*{name} refers to nothing above; as plain text it needs quotes")
            return Scalar(None)
        self._count(node.size, line)
        return node

    def _count(self, nodes: int, line: int) -> None:
        self._nodes += nodes
        if self._nodes > MOST_NODES:
            raise _Unreadable(line, f"the file holds more than {MOST_NODES:,} values")

    def _items(self, depth: int) -> Items:
        items: list[tuple[int, Node]] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            items.append((event.start_mark.line + 1, self._node(event, depth + 1)))
        return Items(tuple(items), 1 + sum(node.size for _, node in items))

    def _group(self, depth: int) -> Group:
        entries: dict[str, tuple[int, Node]] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            line = event.start_mark.line + 1
            key = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            if not isinstance(key, Scalar) or isinstance(event, AliasEvent):
                self._flaw(event, "a key must be one plain word")
            elif (name := "null" if key.text is None else key.text) in entries:
                first = entries[name][0]
                self._flaw(
                    event, f"{clip(name, 60)} is written twice; the first is on line {first}"
                )
            else:
                entries[name] = (line, value)
        return Group(entries, 1 + sum(1 + node.size for _, node in entries.values()))


_WORDS = (
    (
        r"mapping values are not allowed",
        "a colon where none can stand; check the indentation here and above, or use quotes",
    ),
    (r"found character '\\?t'", "a tab; indent with spaces"),
    (r"found character '(?P<c>.)'", "a value cannot begin with {c}; put it in quotes"),
    (r"unexpected end of stream", "a quote that was opened above is never closed"),
    (r"found '?<stream end>'?", "the file ends too early; a bracket or brace above is not closed"),
    (r"expected '(?P<a>.)' or '(?P<b>.)'", "{a} or {b} is missing before this place"),
    (r"expected <block end>", "this line does not fit the ones above; check its indentation"),
    (r"could not find expected ':'", "a colon is missing after the key"),
)


def _plain_words(error: MarkedYAMLError) -> str:
    said = " ".join(str(error.problem or error.context or "it is not YAML").split())
    for pattern, words in _WORDS:
        if found := re.search(pattern, said.replace("\t", "\\t")):
            return words.format(**found.groupdict())
    return clip(said, 200)
