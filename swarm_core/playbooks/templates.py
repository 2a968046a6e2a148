"""Compiling and evaluating what a playbook's file holds in braces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

import msgspec
from jinja2 import TemplateError, TemplateSyntaxError, Undefined, meta, nodes
from jinja2.environment import Template, TemplateExpression

from swarm_core.playbooks.sandbox import METER, Environment, Meter, Rewriter, forbidden

Variables = Mapping[str, Any]

STOPPED = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError)
"""What evaluating a template may raise: it is the playbook's fault, never the swarm's."""


class BadTemplate(ValueError):
    """A template cannot be used: `problem`, at `line` of its own text, from 1."""

    def __init__(self, line: int, problem: str) -> None:
        self.line = line
        self.problem = problem
        super().__init__(problem)


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The names a template may use at the place where it stands."""

    params: frozenset[str] = frozenset()
    constants: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    roots: frozenset[str] = frozenset()


Tree = Any
"""JSON whose texts may be `Text` or `Value`: what `fill` evaluates."""


class Text:
    """A template that makes text; the values in it come out exactly as they are."""

    def __init__(self, template: Template) -> None:
        self._template = template

    def pieces(self, variables: Variables) -> Iterator[str]:
        return self._template.generate({**variables, METER: Meter()})


class Value:
    """A template that is one expression and keeps its type."""

    def __init__(self, template: Template) -> None:
        self._expression = TemplateExpression(template, undefined_to_none=False)

    def get(self, variables: Variables) -> Any:
        """JSON without floats. Raises one of `STOPPED`."""
        return _json(self._expression({**variables, METER: Meter()}))


@lru_cache(maxsize=512)
def compile_text(source: str, scope: Scope) -> Text:
    """Raises `BadTemplate`. Kept, like all that is compiled here: it is what reading playbooks
    takes its time for, and they are read again and again."""
    return Text(_load(_parse(source, scope)))


@lru_cache(maxsize=512)
def compile_expression(source: str, scope: Scope) -> Value:
    """A bare expression, as in `when` and `foreach`. Raises `BadTemplate`."""
    tree = _parse("{{ " + source + " }}", scope)
    only = _only_expression(tree)
    if only is None:
        raise BadTemplate(1, "this is one expression without braces")
    return _value(only)


def compile_tree(value: Any, scope: Scope) -> Tree:
    """Every text of `value` compiled; one that is a single `{{ … }}` keeps its type.

    Raises `BadTemplate`, whose line counts from the text it is in.
    """
    match value:
        case str():
            return _leaf(value, scope)
        case dict():
            return {key: compile_tree(item, scope) for key, item in value.items()}
        case list() | tuple():
            return [compile_tree(item, scope) for item in value]
        case float():
            raise BadTemplate(1, "a playbook has no floats")
        case _:
            return value


@lru_cache(maxsize=512)
def _leaf(source: str, scope: Scope) -> Tree:
    tree = _parse(source, scope)
    only = _only_expression(tree)
    if only is not None:
        return _value(only)
    return Text(_load(tree)) if _has_expression(tree) else source


def fill(tree: Tree, variables: Variables) -> Any:
    """`tree` with its templates evaluated. Raises one of `STOPPED`."""
    match tree:
        case Value():
            return tree.get(variables)
        case Text():
            return "".join(tree.pieces(variables))
        case dict():
            return {key: fill(item, variables) for key, item in tree.items()}
        case list():
            return [fill(item, variables) for item in tree]
        case _:
            return tree


def problem_of(error: Exception) -> str:
    """What to tell the owner of a playbook whose template stopped."""
    message = str(error).strip() or type(error).__name__
    if isinstance(error, TemplateError):
        return message.splitlines()[0]
    return f"{type(error).__name__}: {message.splitlines()[0]}"


@cache
def _env() -> Environment:
    return Environment()


def _parse(source: str, scope: Scope) -> nodes.Template:
    env = _env()
    try:
        tree = env.parse(source)
    except TemplateSyntaxError as error:
        raise BadTemplate(error.lineno, error.message or "syntax error") from None
    for line, problem in _problems(tree, scope, env):
        raise BadTemplate(line, problem)
    return tree


