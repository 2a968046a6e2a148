from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.identities import MOST_BYTES, Identity, estimated_tokens
from swarm_core.identities.compacting import sentences, shortened, split

HEAD = "baker (bakes bread): Bakes bread by hand."
WORDS = ["bread", "oven", "süß", "面包", "salt", "rye", "flour", "night", "dough", "🍞", "Weizen"]

words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(" ".join)
facts = words.map(lambda w: f"The baker knows {w}.")
refusals = words.map(lambda w: f"Never touch {w}!")
paragraphs = st.lists(st.one_of(facts, refusals), min_size=1, max_size=6)
TITLES = ["What you never do", "When you are done", "How you report", "How you work", "Oven"]


def section(title: str, bodies: list[list[str]], *, listed: bool) -> str:
    if listed:
        return f"## {title}\n" + "\n".join(f"- {s}" for body in bodies for s in body)
    return f"## {title}\n" + "\n\n".join(" ".join(body) for body in bodies)


prompts = st.builds(
    lambda intro, sections: "# Baker\n" + "\n\n".join([" ".join(intro), *sections]),
    paragraphs,
    st.lists(
        st.builds(
            section,
            st.sampled_from(TITLES),
            st.lists(paragraphs, max_size=8),
            listed=st.booleans(),
        ),
        max_size=12,
    ),
)


def large(size: int, seed: int = 1) -> str:
    chance = random.Random(seed)
    parts = ["You are the baker. You bake at night."]
    while sum(len(part.encode()) + 2 for part in parts) < size:
        title = chance.choice(TITLES)
        said = [
            f"{chance.choice(('Never', 'Always', 'Then'))} take "
            f"{' '.join(chance.choices(WORDS, k=chance.randint(3, 25)))}."
            for _ in range(12)
        ]
        parts.append(section(title, [said], listed=chance.random() < 0.5))
    return "\n\n".join(parts)


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
    short = shortened(prompt, HEAD)
    if short == prompt:
        return
    _, *kept = short.split("\n")
    refused = [sentence.startswith("Never") for sentence in kept]
    if any(line.startswith(("- Never", "Never")) for line in prompt.splitlines()):
        assert refused[0] or not any(refused)
    left_out = {s.text for s in sentences(prompt) if s.text.startswith("Never")} - set(kept)
    room = MOST_BYTES - len(short.encode())
    assert all(len(text.encode()) + 1 > room for text in left_out)


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
