"""What is known of one model: what it costs, how much it takes, what it can do.

All prices are whole micro-dollars for a million tokens: a price of $0.10 a million is 100,000.
Sums of tokens times prices are exact; dividing by the million, rounded up, comes last and once
for each call, so that a call is never charged too little, nor more than a micro-dollar too much.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, NewType

import msgspec

from swarm_core.kernel.money import ZERO, MicroUSD

PerMillion = NewType("PerMillion", int)
"""Micro-dollars for a million tokens."""

Tier = Literal["local", "cheap", "dear"]
Kind = Literal["anthropic", "openai", "openai-compatible"]


class Rates(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Prices of the sorts of tokens. `written` is a cache that lasts five minutes, the only one
    asked for; `reasoning` is a part of the output that may have its own price."""

    input: PerMillion
    output: PerMillion
    cached: PerMillion
    written: PerMillion
    reasoning: PerMillion

    @property
    def dearest_input(self) -> int:
        return max(self.input, self.cached, self.written)

    @property
    def dearest_output(self) -> int:
        return max(self.output, self.reasoning)


class Step(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`rates` hold for every token of a call whose input is more than `above` tokens."""

    above: int
    rates: Rates


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """What calls cost: `call` for each one, and its tokens by `base`, or by the highest of
    `steps`, which ascend, that its input reaches."""

    base: Rates
    steps: tuple[Step, ...] = ()
    call: MicroUSD = ZERO

    def at(self, tokens: int) -> Rates:
        """The rates of a call with so many input tokens."""
        for step in reversed(self.steps):
            if tokens > step.above:
                return step.rates
        return self.base

    def up_to(self, tokens: int) -> tuple[Rates, ...]:
        """All rates a call with at most so many input tokens may meet."""
        return (self.base, *(step.rates for step in self.steps if tokens > step.above))


_NOTHING = PerMillion(0)
NO_COST = Prices(
    base=Rates(
        input=_NOTHING, output=_NOTHING, cached=_NOTHING, written=_NOTHING, reasoning=_NOTHING
    )
)


class Skills(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a model can do."""

    tools: bool = False
    images: bool = False
    formats: bool = False
    """Whether it holds its answer to a schema."""
    reasoning: bool = False


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """A model that may be called, because its price is known or somebody said that it is free.

    `window` bounds input and output together, `max_output` one answer, in tokens. `source` says
    where the prices are from and `priced` of which day they are, when that is known. `batch` are
    the prices of calls that may wait for hours, where the provider takes such.
    """

    provider: str
    kind: Kind
    id: str
    window: int
    max_output: int
    prices: Prices
    batch: Prices | None = None
    priced: date | None = None
    source: str
    free: bool = False
    local: bool = False
    tier: Tier
    skills: Skills = Skills()

    @property
    def name(self) -> str:
        """`provider/id`, which names it even when several providers serve the same model."""
        return f"{self.provider}/{self.id}"


class ModelRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a list of models. `input` and `output` are micro-dollars for a million tokens
    of a small call, `above` and the two after it what they become beyond that many input tokens;
    all None when nobody knows. `used`: whether members of the swarm may be given it."""

    name: str
    provider: str
    input: int | None
    output: int | None
    above: int | None
    input_above: int | None
    output_above: int | None
    window: int
    max_output: int
    tier: Tier
    skills: tuple[str, ...]
    free: bool
    local: bool
    priced: date | None
    source: str
    used: bool