def _problems(tree: nodes.Template, scope: Scope, env: Environment) -> Iterator[tuple[int, str]]:
    yield from forbidden(tree)
    for used in tree.find_all((nodes.Filter, nodes.Test)):
        kind, known = (
            ("filter", env.filters)
            if isinstance(used, nodes.Filter)
            else (
                "test",
                env.tests,
            )
        )
        if used.name not in known or used.name == METER:
            yield used.lineno, f"there is no {kind} `{used.name}`"
    yield from _unknown_names(tree, scope)


def _unknown_names(tree: nodes.Template, scope: Scope) -> Iterator[tuple[int, str]]:
    own = {name.name: name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    for name in own.keys() & {"params", "constants", "steps", "before", "item"}:
        yield own[name].lineno, f"`{name}` cannot be set"
    # A name set in one branch counts as undeclared for Jinja; reading it unset stops the template.
    free = meta.find_undeclared_variables(tree) - own.keys()
    members = {"params": scope.params, "constants": scope.constants, "steps": scope.steps}
    looked_into: set[int] = set()
    lookups: list[nodes.Getattr | nodes.Getitem] = [
        *tree.find_all(nodes.Getattr),
        *tree.find_all(nodes.Getitem),
    ]
    for node in lookups:
        owner = node.node
        if not isinstance(owner, nodes.Name) or owner.name not in free & set(members):
            continue
        looked_into.add(id(owner))
        member = _member(node)
        if member is None:
            yield node.lineno, f"`{owner.name}[…]` needs a name written out"
        elif owner.name == "steps" and member in scope.later:
            yield node.lineno, f"step `{member}` comes later"
        elif member not in members[owner.name]:
            yield node.lineno, f"there is no `{owner.name}.{member}`"
    for found in tree.find_all(nodes.Name):
        if found.ctx != "load" or found.name not in free:
            continue
        if found.name in members:
            if id(found) not in looked_into:
                yield found.lineno, f"`{found.name}` is used as {found.name}.<name>"
        elif found.name not in scope.roots | {"range"}:
            yield found.lineno, f"there is no variable `{found.name}`"


def _member(node: nodes.Getattr | nodes.Getitem) -> str | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    match node.arg:
        case nodes.Const(value=str(name)):
            return name
    return None


def _outputs(tree: nodes.Template) -> Iterable[nodes.Node]:
    for node in tree.body:
        yield from node.nodes if isinstance(node, nodes.Output) else [node]


def _only_expression(tree: nodes.Template) -> nodes.Expr | None:
    parts = list(_outputs(tree))
    if len(parts) == 1 and isinstance(parts[0], nodes.Expr):
        return None if isinstance(parts[0], nodes.TemplateData) else parts[0]
    return None


def _has_expression(tree: nodes.Template) -> bool:
    return any(not isinstance(part, nodes.TemplateData) for part in _outputs(tree))


def _value(expression: nodes.Expr) -> Value:
    assign = nodes.Assign(nodes.Name("result", "store", lineno=1), expression, lineno=1)
    return Value(_load(nodes.Template([assign], lineno=1)))


def _load(tree: nodes.Template) -> Template:
    env = _env()
    rewritten = Rewriter().visit(tree)
    rewritten.set_environment(env)
    code = env.compile(rewritten)
    return Template.from_code(env, code, env.globals)


def _json(value: Any, depth: int = 0) -> Any:
    if isinstance(value, Undefined):
        str(value)
    if depth > 20:
        raise ValueError("a value is nested too deeply")
    match value:
        case None | bool() | int() | str():
            return value
        case dict():
            return {str(key): _json(item, depth + 1) for key, item in value.items()}
        case list() | tuple() | range():
            return [_json(item, depth + 1) for item in value]
        case _ if isinstance(value, Iterable) and not isinstance(value, bytes):
            return [_json(item, depth + 1) for item in value]
        case _:
            raise TypeError(f"a {type(value).__name__} is not plain data")
