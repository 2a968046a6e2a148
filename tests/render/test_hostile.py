from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import width as cells

from bot.render.terminal import render, status_card
from bot.reply import Button, Buttons, Card, File, KeyValues, Notice, Part, Reply, Table, Text

SGR = re.compile(r"\x1b\[[\d;]*m")
ATTACKS = [
    "\x1b[2J\x1b[1;1Hgone",
    "\x1b]0;title\x07",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x9b31mred",
    "\x1bP+q\x1b\\",
    "a\rb",
    "a\x08\x08b",
    "\u202egnp.exe",
    "\u2066x\u2069",
    "&#x202e;gnp",
    "&#27;[31m",
    "\x00\x07",
    "\ud800",
    "\u2028line",
]
QUICK = settings(max_examples=100, deadline=None, derandomize=True)
texts = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            [*ATTACKS, "[bold]x[/bold]", "漢字", "👩‍👩‍👧‍👦", "word ", " ", "\n", "z" * 50]
        ),
        max_size=8,
    ).map("".join),
)
pairs = st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
buttons = st.lists(st.builds(Button, texts, texts), max_size=3).map(tuple)
cards = st.builds(
    Card,
    title=texts,
    state=texts,
    level=st.sampled_from(["info", "ok", "warn", "error"]),
    fields=pairs,
    lines=st.lists(texts, max_size=3).map(tuple),
    buttons=buttons,
    footer=texts,
)
tables = st.integers(1, 4).flatmap(
    lambda wide: st.builds(
        Table,
        columns=st.tuples(*[texts] * wide),
        rows=st.lists(st.tuples(*[texts] * wide), max_size=3).map(tuple),
        align=st.tuples(*[st.sampled_from(["left", "right"])] * wide),
        empty=texts,
    )
)
wrapped: st.SearchStrategy[Part] = st.one_of(
    cards,
    tables,
    st.builds(KeyValues, pairs=pairs, title=texts),
    st.builds(Notice, level=st.just("error"), text=texts, hint=texts),
    st.builds(Buttons, buttons),
)


def visible(styled: str) -> str:
    return SGR.sub("", styled)


def harmless(text: str) -> bool:
    return not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text
    )


@QUICK
@given(part=wrapped, width=st.integers(20, 200), styled=st.booleans())
def test_no_line_is_wider_than_the_terminal_and_nothing_repaints_it(
    part: Part, width: int, styled: bool
) -> None:
    shown = visible(render(Reply((part,)), width=width, styled=styled))
    assert harmless(shown)
    assert max(map(cells, shown.split("\n"))) <= width


@QUICK
@given(card=cards, width=st.integers(20, 200), styled=st.booleans())
def test_a_status_bar_is_three_lines_at_most(card: Card, width: int, styled: bool) -> None:
    shown = visible(status_card(card, width=width, styled=styled))
    assert harmless(shown)
    assert len(shown.split("\n")) <= 3
    assert max(map(cells, shown.split("\n"))) <= width


@QUICK
@given(source=texts, styled=st.booleans())
def test_markdown_and_files_cannot_repaint_the_screen(source: str, styled: bool) -> None:
    file = File(name=source, data=source.encode("utf-8", "replace"))
    for part in (Text(source), Text(f"```{source}\n{source}\n```"), Text(f"[x]({source})"), file):
        assert harmless(visible(render(Reply((part,)), width=40, styled=styled)))


@QUICK
@given(
    rows=st.lists(st.tuples(*[st.text("ab漢é-", max_size=30)] * 3), min_size=1, max_size=4),
    width=st.integers(20, 100),
)
def test_a_table_leaves_no_character_out(rows: list[tuple[str, str, str]], width: int) -> None:
    table = Table(columns=("x", "y", "z"), rows=tuple(rows))
    shown = render(Reply((table,)), width=width, styled=False)
    for letter in "ab漢é-":
        assert shown.count(letter) == sum(cell.count(letter) for row in rows for cell in row)


def test_console_markup_is_text() -> None:
    reply = Reply((Text("[bold red]x[/] :bee:"), Notice(level="info", text="[link=x]y[/link]")))
    shown = visible(render(reply, width=80, styled=True))
    assert shown == "[bold red]x[/] :bee:\n\n[link=x]y[/link]"


def test_the_words_of_a_link_do_not_hide_where_it_leads() -> None:
    reply = Reply((Text("[https://bank.example](https://evil.example/x)"),))
    shown = render(reply, width=80, styled=False)
    assert shown == "https://bank.example (https://evil.example/x)"


def test_angle_brackets_in_prose_are_kept() -> None:
    reply = Reply((Text("a List<String> and <b>bold</b>"),))
    assert render(reply, width=80, styled=False) == "a List<String> and <b>bold</b>"


@pytest.mark.parametrize(
    "fill", ["a", "漢", "🐝", "\u0301", "word ", "\x1b[31m", "[", "`", "*a", "> "]
)
@pytest.mark.parametrize("styled", [False, True])
def test_enormous_lines_are_shown(fill: str, styled: bool) -> None:
    line = fill * (40_000 // len(fill))
    reply = Reply(
        (
            Notice(level="info", text=line),
            Table(columns=("x", "y"), rows=((line, "1"),)),
            Text(line[:20_000]),
        )
    )
    assert render(reply, width=80, styled=styled)


def test_plain_text_does_not_load_the_styling_library() -> None:
    program = (
        "import sys\n"
        "from bot.render.terminal import render\n"
        "from bot.reply import Notice, Reply, Text\n"
        "light = render(Reply((Notice(level='ok', text='Done.'),)), width=80, styled=False)\n"
        "assert 'markdown_it' not in sys.modules\n"
        "render(Reply((Text('# x'),)), width=80, styled=False)\n"
        "assert 'rich' not in sys.modules\n"
        "print(light)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("ok: Done.\n", "")
