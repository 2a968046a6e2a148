"""Replies as Telegram messages: within every limit, whole, and nothing in them acts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Messages
from bot.render.entities import entities, marked, size
from bot.render.harmless import visible
from bot.render.markdown import tree
from bot.render.outgoing import Attached, Outgoing, presses
from bot.render.telegram import addressed, photo, render
from bot.reply import Button, Buttons, Card, File, Notice, Part, Reply, Table, Text
from tests.render.payloads import PAYLOADS
from tests.render.samples import LONG, SAMPLES
from tests.render.telegram_limits import acts, covered, refused
from tests.render.test_discord_markdown import _BITS, is_within, letters, words_of

SAY = Messages.load(strict=True)


def messages(*parts: Part, **more: object) -> tuple[Outgoing, ...]:
    made = render(Reply(parts=parts, **more), SAY)  # type: ignore[arg-type]
    for message in made:
        assert not refused(message), (refused(message), message)
    return made


def text_of(made: tuple[Outgoing, ...]) -> str:
    return "\n".join(entities(message.content)[0] for message in made)


def stretches(message: Outgoing) -> list[tuple[str, str, str]]:
    text, found = entities(message.content)
    return [(each.kind, covered(text, each), each.about) for each in found]


def check(markdown: str) -> None:
    """It can be sent, nothing in it acts, and all of it is there."""
    made = messages(Text(markdown))
    for message in made:
        assert not acts(message), (markdown, acts(message))
    if any(message.files for message in made):
        return
    wanted = letters("".join(words_of(tree(visible(markdown)))))
    assert is_within(wanted, letters(text_of(made))), (markdown, text_of(made))


def test_every_sample_can_be_sent() -> None:
    for reply in SAMPLES.values():
        assert messages(*reply.parts)


def test_markdown_becomes_entities() -> None:
    (made,) = messages(Text(LONG))
    found = stretches(made)
    assert ("bold", "What I found", "") in found
    assert ("code", "redirects", "") in found
    assert ("text_link", "the report", "https://docs.example.org/r/142") in found
    assert ("strikethrough", "one", "") in found
    (quote,) = [said for kind, said, _ in found if kind == "blockquote"]
    assert re.fullmatch("It worked yesterday.*remembers.", quote)
    assert [about for kind, _, about in found if kind == "pre"] == ["sh", ""]


def test_a_card_is_a_message_with_its_buttons_and_nothing_of_a_large_one_is_lost() -> None:
    buttons = tuple(Button(name, f"/{name} 142") for name in ("cancel", "why", "show", "tell"))
    fields = tuple((f"name {n}", f"value {n} " + "x" * 90) for n in range(60))
    made = messages(Card(title="#142 Links", state="running", fields=fields, buttons=buttons))
    assert entities(made[0].content)[0].startswith("#142 Links\nState: running\nname 0: value 0")
    assert [press.label for press in presses(made[0])] == ["cancel", "why", "show", "More"]
    assert all(f"value {n} " in text_of(made) for n in range(60))


def test_choices_stand_side_by_side_while_a_phone_has_room() -> None:
    buttons = [
        Button(name, "/x") for name in ("Yes", "No", "Maybe", "Ask me again tomorrow at noon")
    ]
    (made,) = messages(Notice(level="info", text="Well?"), Buttons(tuple(buttons)))
    assert [[press.label for press in row] for row in made.components] == [
        ["Yes", "No", "Maybe"],
        ["Ask me again tomorrow at noon"],
    ]
    listed = tuple(Button(f"number {n}", f"/show {n}") for n in range(40))
    (made,) = messages(Buttons(listed, "Which?"))
    assert [len(row) for row in made.components] == [1] * 25
    assert len(made.components[-1][0].lines) == 16


def test_files_are_calls_of_their_own_a_short_text_their_caption() -> None:
    chart = File(name="spend.png", data=b"png", media_type="image/png", alt="$5 of $9")
    notes = File(name="notes.txt", data=b"text")
    one, two = messages(Text("Here."), notes, chart)
    assert (entities(one.content)[0], one.files[0].name) == ("Here.", "notes.txt")
    assert (entities(two.content)[0], two.files[0].name) == ("$5 of $9", "spend.png")
    text, file = messages(Text("word " * 300), notes)
    assert (text.files, file.files[0].name) == ((), "notes.txt")


def test_a_longer_answer_is_a_file_with_its_beginning() -> None:
    made = messages(Text("\n\n".join(f"paragraph {n} " + "word " * 100 for n in range(60))))
    assert len(made) == 2
    assert made[1].files[0].name == "answer.md" or made[0].files[0].name == "answer.md"


def test_a_table_of_ours_is_columns_only_where_a_phone_shows_them() -> None:
    (narrow,) = messages(Table(columns=("a", "b"), rows=(("1", "2"),)))
    assert [kind for kind, _, _ in stretches(narrow)] == ["pre"]
    (wide,) = messages(Table(columns=("a", "b"), rows=(("x" * 30, "y" * 30),)))
    assert entities(wide.content)[0] == f"• {'x' * 30}: {'y' * 30}"


def test_a_table_of_a_model_is_a_list_where_it_is_too_wide_or_else_a_file() -> None:
    head = "| worker | model | cost |\n|---|---|--:|\n"
    (narrow,) = messages(Text("| a | b |\n|---|---|\n| 1 | 2 |"))
    assert [kind for kind, _, _ in stretches(narrow)] == ["pre"]
    (listed,) = messages(Text(f"{head}| benedikt | claude-opus-4-5 | $12.40 |\n| ana | | `/ls` |"))
    assert entities(listed.content)[0] == (
        "worker · model · cost\n• benedikt · model: claude-opus-4-5 · cost: $12.40\n"
        "• ana · cost: /\u2060ls"
    )
    rows = "".join(f"| {n} | {'model ' * 10} | {n} |\n" for n in range(90))
    made = messages(Text(head + rows))
    assert [file.name for message in made for file in message.files] == ["table.txt"]
    assert "`" not in text_of(made)


def test_commands_are_written_as_they_are_typed_there_but_not_those_of_a_model() -> None:
    (ours,) = messages(Notice(level="info", text="Try `/forget-me --yes`."))
    assert entities(ours.content)[0] == "Try /forget_me --yes."
    (theirs,) = messages(Text("Try `/forget-me`."))
    assert entities(theirs.content)[0] == "Try /forget-me."


def test_what_a_picture_shows_is_told_once() -> None:
    chart = File(name="spend.png", data=b"png", media_type="image/png", alt="$5 of $9")
    one, two = messages(Notice(level="info", text="Spent", hint="$5 of $9"), chart)
    assert [entities(each.content)[0] for each in (one, two)] == ["Spent", "$5 of $9"]
    assert photo(two.files[0])
    assert not photo(Attached("a.svg", b"x", "image/svg+xml"))


def test_a_caption_is_no_longer_than_one_may_be_and_a_card_has_none() -> None:
    told = "@ana_b " * 400
    (made,) = messages(File(name="a.png", data=b"x", media_type="image/png", alt=told))
    assert made.files
    card, file = messages(Card(title="#1"), File(name="a.txt", data=b"x"))
    assert (card.files, file.content) == ((), "")


def test_an_empty_file_is_said_and_not_sent() -> None:
    one, two = messages(Text("Here."), File(name="a.txt", data=b""))
    assert [entities(each.content)[0] for each in (one, two)] == ["Here.", "a.txt is empty."]
    assert not one.files + two.files


def test_code_is_whole_whatever_would_be_a_link_outside_of_it() -> None:
    code = "\n".join(f"swarm.tasks.take(n{n}) # next" for n in range(120))
    (made,) = messages(Text(f"```python\n{code}\n```"))
    assert stretches(made) == [("pre", code, "python")]


def test_somebody_is_called_where_there_is_room() -> None:
    (made,) = messages(Text("Done."))
    called = addressed(made, "42", "Ana\nB.")
    assert not refused(called)
    assert stretches(called) == [("text_mention", "Ana B.", "42")]
    assert entities(called.content)[0] == "Ana B.\nDone."
    full = Outgoing(content="x" * 4090)
    assert addressed(full, "42", "Ana Bell") is full


@pytest.mark.parametrize("n", range(0, len(PAYLOADS), 20))
def test_no_payload_calls_sends_or_hides(n: int) -> None:
    for payload in PAYLOADS[n : n + 20]:
        for markdown in (payload, f"before {payload} after\n\nand `{payload}` more"):
            for message in messages(Text(markdown)):
                assert not acts(message), (payload, acts(message))


@pytest.mark.parametrize(
    "said",
    [
        "@everyone and @ana_b",
        "/stop all",
        "do /stop@waggle_bot now",
        "tg://resolve?domain=x",
        "[safe](tg://proxy?server=1.2.3.4)",
        "[bank](https://bank.example@evil.example/)",
        "https://t.me/+AbCdEf and t.me/proxy?server=1",
        "[x](https://t.me/joinchat/AbC)",
        "**/stop** *@ana_b* ~~tg://a~~",
        "| a |\n|---|\n| /stop |",
        "> /stop\n> @ana_b",
        "- /stop",
        "# /stop",
        "@*every*one /**stop** t.me**/proxy?a** https:*//evil.example* tg*:*//x",
        "https://[::1]/stop",
        "http://localhost/?q=/stop and https://a.example/@ana_b",
    ],
)
def test_nothing_said_acts_on_telegram(said: str) -> None:
    for message in messages(Text(said)):
        assert not acts(message), acts(message)
    for message in messages(Card(title=said, lines=(said,), fields=((said, said),), footer=said)):
        assert not acts(message), acts(message)


def test_paths_and_addresses_stay_what_they_are() -> None:
    said = "Read /etc/passwd at https://docs.example.org/a_b?c=d, ana@b.example or t.me/durov/7."
    (made,) = messages(Text(said))
    assert entities(made.content)[0] == said


_TEXT = st.lists(
    st.sampled_from([*_BITS, "\n", "\n\n", "> ", "```\n", "# ", "😀", "| a | b |\n|-|-|\n"]),
    max_size=60,
)


@given(_TEXT, st.integers(0, 80))
def test_whatever_a_model_says_arrives_whole(bits: list[str], times: int) -> None:
    check(" ".join(bits) + "\n\n" + "*so* `much` **more** " * times)


@given(st.text(max_size=300))
def test_any_text_arrives_whole(text: str) -> None:
    check(text)


def test_many_entities_go_into_several_messages() -> None:
    made = messages(Text(" ".join(f"`c{n}`" for n in range(280))))
    assert len(made) == 3
    links = " ".join(f"[w{n}](https://docs.example.org/{'x' * 800}/{n})" for n in range(30))
    assert all(not refused(message) for message in messages(Text(links)))


def test_marks_are_taken_apart_where_they_belong() -> None:
    text = f" {marked('bold', 'a' + marked('italic', '😀'))} b\n{marked('code', '')}"
    shown, found = entities(text)
    assert shown == "a😀 b"
    assert {(e.kind, e.offset, e.length) for e in found} == {("bold", 0, 3), ("italic", 1, 2)}
    assert size(text) >= 5
    assert not re.search("[\ufdd0-\ufdef]", shown)


def test_marks_from_outside_are_gone() -> None:
    (made,) = messages(Text("a\ufdd0\ufddfb\ufdde"))
    assert entities(made.content) == ("ab", ())
