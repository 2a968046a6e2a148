from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.errors import BadToolArguments, TooLarge
from swarm_core.tools.sentences import split, summarise

ESSAY = """\
# Bees and their dances

Honey bees tell each other where food is by dancing. The weather was grey that day.
A dancing bee shows the direction of the food to other bees.

```python
print("Honey bees dance. Bees dance for food.")
```

| bees | food |
|------|------|
| Bees dance. | Food is near. |

- The longer the *dance*, the farther away the [food](http://example.com/bees) is.
- Somebody had left a hat on the chair.
"""


async def test_the_sentence_that_says_most_is_picked(call) -> None:
    output = await call("extract_summary", text=ESSAY, sentences=1)
    assert output.data == {
        "sentences": ["Honey bees tell each other where food is by dancing."],
        "of": 5,
    }


async def test_picked_sentences_come_in_the_order_of_the_text(call) -> None:
    output = await call("extract_summary", text=ESSAY, sentences=3)
    plain = ESSAY.replace("*", "").replace("[food](http://example.com/bees)", "food")
    places = [plain.index(sentence) for sentence in output.data["sentences"]]
    assert len(places) == 3
    assert places == sorted(places)
    assert output.text == "\n".join(output.data["sentences"])


async def test_code_tables_and_headings_are_never_sentences(call) -> None:
    output = await call("extract_summary", text=ESSAY, sentences=20)
    assert len(output.data["sentences"]) == 5
    assert not any("print" in one or "|" in one or "#" in one for one in output.data["sentences"])


async def test_a_file_is_summarised_as_its_text_is(call, grow) -> None:
    grow({"essay.md": ESSAY})
    from_file = await call("extract_summary", path="essay.md", sentences=2)
    assert from_file.data == (await call("extract_summary", text=ESSAY, sentences=2)).data


async def test_what_was_said_is_not_said_again(call) -> None:
    text = "The hive needs more honey. The hive needs more honey now. The queen is unwell."
    output = await call("extract_summary", text=text, sentences=2)
    assert "The queen is unwell." in output.data["sentences"]


async def test_text_without_sentences_says_so(call) -> None:
    output = await call("extract_summary", text="```\ncode\n```")
    assert output.text == "there are no sentences in it"
    assert output.data == {"sentences": [], "of": 0}


@pytest.mark.parametrize("arguments", [{}, {"text": "a", "path": "b"}, {"text": "  "}])
async def test_exactly_one_source_is_needed(call, arguments: dict[str, str]) -> None:
    with pytest.raises(BadToolArguments, match="text or path"):
        await call("extract_summary", **arguments)


async def test_a_text_that_is_too_long_is_refused(call, grow) -> None:
    grow({"long.md": "A sentence. " * 30_000})
    with pytest.raises(TooLarge):
        await call("extract_summary", path="long.md")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("See e.g. Bob. He knows Dr. Who.", ["See e.g. Bob.", "He knows Dr. Who."]),
        ("Version 3.11 is out. It is fast.", ["Version 3.11 is out.", "It is fast."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("J. R. Smith came. He saw.", ["J. R. Smith came.", "He saw."]),
        ("蜂は踊る。花は咲く。", ["蜂は踊る。", "花は咲く。"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


@given(st.text())
def test_splitting_loses_no_word(text: str) -> None:
    assert "".join("".join(split(text)).split()) == "".join(text.split())


@given(st.lists(st.text(alphabet="abcde ", max_size=20), max_size=20), st.integers(1, 5))
def test_a_summary_is_at_most_n_of_the_sentences_in_order(texts: list[str], n: int) -> None:
    chosen = summarise(texts, n)
    assert len(chosen) <= n
    assert chosen == sorted(set(chosen))


@pytest.mark.parametrize(
    "piece", ["[", "[a](", "*a ", "> ", "<a ", "- a\n", "_", "|-", "`", "![a]["]
)
async def test_crafted_markdown_does_not_hang_it(call, piece: str) -> None:
    text = piece * (60_000 // len(piece))
    assert (await call("extract_summary", text=text)).data["of"] >= 0
