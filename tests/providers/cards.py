"""Cards, prompts and usages to test money with."""

from __future__ import annotations

import random

from swarm_core.kernel.money import MicroUSD
from swarm_core.providers.bounds import input_bound
from swarm_core.providers.card import Kind, ModelCard, PerMillion, Prices, Rates, Step
from swarm_core.providers.model import (
    Block,
    Format,
    Image,
    Message,
    Part,
    Prompt,
    Reasoning,
    Text,
    ToolResult,
    ToolSpec,
    ToolUse,
    Unknown,
    Usage,
)

WORDS = ("word ", "größer ", "猫が好き", "🐈‍⬛", "{}[]();\n", "\x00", "ﷺ", "", "a" * 300)


def rates(input_: int = 1_000_000, output: int = 5_000_000, **others: int) -> Rates:
    prices = {"cached": input_, "written": input_, "reasoning": output, **others}
    return Rates(
        input=PerMillion(input_),
        output=PerMillion(output),
        **{name: PerMillion(price) for name, price in prices.items()},
    )


def card(prices: Prices | None = None, *, kind: Kind = "openai") -> ModelCard:
    return ModelCard(
        provider="p",
        kind=kind,
        id="m",
        window=1_000_000,
        max_output=100_000,
        prices=prices or Prices(base=rates()),
        source="a test",
        tier="cheap",
    )


def prompt(text: str = "hello", *, max_output: int = 1_000, **more: object) -> Prompt:
    said = {"messages": (Message("user", (Text(text),)),), "system": (Block("Be brief."),), **more}
    return Prompt(model="m", max_output=max_output, **said)  # type: ignore[arg-type]


def any_card(chance: random.Random) -> ModelCard:
    def some() -> Rates:
        return Rates(**{n: PerMillion(_price(chance)) for n in Rates.__struct_fields__})

    starts = sorted(chance.sample(range(1, 3_000), chance.choice((0, 0, 1, 2))))
    steps = tuple(Step(above=start, rates=some()) for start in starts)
    call = MicroUSD(chance.choice((0, 0, 5_000)))
    kind: Kind = chance.choice(("anthropic", "openai", "openai-compatible"))
    return card(Prices(base=some(), steps=steps, call=call), kind=kind)


def any_prompt(chance: random.Random) -> Prompt:
    def some_text() -> str:
        return "".join(chance.choices(WORDS, k=chance.randrange(6)))

    def some_part() -> Part:
        text = some_text()
        match chance.randrange(6):
            case 0:
                side = chance.choice((1, 28, 1_000, 8_000))
                return Image(media_type="image/png", data="eA==", width=side, height=640)
            case 1:
                arguments = chance.choice(({"path": text, "n": 1}, None))
                return ToolUse(id="t1", name="read", arguments=arguments, raw=text)
            case 2:
                return ToolResult(id="t1", text=text, error=chance.random() < 0.1)
            case 3:
                return Reasoning(text=text, model="m", opaque={"signature": text})
            case 4:
                return Unknown(kind="fresh")
        return Text(text)

    schema = {"type": "object", "properties": {"path": {"type": "string"}}}
    tools = tuple(
        ToolSpec(name="read", description=some_text(), schema=schema)
        for _ in range(chance.randrange(3))
    )
    messages = tuple(
        Message("user", tuple(some_part() for _ in range(chance.randrange(4))))
        for _ in range(chance.randrange(4))
    )
    form = Format(name="answer", schema=schema) if chance.random() < 0.2 else None
    return Prompt(
        model="m",
        system=(Block(some_text(), cache=True),),
        messages=messages,
        tools=tools,
        format=form,
        max_output=chance.choice((1, 17, 4_096, 128_000)),
    )


def any_usage(chance: random.Random, card: ModelCard, prompt: Prompt) -> Usage:
    """What a provider might report of `prompt` without breaking its own rules."""
    input_ = _part(chance, input_bound(card, prompt))
    output = _part(chance, prompt.max_output)
    cached = _part(chance, input_)
    return Usage(
        input=input_,
        output=output,
        cached=cached,
        written=_part(chance, input_ - cached),
        reasoning=_part(chance, output),
    )


def _price(chance: random.Random) -> int:
    return chance.choice((0, 1, 7, 1_000, chance.randrange(100_000_000)))


def _part(chance: random.Random, whole: int) -> int:
    return chance.choice((0, whole, chance.randint(0, whole)))
