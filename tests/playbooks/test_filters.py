from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.playbooks import filters, lists


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (1290, "1.2 KB"), (10_240, "10 KB"),
     (1_048_575, "1,023 KB"), (1_048_576, "1.0 MB"), (5 * 2**40, "5.0 TB"),
     (2**70, "1,048,576 PB")],
)  # fmt: skip
def test_sizes_are_for_people(number: int, words: str) -> None:
    assert filters.size(number) == words


@given(st.integers(0, 10**15), st.integers(1, 10**15))
def test_a_share_is_between_nothing_and_all(part: int, whole: int) -> None:
    shown = filters.percent(min(part, whole), whole)
    assert shown == "<1%" or 0 <= int(shown[:-1]) <= 100
    assert len(filters.bar(part, whole)) == 12


def test_times_and_counts_read_like_words() -> None:
    assert filters.span(5400) == "1 hour"
    assert filters.span(0) == "0 seconds"
    assert filters.span(63_072_000) == "2 years"
    assert filters.in_words("1d") == "1 day"
    assert filters.date(1_790_000_000) == "2026-09-21"
    assert filters.plural(1, "match", "matches") == "1 match"
    assert filters.plural(1200, "match", "matches") == "1,200 matches"


@given(st.text(alphabet="a` \n", max_size=30))
def test_code_and_fences_hold_any_text(text: str) -> None:
    inline = filters.code(text)
    ticks = len(inline) - len(inline.lstrip("`"))
    assert "\n" not in inline
    assert "`" * ticks not in inline[ticks:-ticks]
    first, *body, last = filters.fence(text).split("\n")
    assert first == last
    assert all(first not in line for line in body)


def test_markdown_in_what_was_read_stays_text() -> None:
    assert filters.plain("**a**\n# b [c](d) <@1>") == r"\*\*a\*\* \# b \[c\](d) \<@1\>"


def rows(*paths: str) -> list[dict[str, object]]:
    return [{"path": path, "size": 1} for path in paths]


def test_globs_choose_by_name_or_by_path() -> None:
    tree = rows("tests/a.py", "api/tests/b.py", "src/test_c.py", "src/contests/d.py", "README.md")
    chosen = lists.matching(tree, ["tests/*", "test_*.py", "readme*"])
    assert [row["path"] for row in chosen] == [
        "tests/a.py", "api/tests/b.py", "src/test_c.py", "README.md",
    ]  # fmt: skip
    assert [row["path"] for row in lists.without(tree, ["*.py"])] == ["README.md"]
    assert lists.matching(tree, []) == []


def test_rows_are_named_and_added_up_largest_first() -> None:
    named = lists.classify(
        rows("a.py", "b.PY", "Makefile", "c"), {"Py": [".py"], "M": ["Makefile"]}
    )
    assert lists.totals(named, by="class", of="size") == [
        {"name": "Py", "count": 2, "sum": 2},
        {"name": "M", "count": 1, "sum": 1},
        {"name": "Other", "count": 1, "sum": 1},
    ]


def test_a_listing_merges_context_and_cuts_long_lines_visibly() -> None:
    shown = lists.listing(
        [
            {"line": 2, "text": "two", "before": ["one"], "after": ["three"]},
            {"line": 3, "text": "three", "before": ["two"], "after": []},
            {"line": 9, "text": "x" * 50, "before": [], "after": []},
        ],
        width=10,
    )
    assert shown == "  1  one\n> 2  two\n> 3  three\n  ⋮\n> 9  xxxxxxxxx…"
    assert lists.listing([]) == ""
