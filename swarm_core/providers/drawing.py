"""One model's card out of what the three sources say of it."""

from __future__ import annotations

from collections.abc import Set
from datetime import date

import msgspec

from swarm_core.providers.card import (
    NO_COST,
    ModelCard,
    ModelRow,
    PerMillion,
    Prices,
    Rates,
    Skills,
    Tier,
)
from swarm_core.providers.known import Facts, Known
from swarm_core.providers.prices import PriceLibrary
from swarm_core.settings import ModelSettings, ProviderSettings

OURS = "waggle.yaml"
_CHEAP = 5_000_000
"""Micro-dollars for a million tokens of output; a model nobody has placed is cheap up to here."""


class Asked(msgspec.Struct, frozen=True):
    """Which model at which provider, as things stand on `day`."""

    provider: str
    model: str
    day: date


class Sketch(msgspec.Struct, frozen=True, kw_only=True):
    """A model whose price nobody knows: it can be shown, and not be called."""

    provider: str
    id: str
    facts: Facts
    tier: Tier
    local: bool


def draw(
    asked: Asked,
    entry: ProviderSettings,
    ours: ModelSettings,
    known: Known,
    library: PriceLibrary,
) -> ModelCard | Sketch:
    """`ours` is what `waggle.yaml` says of the model. Only where it does not settle the price is
    the library asked."""
    free = entry.free or ours.free
    given = _own(ours)
    listed = (
        None
        if free or entry.local
        else library.find(entry.kind, entry.base_url, asked.model, asked.day)
    )
    names = (asked.model, listed.id) if listed else (asked.model,)
    facts = known.facts(entry.kind, *names)
    if listed and listed.window:
        facts = Facts(window=listed.window).over(facts)
    facts = _said(ours).over(facts)
    prices = NO_COST if free else given or (listed.prices if listed else None)
    tier = facts.tier or _tier(entry, prices)
    if prices is None:
        return Sketch(
            provider=asked.provider, id=asked.model, facts=facts, tier=tier, local=entry.local
        )
    from_library = listed is not None and given is None
    window = facts.window or 0
    return ModelCard(
        provider=asked.provider,
        kind=entry.kind,
        id=asked.model,
        window=window,
        max_output=min(facts.max_output or window, window),
        prices=prices,
        batch=listed.batch if listed and from_library else None,
        priced=_released(known, library) if from_library else ours.priced,
        source=library.source if from_library else OURS,
        free=free,
        local=entry.local,
        tier=tier,
        skills=_skills(facts),
    )


def row(drawn: ModelCard | Sketch, usable: Set[str]) -> ModelRow:
    """The line for people; `usable` are the names of the models that may be given out."""
    if isinstance(drawn, Sketch):
        facts, prices, name = drawn.facts, None, f"{drawn.provider}/{drawn.id}"
        window, skills = facts.window or 0, _skills(facts)
        return ModelRow(
            name=name,
            provider=drawn.provider,
            input=None,
            output=None,
            above=None,
            input_above=None,
            output_above=None,
            window=window,
            max_output=min(facts.max_output or window, window),
            tier=drawn.tier,
            skills=_words(skills),
            free=False,
            local=drawn.local,
            priced=None,
            source="",
            used=False,
        )
    prices = drawn.prices
    step = prices.steps[0] if prices.steps else None
    return ModelRow(
        name=drawn.name,
        provider=drawn.provider,
        input=prices.base.input,
        output=prices.base.output,
        above=step.above if step else None,
        input_above=step.rates.input if step else None,
        output_above=step.rates.output if step else None,
        window=drawn.window,
        max_output=drawn.max_output,
        tier=drawn.tier,
        skills=_words(drawn.skills),
        free=drawn.free,
        local=drawn.local,
        priced=drawn.priced,
        source=drawn.source,
        used=drawn.name in usable,
    )


def _own(ours: ModelSettings) -> Prices | None:
    """The price `waggle.yaml` gives, which is whole or not there."""
    if ours.input is None or ours.output is None:
        return None
    return Prices(
        base=Rates(
            input=PerMillion(ours.input),
            output=PerMillion(ours.output),
            cached=PerMillion(ours.input if ours.cached is None else ours.cached),
            written=PerMillion(ours.input if ours.written is None else ours.written),
            reasoning=PerMillion(ours.output),
        )
    )


def _said(ours: ModelSettings) -> Facts:
    return Facts(**{name: getattr(ours, name) for name in Facts.__struct_fields__})


def _released(known: Known, library: PriceLibrary) -> date | None:
    """The day of the prices in the library: known for the release that was looked through."""
    checked = known.prices
    return checked.date if library.version == checked.version else None


def _tier(entry: ProviderSettings, prices: Prices | None) -> Tier:
    if entry.local:
        return "local"
    return "cheap" if prices is not None and prices.base.output <= _CHEAP else "dear"


def _skills(facts: Facts) -> Skills:
    return Skills(**{name: bool(getattr(facts, name)) for name in Skills.__struct_fields__})


def _words(skills: Skills) -> tuple[str, ...]:
    return tuple(name for name in Skills.__struct_fields__ if getattr(skills, name))
