from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.render.terminal import render, status_card
from bot.reply import Card, KeyValues, Reply, Table, Text
from tests.render.samples import CARD, SAMPLES

GOLDEN = Path(__file__).parent / "golden"
SGR = re.compile(r"\x1b\[([\d;]+)m")
WIDTHS = (40, 80, 120)


def spelled(styled: str) -> str:
    """ANSI styles as tags one can read: <1> … </>."""
    return SGR.sub(lambda found: "</>" if found[1] == "0" else f"<{found[1]}>", styled)


def sheet(name: str, styled: bool) -> str:
    """How a sample looks at all widths, in the form of its golden file."""
    shown = (
        f"── {width} columns ──\n{spelled(render(SAMPLES[name], width=width, styled=styled))}\n"
        for width in WIDTHS
    )
    return "\n".join(shown)


@pytest.mark.parametrize("styled", [False, True], ids=["plain", "styled"])
@pytest.mark.parametrize("name", SAMPLES)
def test_a_reply_looks_as_agreed(name: str, styled: bool) -> None:
    golden = GOLDEN / f"{name}.{'styled' if styled else 'plain'}.txt"
    assert sheet(name, styled) == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SAMPLES)
def test_plain_text_has_no_drawing_and_no_escapes(name: str) -> None:
    for width in WIDTHS:
        shown = render(SAMPLES[name], width=width, styled=False)
        assert not re.search("[\x1b\u2500-\u259f]", shown)
        assert all(line == line.rstrip() for line in shown.split("\n"))


def test_a_status_bar_keeps_the_state_and_marks_what_it_leaves_out() -> None:
    assert status_card(CARD, width=40, styled=False).split("\n") == [
        "#142 Check the l… [waiting for approval]",
        "worker: link-checker (playbook) …",
        "next: post a comment on issue 17 …",
    ]
    fields = "step: 3 of 25 · spent: $0.0123 of $0.25 · elapsed: 1 min 4 s"
    assert status_card(CARD, width=120, styled=False).split("\n") == [
        "#142 Check the links on the documentation site [waiting for approval]",
        f"worker: link-checker (playbook) · {fields}",
        "next: post a comment on issue 17 · Approve: /approve 7f3a · Stop: /stop 142",
    ]


def test_a_styled_status_bar_has_the_same_words() -> None:
    for width in WIDTHS:
        styled = status_card(CARD, width=width, styled=True)
        assert SGR.sub("", styled) == status_card(CARD, width=width, styled=False)


def test_a_bare_card_is_one_line() -> None:
    card = Card(title="#7 tidy", state="done", level="ok")
    assert render(Reply((card,)), width=80, styled=False) == "#7 tidy [done]"
    assert status_card(card, width=80, styled=False) == "#7 tidy [done]"
    assert spelled(status_card(card, width=80, styled=True)) == "<1>#7 tidy</> <32>[done]</>"


def test_nothing_to_say_is_nothing() -> None:
    empty = Reply((Text(""), Table(columns=("a",)), KeyValues(pairs=())))
    assert render(empty, width=80, styled=False) == ""
    assert render(Reply(()), width=80, styled=True) == ""


def test_wide_characters_keep_columns_in_line() -> None:
    table = Table(columns=("name", "n"), rows=(("漢字", "1"), ("👩‍👩‍👧", "2"), ("e\u0301", "3")))
    assert render(Reply((table,)), width=40, styled=False).split("\n") == [
        "name  n",
        "漢字  1",
        "👩‍👩‍👧    2",
        "e\u0301     3",
    ]


def test_a_table_too_wide_for_columns_becomes_labelled_blocks() -> None:
    table = Table(
        columns=("digest", "at"),
        rows=(("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "12:04"), ("sha256:0", "")),
    )
    assert render(Reply((table,)), width=40, styled=False).split("\n") == [
        "digest: sha256:9f86d081884c7d659a2feaa0c",
        "  55ad015a3bf4f1b",
        "at: 12:04",
        "",
        "digest: sha256:0",
    ]


def test_code_is_verbatim_however_long() -> None:
    code = "x = [" + "1, " * 60 + "]"
    shown = render(Reply((Text(f"```\n\tif a:\n{code}\n```"),)), width=40, styled=False)
    assert shown.split("\n") == ["```", "    if a:", code, "```"]
