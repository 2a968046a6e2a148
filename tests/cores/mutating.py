"""Mutants: a module with one small fault in it.

A fault is what a person might have written by mistake: a wrong comparison, `or` for `and`, one
more, the other argument first, a line forgotten. SQL is code like the rest, so it has faults, too.
Left alone are what no test is meant to see: logging, crash points, assertions for the type
checker, annotations, table definitions, names that a module gives to things, and the words of
errors that only a bug can raise.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from tests.cores.faults import faults

_UNSEEN = ("log.", "crash_point(", "super().__init__(")
"""Calls whose going no test is meant to notice."""


@dataclass(frozen=True)
class Mutant:
    """One fault. `function` is where, by its qualified name ("" for the module itself); together
    with `change` and `nth` among equals it names the mutant, whatever lines move."""

    file: str
    function: str
    root: str
    change: str
    nth: int
    line: int
    index: int

    @property
    def name(self) -> str:
        return f"{self.file}:{self.function}: {self.change} #{self.nth}"


@dataclass
class _Site:
    function: str
    root: str
    line: int
    change: str
    do: Callable[[], None] = field(repr=False)


def mutants(file: str, source: str) -> list[Mutant]:
    """Every fault that can be put into a module."""
    seen, found = Counter[tuple[str, str]](), list[Mutant]()
    for index, site in enumerate(_Finder().sites(ast.parse(source))):
        key = (site.function, site.change)
        seen[key] += 1
        found.append(
            Mutant(file, site.function, site.root, site.change, seen[key], site.line, index)
        )
    return found


def mutated(source: str, filename: str, index: int) -> CodeType:
    """The module with the fault of that number in it."""
    tree = ast.parse(source)
    _Finder().sites(tree)[index].do()
    return compile(ast.fix_missing_locations(tree), filename, "exec", dont_inherit=True)


def code_of(module: CodeType, root: str) -> CodeType | None:
    """The code of a function or method of the module by its qualified name."""
    for const in module.co_consts:
        if isinstance(const, CodeType):
            if const.co_qualname == root and const.co_name != "<lambda>":
                return const
            if root.startswith(f"{const.co_qualname}."):
                return code_of(const, root)
    return None


class _Finder:
    def __init__(self) -> None:
        self._sites: list[_Site] = []
        self._scope: list[str] = []
        self._root = ""

    def sites(self, tree: ast.Module) -> list[_Site]:
        self._body(tree.body)
        return self._sites

    def _add(self, node: Any, change: str, do: Callable[[], None]) -> None:
        where = ".".join(self._scope) if self._root else ""
        self._sites.append(_Site(where, self._root, node.lineno, change, do))

    def _body(self, body: list[ast.stmt]) -> None:
        for place, statement in enumerate(body):
            self._statement(body, place, statement)

    def _statement(self, body: list[ast.stmt], place: int, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._definition(node)
            return
        if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal):
            return
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        if isinstance(node, ast.Expr) and ast.unparse(node).startswith(_UNSEEN):
            return
        if self._root:
            self._forgotten(body, place, node)
        elif _is_type(node):
            return
        if isinstance(node, ast.Raise) and "Error(" in ast.unparse(node):
            return
        if isinstance(node, ast.AnnAssign):
            if node.value:
                self._expressions(node, ("value",))
            return
        self._expressions(node, [n for n in node._fields if n not in ("body", "orelse")])
        for name in ("body", "orelse", "finalbody"):
            self._body(getattr(node, name, []))
        for handler in getattr(node, "handlers", []):
            self._body(handler.body)

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        if any("migrations(" in ast.unparse(each) for each in node.decorator_list):
            return
        if not isinstance(node, ast.ClassDef):
            self._expressions(node.args, ("defaults", "kw_defaults"))
        self._scope.append(node.name)
        outer = self._root
        if not isinstance(node, ast.ClassDef) and not outer:
            self._root = ".".join(self._scope)
        elif outer:
            self._scope.insert(-1, "<locals>")
        self._body(node.body)
        self._scope.pop()
        if outer:
            self._scope.pop()
        self._root = outer

    def _forgotten(self, body: list[ast.stmt], place: int, node: ast.stmt) -> None:
        text = ast.unparse(node).splitlines()[0][:70]
        instead: ast.stmt | None = None
        if isinstance(node, ast.Expr | ast.AugAssign | ast.Raise | ast.Delete):
            instead = ast.Pass()
        elif isinstance(node, ast.Break):
            instead = ast.Continue()
        elif isinstance(node, ast.Continue):
            instead = ast.Break()
        elif isinstance(node, ast.Return) and node.value and not _is_nothing(node.value):
            instead = ast.Return(ast.Constant(None))
        if instead is None:
            return
        new = ast.copy_location(instead, node)

        def do() -> None:
            body[place] = new

        self._add(node, f"`{text}` -> `{ast.unparse(new)}`", do)

    def _expressions(self, node: ast.AST, names: Any) -> None:
        for name in names:
            value = getattr(node, name, None)
            for place, each in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(each, ast.expr | ast.comprehension | ast.keyword | ast.withitem):
                    into = _Into(node, name, place if isinstance(value, list) else None)
                    self._expression(each, into)
                elif isinstance(each, ast.match_case):
                    self._expressions(each, ("guard",))
                    self._body(each.body)

    def _expression(self, node: Any, into: _Into) -> None:
        if isinstance(node, ast.Lambda):
            self._expressions(node, ("body",))
            return
        for new in faults(node, inside=bool(self._root)):
            ast.copy_location(new, node)
            self._add(
                node if hasattr(node, "lineno") else node.value,
                f"`{_shown(node, new)}` -> `{_shown(new, node)}`",
                lambda new=new: into.put(new),  # type: ignore[misc]
            )
        if isinstance(node, ast.JoinedStr):
            return
        if isinstance(node, ast.Call) and ast.unparse(node).startswith("cast("):
            return
        if isinstance(into.node, ast.If | ast.While | ast.IfExp) and into.name == "test":
            self._negated(node, into)
        self._expressions(node, node._fields)

    def _negated(self, node: Any, into: _Into) -> None:
        if isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant):
            return
        new = ast.copy_location(ast.UnaryOp(ast.Not(), node), node)
        text = ast.unparse(node)[:70]
        self._add(node, f"`if {text}` -> `if not {text}`", lambda: into.put(new))


@dataclass
class _Into:
    """A place in the tree that an expression stands in."""

    node: ast.AST
    name: str
    place: int | None

    def put(self, new: Any) -> None:
        if self.place is None:
            setattr(self.node, self.name, new)
        else:
            getattr(self.node, self.name)[self.place] = new


def _shown(node: Any, other: Any) -> str:
    """The text of an expression around where it differs from the other one."""
    text, against = ast.unparse(node), ast.unparse(other)
    if len(text) <= 70:
        return text
    same = next((n for n, (a, b) in enumerate(zip(text, against, strict=False)) if a != b), 0)
    return f"…{text[max(0, same - 30) : same + 30]}…"


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_type(node: ast.stmt) -> bool:
    """Whether a statement of a module names a type."""
    text = ast.unparse(node)
    return isinstance(node, ast.If) or bool(
        re.match(r"\w+ = (Literal|Callable|Mapping|tuple)\[", text)
    )
