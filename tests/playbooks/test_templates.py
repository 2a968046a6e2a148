"""The template language: values are data, and no template can run wild."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.playbooks.templates import (
    STOPPED,
    BadTemplate,
    Scope,
    compile_expression,
    compile_text,
    compile_tree,
    fill,
)

SCOPE = Scope(
    params=frozenset({"x", "n"}), steps=frozenset({"a"}), later=frozenset({"b"}),
    constants=frozenset({"c"}),
)  # fmt: skip


def render(source: str, x: Any = None, n: Any = 0) -> Any:
    variables = {"params": {"x": x, "n": n}, "steps": {"a": {"data": {"items": [1, 2]}}}}
    return fill(compile_tree(source, SCOPE), variables)


@given(st.text() | st.just("{{ params.n }}") | st.just("{% for a in range(9) %}"))
def test_a_value_comes_out_exactly_as_it_went_in(value: str) -> None:
    assert render("{{ params.x }}", value) == value
    assert render("<{{ params.x }}>", value) == f"<{value}>"
    assert render("{{ params.x ~ '' }}", value) == value


def test_a_whole_expression_keeps_its_type() -> None:
    assert render("{{ params.n }}", n=3) == 3
    assert render("{{ params.x }}", None) is None
    assert render("{{ [1, params.n] | map('string') }}", n=2) == ["1", "2"]
    assert render("n={{ params.n }}", n=3) == "n=3"
    assert render("plain {text}") == "plain {text}"


def test_a_key_called_like_a_method_is_the_key() -> None:
    assert render("{{ steps.a.data.items }}") == [1, 2]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{{ params.y }}", "there is no `params.y`"),
        ("{{ steps.b.data }}", "step `b` comes later"),
        ("{{ steps.z }}", "there is no `steps.z`"),
        ("{{ steps[params.x] }}", "name written out"),
        ("{{ params }}", "used as params.<name>"),
        ("{{ nobody }}", "no variable `nobody`"),
        ("{{ _meter }}", "no variable `_meter`"),
        ("{{ params.x | _meter }}", "no filter `_meter`"),
        ("{{ params.x | attr('y') }}", "no filter `attr`"),
        ("{{ params.x is weird }}", "No test named 'weird'|no test `weird`"),
        ("{{ params.x.upper() }}", "only range"),
        ("{{ ''.__class__.__mro__ }}{{ cycler() }}", "only range"),
        ("{{ 1 / 2 }}", "floats"),
        ("{{ 1.5 }}", "floats"),
        ("{{ 2 ** 9 }}", r"\*\*"),
        ("{% macro m() %}{% endmacro %}", "macros"),
        ("{% include 'x' %}", "include"),
        ("{% for a in [] recursive %}{% endfor %}", "recursive"),
        ("{% set params = 1 %}", "cannot be set"),
        ("{{ params.x ", "unexpected"),
    ],
)
def test_what_the_language_lacks_is_found_when_it_is_loaded(source: str, problem: str) -> None:
    with pytest.raises(BadTemplate, match=problem):
        compile_text(source, SCOPE)


def test_a_flaw_names_its_line() -> None:
    with pytest.raises(BadTemplate) as flaw:
        compile_text("a\nb\n{{ params.y }}", SCOPE)
    assert flaw.value.line == 3


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(1001) %}x{% endfor %}",
        "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}",
        "{{ 'a' * 1000000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ [params.x] * 1000000000 }}",
        "{{ params.x | replace('a', params.x) | replace('a', params.x) | length }}",
        "{{ [params.x, params.x, params.x] | join | length }}",
        "{{ (params.x ~ params.x ~ params.x) | length }}",
        "{{ (params.x + params.x + params.x) | length }}",
        "{{ params.x | left(1000000000) }}",
        "{{ params.x.__class__ }}",
        "{{ params.x.upper }}",
        "{{ params.x['__class__'] }}",
        "{{ params.x | map(attribute='__class__') | list }}",
        "{{ params.x | map('attr', '__class__') | list }}",
        "{{ steps.a.nothing }}",
        "{{ 1 // 0 }}",
    ],
)
def test_a_template_that_runs_wild_is_stopped(source: str) -> None:
    with pytest.raises(STOPPED):
        render(source, "a" * 90_000)


def test_a_condition_is_one_bare_expression() -> None:
    when = compile_expression("params.n > 2", SCOPE)
    assert when.get({"params": {"n": 3}}) is True
    with pytest.raises(BadTemplate):
        compile_expression("params.n }} {{ params.x", SCOPE)
