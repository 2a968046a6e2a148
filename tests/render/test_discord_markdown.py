"""A model's markdown on Discord: nothing acts, nothing is lost, nothing is too long."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it.tree import SyntaxTreeNode

from bot.render.dialect import Wide, blocks
from bot.render.harmless import MOST_MARKS, visible
from bot.render.markdown import tree
from bot.render.packing import pack
from bot.render.split import size
from tests.examples import many
from tests.render.discord_markdown import acts, parse, said, walk
from tests.render.payloads import PAYLOADS

LIMIT = 2000


def messages(markdown: str, limit: int = LIMIT) -> list[str]:
    return pack(blocks(markdown), limit)


def words_of(node: SyntaxTreeNode) -> Iterator[str]:
    """Every text the markdown shows, in order."""
    if node.type in ("fence", "code_block", "code_inline", "text"):
        yield visible(node.content)
    for child in node.children:
        yield from words_of(child)


def letters(text: str) -> str:
    return "".join(re.findall(r"[^\W_]", text)).casefold()


def is_within(few: str, many: str) -> bool:
    """Whether all of `few` comes in `many`, in that order."""
    rest = iter(many)
    return all(letter in rest for letter in few)


def check(markdown: str, limit: int = LIMIT) -> None:
    read = blocks(markdown)
    made = pack(read, limit)
    for text in made:
        assert text.strip()
        assert size(text, utf16=True) <= limit
        assert text.count("```") % 2 == 0
        assert not acts(text), (markdown, text)
    if any(isinstance(block, Wide) for block in read):
        return
    shown = "".join(said(parse(text)) for text in made)
    wanted = letters("".join(words_of(tree(visible(markdown)))))
    assert is_within(wanted, letters(shown)), (markdown, made)


def test_there_are_hostile_payloads_enough() -> None:
    assert len(set(PAYLOADS)) >= 400


@pytest.mark.parametrize("n", range(0, len(PAYLOADS), 20))
def test_no_payload_calls_unfurls_or_hides(n: int) -> None:
    for payload in PAYLOADS[n : n + 20]:
        for text in messages(payload):
            assert not acts(text), (payload, text)
            assert size(text, utf16=True) <= LIMIT
        for text in messages(f"before {payload} after\n\nand `{payload}` more", 300):
            assert not acts(text), (payload, text)
        if not re.search("://[^ /]*[^\x00-\x7f]", visible(payload)):  # A host is shown in ASCII.
            check(f"{payload}\n\nafter it")


_BITS = (
    "word",
    "Ångström",
    "資金は十分です",
    "שלום עולם",
    "مرحبا بالعالم",
    "👩‍👩‍👧‍👦",
    "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "नमस्ते",
    "snake_case_name",
    "a*b",
    "**bold text**",
    "*it*",
    "~~gone~~",
    "`code`",
    "``a`b``",
    "2 < 3 > 1",
    "[a page](https://docs.example.org/a_b?c=d#e)",
    "https://docs.example.org/x_y.",
    "#142",
    "- x",
    "$0.05",
    "|",
    "||",
    "\\",
    "\\*",
    "_",
    "__init__",
    "C:\\dir",
    "&amp;",
    "@ana",
    "ana@example.org",
    "![pic](https://docs.example.org/p.png)",
    "x" * 90,
    "長" * 60,
    "***both***",
    "**a `c` *d***",
)


_PLAIN = [each for each in PAYLOADS[:200] if each.isascii() and len(each) < 200]


def random_line(rng: random.Random) -> str:
    bits = [rng.choice(_BITS) for _ in range(rng.randrange(1, 9))]
    if rng.random() < 0.15:
        bits.insert(rng.randrange(len(bits)), rng.choice(_PLAIN))
    return rng.choice((" ", " ", "")).join(bits)


def random_block(rng: random.Random) -> str:
    def line() -> str:
        return random_line(rng)

    kind = rng.randrange(9)
    if kind == 0:
        return "#" * rng.randrange(1, 7) + " " + line()
    if kind == 1:
        front = rng.choice(("- ", "* ", "1. ", "7) "))
        return "\n".join(
            "  " * rng.randrange(3) + front + line() for _ in range(rng.randrange(1, 12))
        )
    if kind == 2:
        mark = rng.choice(("```", "~~~", "````"))
        code = "\n".join(line() for _ in range(rng.randrange(0, 20)))
        return f"{mark}{rng.choice(('', 'python', 'c++', 'js title=x'))}\n{code}\n{mark}"
    if kind == 3:
        wide = rng.randrange(1, 5)
        rows = ["|" + "|".join("ab" for _ in range(wide)) + "|" for _ in range(rng.randrange(1, 6))]
        return "\n".join([rows[0], "|" + "---|" * wide, *rows])
    if kind == 4:
        return "\n".join("> " * rng.randrange(1, 4) + line() for _ in range(rng.randrange(1, 8)))
    return "\n".join(line() for _ in range(rng.randrange(1, 6)))


def random_answer(seed: int) -> str:
    rng = random.Random(seed)
    return "\n\n".join(random_block(rng) for _ in range(rng.randrange(1, 7)))


@pytest.mark.parametrize("seed", range(0, 200, 20))
def test_random_answers_arrive_whole_and_harmless(seed: int) -> None:
    for n in range(seed, seed + 20):
        check(random_answer(n))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200, 10_200, 500))
def test_thousands_of_random_answers_arrive_whole_and_harmless(seed: int) -> None:
    """Ten with `--long`, two without."""
    for n in range(seed, seed + (500 if many() else 100)):
        check(random_answer(n))


_MARKUP = st.text(alphabet="ab1 \n`*_~|<>[]()#-+.@:/\\!&;{}\u200b\u202e😀é", max_size=120)


@settings(max_examples=150, deadline=None)
@given(_MARKUP)
def test_any_markup_is_harmless(markdown: str) -> None:
    for text in messages(markdown, 200):
        assert not acts(text), (markdown, text)
        assert size(text, utf16=True) <= 200


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "@",
                "everyone",
                "<",
                "1",
                ">",
                "`",
                "``",
                "```",
                "\n",
                "here",
                "*",
                "**",
                "\\",
                "https://",
                "a.b",
                "[",
                "](",
                ")",
                "&",
                "#",
                ":",
                "||",
                " ",
                "~~",
                "> ",
                "- ",
            ]
        ),
        max_size=24,
    ).map("".join)
)
def test_no_mix_of_signs_acts(markdown: str) -> None:
    for text in messages(markdown):
        assert not acts(text), (markdown, text)


# ── by example ───────────────────────────────────────────────────────────────


def test_code_is_reopened_with_its_language_in_each_message() -> None:
    code = "\n".join(f"line_{n} = {n}" for n in range(400))
    made = messages(f"Look:\n\n```python\n{code}\n```\n\nDone.")
    parts = [text for text in made if "line_" in text]
    assert len(parts) == 3
    assert all(text.startswith(("Look:", "```python\n")) for text in parts)
    blocks_shown = [n.text for text in made for n in walk(parse(text)) if n.kind == "code_block"]
    assert "\n".join(blocks_shown) == code


def test_a_list_that_fits_is_never_broken_and_a_heading_goes_with_what_follows() -> None:
    entries = "\n".join(f"- entry number {n} of the list" for n in range(50))
    made = messages("x " * 500 + f"\n\n## The list\n\n{entries}")
    assert len(made) == 2
    assert made[1].startswith("## The list\n- entry number 0")
    assert made[1].count("\n- ") == 50


def test_bold_goes_on_bold_after_a_cut() -> None:
    made = messages("**" + "word " * 900 + "end**")
    assert len(made) > 1
    assert all(text.startswith("**") and text.endswith("**") for text in made)


def test_a_link_shows_its_host_and_is_not_unfurled() -> None:
    assert messages("see [the report](https://docs.example.org/r/142)") == [
        "see [the report](<https://docs.example.org/r/142>) (docs.example.org)"
    ]
    assert messages("[bank.example](https://evil.example/x)") == [
        "bank.example (<https://evil.example/x>)"
    ]
    assert messages("https://docs.example.orgを見て") == ["<https://docs.example.org>を見て"]
    assert "<" not in messages("https://b\u0430nk.example/")[0]
    assert "<" not in messages("https://bank.example@evil.example/")[0]


def test_a_table_a_phone_shows_is_code_and_another_is_for_a_file() -> None:
    small, wide = blocks(
        "| a | b |\n|---|--:|\n| x | 12 |\n\n| "
        + " | ".join(["c" * 20] * 4)
        + " |\n"
        + "|---" * 4
        + "|"
    )
    assert pack([small], LIMIT) == ["```\na   b\n-  --\nx  12\n```"]
    assert isinstance(wide, Wide)


def test_letters_that_cannot_be_seen_go_and_all_others_stay() -> None:
    assert visible("p\u200ba\u2060y\u00adp\U000e0041al") == "paypal"
    for text in ("שלום, עולם", "می‌خواهم", "क्‍ष", "👩‍👩‍👧", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "❤️", "1️⃣", "ế", "ภาษาไทย"):
        assert visible(text) == text
    assert visible("a" + "\u0301" * 60) == "a" + "\u0301" * MOST_MARKS
    accents = (chr(n) for n in range(sys.maxunicode + 1) if category(chr(n)) in ("Mn", "Me"))
    assert all(len(visible(f"a{accent * 9}b")) <= MOST_MARKS + 2 for accent in accents)
