"""Replies as Discord messages: within every limit, whole, and in words."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages import Messages
from bot.render.cards import status_card
from bot.render.discord import render
from bot.render.outgoing import SUPPRESS_EMBEDS, Outgoing, presses, with_ids
from bot.reply import Button, Buttons, Card, File, KeyValues, Notice, Part, Reply, Table, Text
from tests.render.discord_limits import refused
from tests.render.payloads import PAYLOADS
from tests.render.samples import CARD, LONG, MONEY, SAMPLES

SAY = Messages.load(strict=True)


def sent(*parts: Part, **more: object) -> tuple[Outgoing, ...]:
    made = render(Reply(parts=parts, **more), SAY)  # type: ignore[arg-type]
    for message in made:
        assert not refused(message), message
    return made


def test_every_sample_can_be_sent() -> None:
    for reply in SAMPLES.values():
        assert sent(*reply.parts)


def test_a_card_says_its_state_in_words_and_has_three_buttons_and_more() -> None:
    buttons = tuple(Button(name, f"/{name} 142") for name in ("cancel", "why", "show", "tell"))
    (made,) = sent(
        Card(
            title="#142 Links",
            state="running",
            level="info",
            buttons=buttons,
            fields=(("Worker", "ana"), ("Spent", "$0.01")),
            footer="12:04",
        )
    )
    (embed,) = made.embeds
    assert [(f.name, f.value) for f in embed.fields] == [
        ("State", "running"),
        ("Worker", "ana"),
        ("Spent", "$0.01"),
    ]
    assert (embed.footer, made.flags, made.content) == ("12:04", 0, "")
    assert [press.label for press in presses(made)] == ["cancel", "why", "show", "More"]
    assert presses(made)[-1].lines == (Button("tell", "/tell 142"),)


def test_nothing_of_a_large_card_is_lost() -> None:
    fields = tuple((f"name {n}", f"value {n} " + "x" * 90) for n in range(60))
    lines = tuple(f"line {n} " + "y" * 90 for n in range(60))
    made = sent(Card(title="t" * 400, state="waiting", fields=fields, lines=lines))
    told = "".join(str((m.embeds, m.content, m.files)) for m in made)
    assert all(f"value {n} " in told and f"line {n} " in told for n in range(60))


def test_a_live_card_is_one_message_with_the_end_of_what_is_said() -> None:
    card = Card(
        title="#1", state="running", saying="word " * 2_000 + "the end", lines=("news " * 20,) * 20
    )
    made = status_card(card, SAY)
    assert not refused(made)
    assert made.embeds[0].description.endswith("the end")
    assert "…" in made.embeds[0].description


def test_the_answer_comes_first_and_its_stamp_small_after_it() -> None:
    told = Notice(level="ok", text="#5 is done.", hint="ana · small · $0.01 · 3 s")
    (made,) = sent(told, Text("**42**"), ending=5)
    assert made.content == "**42**\n\n-# #5 is done. ana · small · $0.01 · 3 s"
    assert made.flags == SUPPRESS_EMBEDS


def test_a_long_answer_is_three_messages_and_a_longer_one_a_file_with_its_beginning() -> None:
    text = "\n\n".join(f"Paragraph {n}. " + "words and more words " * 12 for n in range(18))
    assert 2 <= len(sent(Text(text))) <= 3
    made = sent(Notice(level="ok", text="#5 is done.", hint="x"), Text(text * 4), ending=5)
    assert [file.name for file in made[-1].files] == ["answer.md"]
    assert made[-1].files[0].data.decode() == text * 4
    assert made[0].content.startswith("Paragraph 0")
    assert "`answer.md`" in made[0].content


def test_the_beginning_of_an_answer_in_a_file_names_what_comes_further_on() -> None:
    long = "words and more words " * 150
    titles = ("The dance", "What `@everyone` **costs**", "Honey")
    text = "\n\n".join(f"## {title}\n\n{long}" for title in titles)
    made = sent(Text(text))
    assert made[-1].files[0].name == "answer.md"
    assert "Further on: What @\u200beveryone costs · Honey" in made[0].content
    many = "\n\n".join(f"# Title {n}\n\n{'word ' * 60}" for n in range(200))
    assert "…" in sent(Text(many))[0].content


def test_a_decision_is_a_card_with_the_action_its_end_and_the_answers() -> None:
    text = "It waits for a yes to its price: up to $0.40. `/approve ab12` has it done."
    buttons = Buttons((Button("Yes", "/approve ab12"), Button("No", "/deny ab12")))
    receipt, made = sent(
        Notice(level="info", text="#9 accepted, for ana."),
        Notice(level="warn", text=text, hint="Without a decision by 12:00 it is denied."),
        buttons,
        asks="ab12",
    )
    assert receipt.content == "#9 accepted, for ana."
    assert made.embeds[0].description == text.replace("ab12`", "id: ab12`")
    assert made.embeds[0].footer == "Without a decision by 12:00 it is denied."
    assert [press.lines for press in presses(made)] == [
        (Button("Yes", "/approve ab12"),),
        (Button("No", "/deny ab12"),),
    ]


def test_a_listing_is_columns_on_a_phone_or_an_entry_a_row_and_never_loses_a_cell() -> None:
    small = Table(columns=("a", "b"), rows=(("x", "1"),), align=("left", "right"))
    assert sent(small)[0].content == "```\na  b\n-  -\nx  1\n```"
    assert "資金は十分です" in sent(MONEY)[0].content
    wide = Table(
        columns=("task", "what", "cost"),
        rows=(("#142", "https://docs.example.org/guide/getting-started/x", "$0.0123"),) * 2,
        align=("left", "left", "right"),
    )
    entry = "- **#142** · what: <https://docs.example.org/guide/getting-started/x> · cost: $0.0123"
    assert sent(wide)[0].content == f"{entry}\n{entry}"
    rows = tuple((str(n), "w" * 70, "v" * 40) for n in range(300))
    *_, last = sent(Table(columns=("n", "w", "v"), rows=rows))
    assert last.files[0].data.decode().count("w" * 70) == 300


def test_a_picture_carries_what_it_shows_in_words() -> None:
    picture = File(
        name="b ü.png",
        data=b"\x89PNG",
        media_type="image/png",
        alt="A bar " * 400,
        path="/home/ana/state/b.png",
    )
    (made,) = sent(Notice(level="info", text="Spent each day"), picture)
    assert made.files[0].name == "b--.png"
    assert made.alt[0].startswith("A bar A bar")
    assert "/home/ana" not in str(made)
    (card,) = sent(CARD, picture)
    assert card.embeds[0].image == "b--.png"


def test_many_files_and_many_buttons_go_into_as_many_messages_as_they_need() -> None:
    files = tuple(File(name="a.txt", data=b"x") for _ in range(23))
    buttons = Buttons(tuple(Button(f"b{n}", f"/show {n}") for n in range(40)))
    made = sent(Text("hello"), buttons, *files)
    assert sum(len(message.files) for message in made) == 23
    lines = [each.command for m in made for press in presses(m) for each in press.lines]
    assert lines == [f"/show {n}" for n in range(40)]


def test_only_the_id_of_a_button_goes_out() -> None:
    (made,) = sent(CARD)
    bound = with_ids(made, ["one", "two"])
    assert [press.id for press in presses(bound)] == ["one", "two"]
    assert [press.label for press in presses(bound)] == ["Approve", "Stop"]


def test_private_is_private_in_every_message() -> None:
    assert all(message.ephemeral for message in sent(CARD, Text(LONG), private=True))


def test_what_has_nothing_to_show_is_no_message() -> None:
    assert sent(Text("  \n")) == ()


_TEXT = st.one_of(st.sampled_from(PAYLOADS), st.text(max_size=60), st.just("word " * 250))
_PAIR = st.tuples(_TEXT, _TEXT)
_BUTTON = st.builds(Button, _TEXT, st.just("/why 1"))
_PART: st.SearchStrategy[Part] = st.one_of(
    st.builds(Text, _TEXT),
    st.builds(Notice, level=st.sampled_from(["info", "ok", "warn"]), text=_TEXT, hint=_TEXT),
    st.builds(KeyValues, title=_TEXT, pairs=st.lists(_PAIR, max_size=4).map(tuple)),
    st.builds(
        Card,
        title=_TEXT,
        state=_TEXT,
        fields=st.lists(_PAIR, max_size=6).map(tuple),
        lines=st.lists(_TEXT, max_size=4).map(tuple),
        footer=_TEXT,
        saying=_TEXT,
        buttons=st.lists(_BUTTON, max_size=6).map(tuple),
    ),
    st.builds(Buttons, st.lists(_BUTTON, max_size=30).map(tuple)),
    st.builds(Table, columns=st.just(("a", "b")), rows=st.lists(_PAIR, max_size=6).map(tuple)),
    st.builds(
        File,
        name=_TEXT,
        data=st.just(b"x"),
        alt=_TEXT,
        media_type=st.sampled_from(["text/plain", "image/png"]),
    ),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_PART, max_size=4), st.booleans())
def test_whatever_is_said_can_be_sent(parts: list[Part], ends: bool) -> None:
    sent(*parts, ending=1 if ends else None)
    for part in parts:
        if isinstance(part, Card):
            assert not refused(status_card(part, SAY))


def test_many_choices_of_one_sort_are_lists_to_pick_from_and_few_are_buttons() -> None:
    many = Buttons(tuple(Button(f"#{n}", f"/retry {n}") for n in range(30)), pick="Try again")
    few = Buttons((Button("#1", "/retry 1"),), pick="Try again")
    (made,) = sent(Text("hello"), many, Buttons((Button("Why", "/why 1"),)))
    (plain,) = sent(Text("hello"), few)
    assert [[press.pick for press in row] for row in made.components] == [[True], [True], [False]]
    assert [len(press.lines) for press in presses(made)] == [25, 5, 1]
    assert [(press.label, press.pick) for press in presses(plain)] == [("#1", False)]


def test_ids_go_to_the_buttons_of_all_rows_in_their_order() -> None:
    many = Reply(parts=(Buttons(tuple(Button(f"b{n}", f"/show {n}") for n in range(1, 22))),))
    (made,) = render(many, SAY)
    bound = with_ids(made, [f"id{n}" for n in range(1, 22)])
    assert [len(row) for row in bound.components] == [5, 5, 5, 5, 1]
    assert [(press.label, press.id) for press in presses(bound)] == [
        (f"b{n}", f"id{n}") for n in range(1, 22)
    ]
