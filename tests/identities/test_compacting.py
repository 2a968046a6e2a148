from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.identities import MOST_BYTES, Identity, estimated_tokens
from swarm_core.identities.compacting import Class, sentences, shortened, split

HEAD = "baker (bakes bread): Bakes bread by hand."
WORDS = ["bread", "oven", "süß", "面包", "salt", "rye", "flour", "night", "dough", "🍞", "Weizen"]

TITLES = ["What you never do", "When you are done", "How you report", "How you work", "Oven"]


def section(title: str, said: list[str], *, listed: bool) -> str:
    body = "\n".join(f"- {text}" for text in said) if listed else " ".join(said)
    return f"## {title}\n{body}"


def large(size: int, seed: int = 1) -> str:
    """At least `size` bytes of a prompt with sections, lists and paragraphs in some order."""
    chance = random.Random(seed)
    parts, length = ["# Baker\nYou are the baker. You bake at night."], 0
    while length < size:
        said = [
            f"{chance.choice(('Never', 'Always', 'Then'))} take "
            f"{' '.join(chance.choices(WORDS, k=chance.randint(1, 25)))}{chance.choice('.!')}"
            for _ in range(chance.randint(1, 12))
        ]
        parts.append(section(chance.choice(TITLES), said, listed=chance.random() < 0.5))
        length += len(parts[-1].encode())
    return "\n\n".join(parts)


prompts = st.builds(large, st.integers(0, 6_000), st.integers(0, 2**32))


@given(prompts)
def test_it_is_short_whole_and_never_empty(prompt: str) -> None:
    short = shortened(prompt, HEAD)
    assert short.strip()
    assert len(short) <= len(short.encode()) <= MOST_BYTES == 1_000
    if short == prompt:
        return
    head, *kept = short.split("\n")
    assert head == HEAD
    assert set(kept) <= {sentence.text for sentence in sentences(prompt)}
    assert all(sentence[-1] in ".!" and sentence in prompt for sentence in kept)
    assert len(kept) == len(set(kept))


@given(prompts)
def test_it_is_the_same_each_time(prompt: str) -> None:
    assert shortened(prompt, HEAD) == shortened(prompt, HEAD)


@given(prompts)
def test_what_is_refused_goes_before_all_else(prompt: str) -> None:
    kinds = {sentence.text: sentence.kind for sentence in sentences(prompt)}
    refusals = {text for text, kind in kinds.items() if kind is Class.REFUSAL}
    assert {text for text in kinds if text.startswith("Never")} <= refusals
    short = shortened(prompt, HEAD)
    if short == prompt:
        return
    _, *kept = short.split("\n")
    order = [kinds[text] for text in kept]
    assert order == sorted(order)
    room = MOST_BYTES - len(short.encode())
    assert all(len(text.encode()) + 1 > room for text in refusals - set(kept))


@pytest.mark.parametrize("size", [100_000, 102_400, 114_360, 400_000])
@pytest.mark.parametrize("seed", [1, 2])
def test_of_a_large_identity_it_is_one_hundredth_at_most(size: int, seed: int) -> None:
    prompt = large(size, seed)
    short = shortened(prompt, HEAD)
    assert len(prompt.encode()) >= size
    assert len(short.encode()) * 100 <= len(prompt.encode())
    assert len(short) * 100 <= 100_000
    kinds = {s.text: s.kind for s in sentences(prompt)}
    kept = [kinds[line].name for line in short.split("\n")[1:]]
    assert {"REFUSAL", "ROLE", "DONE"} <= set(kept)
    order = [kinds[line] for line in short.split("\n")[1:]]
    assert order == sorted(order)


def test_a_prompt_that_is_short_is_its_own_short_form() -> None:
    assert shortened("You bake.", HEAD) == "You bake."


def test_what_has_no_sentence_that_fits_is_told_by_its_head() -> None:
    assert shortened("bread " * 1_000, HEAD) == HEAD
    assert shortened("```\n" + "code\n" * 500 + "```", HEAD) == HEAD
    assert shortened("| a |\n" * 500, HEAD) == HEAD
    assert shortened("", HEAD) == HEAD


def test_a_head_that_is_too_long_gives_way_to_the_name() -> None:
    found = Identity(name="baker", role="面" * 80, summary="包" * 300, prompt="x" * 2_000, file="f")
    assert found.compact() == "baker"


def test_without_anything_it_knows_the_first_sentences_are_kept() -> None:
    prompt = "## Oven\n" + " ".join(f"Heat {n} stays in the stones." for n in range(200))
    assert shortened(prompt, HEAD).startswith(f"{HEAD}\nHeat 0 stays in the stones.\nHeat 1 ")


@pytest.mark.parametrize(
    ("block", "found"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Take e.g. Rye. Then salt.", ["Take e.g. Rye.", "Then salt."]),
        ("Add 1.5 litres. Stir.", ["Add 1.5 litres.", "Stir."]),
        ("See file.py. It bakes.", ["See file.py.", "It bakes."]),
        ('He said "stop." Then left.', ['He said "stop."', "Then left."]),
        ("**Never.** Do `x.` Always", ["**Never.**", "Do `x.`", "Always"]),
        ("First, i.e. Rye bread", ["First, i.e. Rye bread"]),
        ("面包好。不要烧！", ["面包好。", "不要烧！"]),
        ("no full stop", ["no full stop"]),
        ("", []),
    ],
)
def test_sentences_end_where_they_end(block: str, found: list[str]) -> None:
    assert split(block) == found


def test_a_change_of_any_part_of_it_changes_the_short_form_that_is_kept() -> None:
    base = {"name": "baker", "role": "r", "summary": "s", "prompt": large(5_000), "file": "f"}
    found = Identity(**base)
    assert found.compact() is found.compact()
    assert Identity(**base).compact() is found.compact()
    for other in ({"role": "x"}, {"summary": "x"}, {"prompt": large(5_000, 2)}):
        assert Identity(**{**base, **other}).compact() != found.compact()


def test_tokens_are_estimated_by_bytes() -> None:
    assert [estimated_tokens(text) for text in ("", "a", "abcd", "abcde", "面包")] == [
        0,
        1,
        1,
        2,
        2,
    ]
