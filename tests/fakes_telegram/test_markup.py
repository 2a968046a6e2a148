"""Texts with a parse_mode, and entities by themselves."""

from __future__ import annotations

import pytest

from tests.fakes.telegram.entities import covered, fixed, units
from tests.fakes.telegram.errors import Refused
from tests.fakes.telegram.look import styled
from tests.fakes.telegram.markup import parsed


@pytest.mark.parametrize(
    ("mode", "text", "shown", "kinds"),
    [
        ("HTML", "<b>b <i>bi</i></b>", "b bi", {"italic": "bi", "bold": "b bi"}),
        ("HTML", "&lt;&amp;&#33;&copy;", "<&!&copy;", {}),
        ("html", '<a href="https://e.org">l</a>', "l", {"text_link": "l"}),
        ("HTML", '<span class="tg-spoiler">s</span>', "s", {"spoiler": "s"}),
        ("HTML", "<blockquote expandable>q</blockquote>", "q", {"expandable_blockquote": "q"}),
        ("HTML", '<pre><code class="language-py">x</code></pre>', "x", {"pre": "x"}),
        ("MarkdownV2", "*b _bi_*", "b bi", {"italic": "bi", "bold": "b bi"}),
        ("MarkdownV2", "__u__ ~s~ ||p||", "u s p", {"underline": "u", "spoiler": "p"}),
        ("MarkdownV2", "`a*b` 1\\.", "a*b 1.", {"code": "a*b"}),
        ("MarkdownV2", "```py\nx = 1\n```", "x = 1\n", {"pre": "x = 1\n"}),
        ("MarkdownV2", ">one\n>two\nthree", "one\ntwo\nthree", {"blockquote": "one\ntwo"}),
        ("MarkdownV2", "[l](https://e\\.org)", "l", {"text_link": "l"}),
        ("Markdown", "*b* _i_ 1. [l](http://e.org)", "b i 1. l", {"bold": "b", "italic": "i"}),
    ],
)
def test_marks_become_entities(mode: str, text: str, shown: str, kinds: dict[str, str]) -> None:
    made = parsed(text, mode)
    assert made.text == shown
    found = {one["type"]: covered(made.text, one) for one in made.entities}
    assert found.items() >= kinds.items()


@pytest.mark.parametrize(
    ("mode", "text", "problem"),
    [
        ("HTML", "<x>", 'Unsupported start tag "x" at byte offset 0'),
        ("HTML", "ü</b>", "Unexpected end tag at byte offset 2"),
        ("HTML", "<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("HTML", "a < b", "Unclosed start tag at byte offset 2"),
        ("MarkdownV2", "a *b", "Can't find end of Bold entity at byte offset 2"),
        ("MarkdownV2", "[l](e", "Can't find end of a URL at byte offset 4"),
        ("Markdown", "a _b", "Can't find end of the entity starting at byte offset 2"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(mode: str, text: str, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        parsed(text, mode)
    assert refused.value.description == f"Bad Request: can't parse entities: {problem}"


def test_offsets_count_utf_16() -> None:
    assert units("a😀b") == 4
    one = {"type": "bold", "offset": 3, "length": 1}
    assert covered("a😀b", one) == "b"
    assert styled("a😀<", [one]) == "a😀<b>&lt;</b>"
    assert fixed("a😀b ", [{**one, "length": 2}]).entities == [one]
