"""What one expression may wrongly be instead: another comparison, `or` for `and`, one more, the
other argument first; in SQL as in Python."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from typing import Any

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_SAME = ("utf-8", "ascii")
"""Names that Python knows whatever signs stand around them."""
_SQL = re.compile(r"\s*(select|insert|update|delete|with)\b")
_IN_SQL: tuple[tuple[str, str], ...] = (
    (r"(?<![<>])<=", "<"),
    (r"(?<![<>])>=", ">"),
    (r"<(?![=>])", "<="),
    (r"(?<!<)>(?![=>])(?!>)", ">="),
    (r"\band\b(?! *\?)", "or"),
    (r"\bor\b(?! (ignore|replace))", "and"),
    (r" \+ ", " - "),
    (r" - ", " + "),
    (r"\bmin\(", "max("),
    (r"\bmax\(", "min("),
    (r" desc\b", ""),
    (r"\bis not null", "is null"),
    (r"\bis null", "is not null"),
    (r"\bor (ignore|replace)\b", ""),
    (r"\bdistinct\b", ""),
)


def faults(node: Any, *, inside: bool) -> Iterator[Any]:
    """Each expression that could stand there by mistake; `inside` a function also other names."""
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            new = copy.copy(node)
            new.ops = [*node.ops[:place], _COMPARED[type(op)](), *node.ops[place + 1 :]]
            yield new
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield ast.BoolOp(other, node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _COMPUTED:
        yield ast.BinOp(node.left, _COMPUTED[type(node.op)](), node.right)
    elif isinstance(node, ast.Call) and len(node.args) > 1:
        first, second = node.args[:2]
        starred = isinstance(first, ast.Starred) or isinstance(second, ast.Starred)
        if not starred and not _is_text(first) and ast.unparse(node.func) not in ("max", "min"):
            yield ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)
    elif isinstance(node, ast.Constant):
        yield from map(ast.Constant, _other(node.value, inside=inside))


def _other(value: object, *, inside: bool) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, str) and _SQL.match(value):
        for pattern, instead in _IN_SQL:
            for found in re.finditer(pattern, value):
                yield value[: found.start()] + instead + value[found.end() :]
    elif inside and isinstance(value, str) and value and _named(value):
        yield f"{value}~"


def _named(value: str) -> bool:
    return not re.search(r"\s", value) and value not in _SAME


def _is_text(node: ast.expr) -> bool:
    """A statement before its values: nobody writes them the other way round."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
