"""What a call may cost at worst, and what it did cost.

The hold has to cover the bill whatever the provider's tokenizer does. Each token of a byte-level
tokenizer stands for at least one byte of the text, so text costs at most its UTF-8 bytes. Around
the text stand what the provider's own format adds (a declared allowance for each call, message,
part and tool) and images (a formula). Every token counts at the dearest price it can meet: written
to the cache, in the highest step the bound reaches, and all output to its limit.

A tokenizer that rewrites text first (NFKC) can exceed the bound with some rare characters. A bill
above its hold is still a bill: it is paid in full, and the budget says so.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from swarm_core.kernel.money import MicroUSD
from swarm_core.providers.card import ModelCard, Prices
from swarm_core.providers.images import image_tokens
from swarm_core.providers.model import (
    Image,
    Message,
    Part,
    Prompt,
    Reasoning,
    Text,
    ToolResult,
    ToolSpec,
    ToolUse,
    Usage,
)
from swarm_core.providers.turns import closed, written

_MILLION = 1_000_000

PER_CALL = 64
"""Tokens for what opens and closes a prompt."""
PER_MESSAGE = 16
"""Tokens for the marks of a turn and its role; published ones need 3 or 4."""
PER_PART = 32
"""Tokens for the marks of a part: kind, id, name."""
PER_TOOL = 64
"""Tokens for the marks of a tool's declaration."""
FOR_TOOLS = 1_024
"""Tokens of the instructions a provider adds when there are tools. Anthropic's table, the only
one published, has 159 to 804 (docs: tool use, pricing)."""
FOR_FORMAT = 512
"""Tokens of the instructions a provider adds when the answer has a schema."""


class Quote(msgspec.Struct, frozen=True, gc=False):
    """What one call may cost at worst, as far as it depends on the length of its answer: `fixed`
    and, for each token of output, `each`, in millionths of a micro-dollar, and `call`."""

    fixed: int
    each: int
    call: MicroUSD

    def most(self, output: int) -> MicroUSD:
        """With an answer of at most `output` tokens."""
        return MicroUSD(_up(self.fixed + self.each * output) + self.call)

    def output(self, amount: MicroUSD, wanted: int) -> int:
        """The longest answer, up to `wanted` tokens, that `amount` surely pays for; 0 when not
        even one token is."""
        left = (amount - self.call) * _MILLION - self.fixed
        if left < 0:
            return 0
        return min(wanted, left // self.each) if self.each else wanted


def quote(card: ModelCard, prompt: Prompt, *, tokens: int | None = None) -> Quote:
    """The terms of a call with `prompt`; `tokens` as for `most`."""
    fixed, each = _worst(card.prices, _input(card, prompt, tokens))
    return Quote(fixed, each, card.prices.call)


def most(card: ModelCard, prompt: Prompt, *, tokens: int | None = None) -> MicroUSD:
    """The most that one call with `prompt` may cost.

    `tokens` is the provider's own count of the input, where it was asked for one: it takes the
    place of the bytes, with an allowance, because the count is called an estimate.
    """
    return quote(card, prompt, tokens=tokens).most(prompt.max_output)


def affordable_output(
    card: ModelCard, prompt: Prompt, amount: MicroUSD, *, tokens: int | None = None
) -> int:
    """The largest `max_output`, at most that of `prompt`, with which `most` is within `amount`; 0
    when not even one token is."""
    return quote(card, prompt, tokens=tokens).output(amount, prompt.max_output)


def bill(card: ModelCard, usage: Usage) -> MicroUSD:
    """What a call that used so much costs, rounded up to the micro-dollar.

    It follows the usage wherever that leads, beyond any hold and through parts that are more than
    their whole: those are charged as parts.
    """
    whole = max(usage.input, usage.cached + usage.written)
    rates = card.prices.at(whole)
    cost = (
        (whole - usage.cached - usage.written) * rates.input
        + usage.cached * rates.cached
        + usage.written * rates.written
        + max(0, usage.output - usage.reasoning) * rates.output
        + usage.reasoning * rates.reasoning
    )
    return MicroUSD(_up(cost) + card.prices.call)


def input_bound(card: ModelCard, prompt: Prompt) -> int:
    """The most input tokens `prompt` can be, by its bytes."""
    tools = sum(_tool(tool) for tool in prompt.tools)
    form = prompt.format
    return (
        PER_CALL
        + sum(PER_PART + _bytes(block.text) for block in prompt.system)
        + sum(_message(card, message) for message in prompt.messages)
        + (FOR_TOOLS + tools if prompt.tools else 0)
        + (FOR_FORMAT + _bytes(form.name) + _json(closed(form.schema)) if form else 0)
    )


def _worst(prices: Prices, tokens: int) -> tuple[int, int]:
    """At the dearest rates that so much input may meet: what the input costs, and each token of
    output, in millionths of a micro-dollar."""
    met = prices.up_to(tokens)
    return (
        tokens * max(rates.dearest_input for rates in met),
        max(rates.dearest_output for rates in met),
    )


def _input(card: ModelCard, prompt: Prompt, tokens: int | None) -> int:
    if tokens is None:
        return input_bound(card, prompt)
    return tokens + tokens // 50 + PER_CALL


def _message(card: ModelCard, message: Message) -> int:
    return PER_MESSAGE + sum(PER_PART + _part(card, part) for part in message.parts)


def _part(card: ModelCard, part: Part) -> int:
    match part:
        case Text(text=text):
            return _bytes(text)
        case Image():
            return image_tokens(card.kind, part.width, part.height)
        case ToolUse():
            return _bytes(part.id) + _bytes(part.name) + _json(written(part))
        case ToolResult():
            return _bytes(part.id) + _bytes(part.text)
        case Reasoning():
            return _bytes(part.text) + _json(part.opaque)
    return 0  # a part nobody knows is never sent


_tools: dict[int, tuple[ToolSpec, int]] = {}
_MOST_TOOLS = 1_000


def _tool(tool: ToolSpec) -> int:
    """The bound of a tool's declaration. The same values come with every call: each is worked
    out once, and kept together with its tool, whose number in memory stays its own that way."""
    kept = _tools.get(id(tool))
    if kept is not None:
        return kept[1]
    bound = PER_TOOL + _bytes(tool.name) + _bytes(tool.description) + _json(tool.schema)
    if len(_tools) >= _MOST_TOOLS:
        _tools.clear()
    _tools[id(tool)] = tool, bound
    return bound


def _bytes(text: str) -> int:
    """UTF-8 bytes; half a surrogate pair counts as what replaces it."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _json(value: Any) -> int:
    """Twice the bytes of `value` as JSON with everything escaped: providers write it anew, with
    escapes and indentation of their own."""
    return 2 * len(json.dumps(value))


def _up(millionths: int) -> int:
    return -(-millionths // _MILLION)
