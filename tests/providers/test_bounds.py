"""What a call may cost at worst covers what it does cost."""

from __future__ import annotations

import json
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.money import MicroUSD
from swarm_core.providers.bounds import affordable_output, bill, input_bound, most
from swarm_core.providers.card import NO_COST, Prices, Step
from swarm_core.providers.images import image_tokens
from swarm_core.providers.model import Image, Message, Prompt, Text, ToolSpec, ToolUse, Usage
from tests.examples import few
from tests.providers.cards import any_card, any_prompt, any_usage, card, prompt, rates

CASES = 100_000


def check_the_hold(chance: random.Random) -> None:
    model, asked = any_card(chance), any_prompt(chance)
    usage = any_usage(chance, model, asked)
    hold = most(model, asked)

    assert hold >= bill(model, usage), (model, asked, usage)

    room = MicroUSD(chance.randint(0, 2 * hold + 1))
    fits = affordable_output(model, asked, room)
    assert 0 <= fits <= asked.max_output
    if fits:
        assert most(model, _with(asked, fits)) <= room
    if fits < asked.max_output:
        assert most(model, _with(asked, fits + 1)) > room


def _with(asked: Prompt, max_output: int) -> Prompt:
    return msgspec.structs.replace(asked, max_output=max_output)


@given(st.randoms(use_true_random=False))
@few(100)
def test_the_hold_covers_the_bill(chance: random.Random) -> None:
    check_the_hold(chance)


@pytest.mark.long
@pytest.mark.slow
def test_the_hold_covers_the_bill_in_a_hundred_thousand_cases() -> None:
    chance = random.Random(142)
    for _ in range(CASES):
        check_the_hold(chance)


def test_a_bill_is_rounded_up_once() -> None:
    model = card(Prices(base=rates(1, 1, cached=1, written=1, reasoning=1)))
    usage = Usage(input=3, output=2, cached=1, written=1, reasoning=1)
    assert bill(model, usage) == 1
    assert bill(model, Usage(input=0, output=0)) == 0
    assert bill(model, Usage(input=600_000, output=400_001)) == 2


def test_each_sort_of_token_has_its_price() -> None:
    model = card(
        Prices(base=rates(1_000_000, 10_000_000, cached=100_000, written=1_250_000, reasoning=2))
    )
    usage = Usage(input=100, output=50, cached=40, written=20, reasoning=30)
    assert bill(model, usage) == 40 * 1 + 4 + 25 + 20 * 10 + 1


def test_a_long_prompt_is_charged_by_its_step_for_every_token() -> None:
    steps = (Step(above=100, rates=rates(2_000_000, 20_000_000)),)
    model = card(Prices(base=rates(1_000_000, 10_000_000), steps=steps))

    assert bill(model, Usage(input=100, output=1)) == 110
    assert bill(model, Usage(input=101, output=1)) == 222


def test_a_price_for_each_call_is_part_of_bill_and_hold() -> None:
    model = card(Prices(base=rates(), call=MicroUSD(5_000)))
    assert bill(model, Usage(input=1, output=0)) == 5_001
    assert most(model, prompt()) > 5_000
    assert affordable_output(model, prompt(), MicroUSD(4_999)) == 0


def test_absurd_usage_is_billed_in_full() -> None:
    model, asked = card(Prices(base=rates(1_000_000, 1_000_000))), prompt("hi", max_output=10)

    far_above = Usage(input=10**9, output=10**9)
    assert bill(model, far_above) == 2 * 10**9 > most(model, asked)
    more_than_their_whole = Usage(input=5, output=5, cached=70, written=30, reasoning=100)
    assert bill(model, more_than_their_whole) == 200


def test_a_free_model_holds_and_costs_nothing() -> None:
    model = card(NO_COST)
    assert most(model, prompt(max_output=100_000)) == 0
    assert affordable_output(model, prompt(max_output=100_000), MicroUSD(0)) == 100_000


def test_the_providers_own_count_takes_the_place_of_the_bytes() -> None:
    model, asked = card(), prompt("word " * 10_000)
    counted = most(model, asked, tokens=10_000)

    assert 10_000 < counted - 1_000 * 5 < 10_300
    assert counted < most(model, asked)
    assert affordable_output(model, asked, counted, tokens=10_000) == 1_000
    assert affordable_output(model, asked, MicroUSD(counted - 5), tokens=10_000) == 999


def test_the_bound_covers_every_byte_however_it_is_written_out() -> None:
    texts = ["größer", "猫", "\u0000", "🐈", "\ud83d"]
    schema = {"description": "猫 größer", "properties": {"a": {"type": "string"}}}
    asked = prompt(
        messages=(Message("user", tuple(Text(text) for text in texts)),),
        tools=(ToolSpec(name="read", description="Reads.", schema=schema),),
    )
    least = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    least += len("Be brief.") + len("readReads.") + len(json.dumps(schema, indent=2))
    assert input_bound(card(), asked) >= least


def test_the_bound_covers_what_the_adapters_make_of_broken_arguments() -> None:
    broken = ToolUse(id="t1", name="read", arguments=None, raw="\u0001" * 100)
    asked = prompt(messages=(Message("assistant", (broken,)),))
    assert input_bound(card(), asked) >= len(json.dumps({"malformed_arguments": broken.raw}))


@pytest.mark.parametrize(
    ("width", "height", "claude_5_5", "claude_4_5", "gpt_6"),
    [
        # Published measurements; some 77 tokens of each are text.
        (256, 256, 177, 165, 77),
        (512, 512, 438, 426, 308),
        (1024, 1024, 1_446, 1_434, 1_229),
        (1920, 1080, 2_768, 1_625, 2_448),
        (4032, 3024, 4_005, 1_661, 14_364),
    ],
)
def test_the_bound_of_an_image_covers_what_was_measured(
    width: int, height: int, claude_5_5: int, claude_4_5: int, gpt_6: int
) -> None:
    asked = prompt(
        messages=(
            Message("user", (Image(media_type="image/png", data="", width=width, height=height),)),
        ),
        system=(),
    )
    assert input_bound(card(kind="anthropic"), asked) >= max(claude_5_5, claude_4_5)
    assert input_bound(card(kind="openai"), asked) >= gpt_6
    assert image_tokens("anthropic", width, height) <= 4_784
