"""The language of playbook templates: Jinja, cut down to what reading recorded values needs.

Two things could go wrong. A *value* (a file's line, a page's title, what a person typed) could be
taken for a template: it cannot, because only text from the playbook's file is ever compiled, once,
when it is loaded; values are variables of it and come out as they went in. A *template* could run
wild by mistake: it cannot, because

- values are data without methods: `a.b` looks into a mapping and nowhere else, only `range` can
  be called, and only the filters listed here exist;
- loops are counted over the whole rendering, growing operators and filters are bounded, and
  rendering stops when the answer is long enough;
- there are no macros, includes, imports, blocks, floats, clock or random source, so the same
  record always gives the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, cast

from jinja2 import StrictUndefined, TemplateRuntimeError, nodes, pass_context
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from swarm_core.playbooks import filters, lists

LOOPS = 20_000
"""Turns of all loops of one rendering together."""
LONGEST_TEXT = 200_000
LONGEST_RANGE = 1_000
METER = "_meter"

_BUILT_IN = """
    abs capitalize d default dictsort first groupby int items last length count list lower map max
    min reject rejectattr reverse select selectattr sort string sum title trim unique upper
"""
_LOOP = """
    index index0 revindex revindex0 first last length depth depth0 previtem nextitem
"""
_FORBIDDEN: dict[type[nodes.Node], str] = {
    nodes.Macro: "macros",
    nodes.CallBlock: "call blocks",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "import",
    nodes.Extends: "extends",
    nodes.Block: "blocks",
    nodes.NSRef: "namespaces",
    nodes.Div: "`/` (it makes floats; use `//` or percent)",
    nodes.Pow: "`**`",
}


class Meter:
    """Counts the turns of all loops of one rendering."""

    def __init__(self) -> None:
        self._left = LOOPS

    def turn(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TemplateRuntimeError(f"more than {LOOPS:,} turns of its loops")


class Environment(ImmutableSandboxedEnvironment):
    """The one environment of all playbooks; holds no state of any of them."""

    intercepted_binops = frozenset({"+", "*", "%"})

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self.globals = {"range": _range}
        ours: dict[str, Callable[..., Any]] = {
            **filters.FILTERS,
            **lists.FILTERS,
            "join": _join,
            "replace": _replace,
        }
        self.filters = {name: JINJA_FILTERS[name] for name in _BUILT_IN.split()} | ours
        self.filters[METER] = _metered

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in _LOOP.split():
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, dict) and isinstance(argument, str | int) and argument in obj:
            return obj[argument]
        if isinstance(obj, list | tuple | str) and isinstance(argument, int | slice):
            try:
                return obj[argument]
            except IndexError:
                pass
        return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator in "*%":
            if not (isinstance(left, int) and isinstance(right, int)):
                raise TemplateRuntimeError(f"`{operator}` is for whole numbers")
            if left.bit_length() + right.bit_length() > 128:
                raise TemplateRuntimeError("a number is too large")
        return _bounded(super().call_binop(context, operator, left, right))


class Rewriter(NodeTransformer):
    """Counts every loop and bounds every `~`, so that no template can leave them out."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.iter = _filter(node.iter, METER, node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _filter(nodes.List(list(node.nodes), lineno=node.lineno), "join", node.lineno)


def forbidden(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """(line, problem) for everything in a parsed template that this language does not have."""
    for node in tree.find_all(nodes.Node):
        for kind, what in _FORBIDDEN.items():
            if isinstance(node, kind):
                yield node.lineno, f"a playbook has no {what}"
        match node:
            case nodes.Const(value=float()):
                yield node.lineno, "a playbook has no floats"
            case nodes.For(recursive=True):
                yield node.lineno, "a playbook has no recursive loops"
            case nodes.Call() if not (
                isinstance(node.node, nodes.Name) and node.node.name == "range"
            ):
                yield node.lineno, "only range() can be called; values have no methods, use filters"


def _filter(node: nodes.Node, name: str, line: int) -> nodes.Filter:
    return nodes.Filter(cast("nodes.Expr", node), name, [], [], None, None, lineno=line)


@pass_context
def _metered(context: Context, items: Iterable[Any]) -> Iterator[Any]:
    meter = context[METER]
    for item in items:
        meter.turn()
        yield item


def _range(*args: int) -> range:
    found = range(*args)
    if len(found) > LONGEST_RANGE:
        raise TemplateRuntimeError(f"range() gives at most {LONGEST_RANGE:,} numbers")
    return found


def _join(values: Iterable[Any], separator: str = "") -> str:
    parts: list[str] = []
    room = LONGEST_TEXT
    for value in islice(values, LOOPS + 1):
        parts.append(str(value))
        room -= len(parts[-1]) + len(separator)
        if room < 0:
            raise TemplateRuntimeError("a text grows too long")
    return separator.join(parts)


def _replace(text: str, old: str, new: str) -> str:
    text = str(text)
    if len(text) + text.count(old) * len(new) > LONGEST_TEXT:
        raise TemplateRuntimeError("a text grows too long")
    return text.replace(old, new)


def _bounded(value: Any) -> Any:
    if isinstance(value, str | list) and len(value) > LONGEST_TEXT:
        raise TemplateRuntimeError("a text or list grows too long")
    return value
