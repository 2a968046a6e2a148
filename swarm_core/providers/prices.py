"""Prices out of genai-prices: its data shipped with the package, never fetched.

Only what we can count is taken over. A model with a price for something a call may contain
without our asking, and that no usage tells us, has no known price. A listed price of nothing is
no price either: free is only what a person calls free.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import ROUND_CEILING, Decimal
from functools import cached_property, reduce
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import msgspec

from swarm_core.kernel.money import MicroUSD
from swarm_core.providers.card import PerMillion, Prices, Rates, Step

if TYPE_CHECKING:
    from genai_prices import types

PACKAGE = "genai-prices"
_VENDORS = ("anthropic", "openai")
_COUNTED = {
    *("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok"),
    *("cache_write_5m_mtok", "output_reasoning_mtok", "requests_kcount"),
}
_NEVER_ASKED_FOR = re.compile(
    r"cache_write_1h_mtok|(web|storage)_searches_kcount"
    r"|((input|output)_)?(audio|video)_(mtok|hours)|cache_(audio|video)_read_mtok"
)


_BY_LENGTH = {"audio_hours", "input_audio_hours"}
_LEAST_SECONDS = {"groq": 10}
"""console.groq.com/docs/speech-to-text, "Minimum Billed Length"."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """What the library says of a model. `id` is its name there, one for all dated snapshots."""

    id: str
    window: int | None
    prices: Prices | None
    batch: Prices | None


class PriceLibrary:
    """Looks models up. The library is imported at the first look: it takes half a second and 70
    megabytes, which a swarm without paid models does not need."""

    @cached_property
    def version(self) -> str:
        """The release that is installed; its prices are as old."""
        return version(PACKAGE)

    @property
    def source(self) -> str:
        return f"{PACKAGE} {self.version}"

    def find(self, kind: str, address: str | None, model: str, day: date) -> Listed | None:
        """`model` as the server at `address` charges for it on `day`; where the library does not
        know that server, as the vendor does whose `kind` of interface it has."""
        vendor = self._vendor(kind, address)
        found = vendor.find_model(model) if vendor else None
        if found is None:
            return None
        return Listed(
            id=found.id,
            window=found.context_window,
            prices=_on(found.prices, day),
            batch=_batch(found, day),
        )

    def hour(
        self, kind: str, address: str | None, model: str, day: date
    ) -> tuple[MicroUSD, int] | None:
        """What an hour of speech costs there on `day`, and how many seconds are charged at least;
        None where it is not charged by its length alone."""
        vendor = self._vendor(kind, address)
        found = vendor.find_model(model) if vendor else None
        if vendor is None or found is None:
            return None
        price = found.get_prices(datetime.combine(day, time(12), UTC))
        given = {key: value for key, value in vars(price).items() if value is not None}
        if not given or not given.keys() <= _BY_LENGTH:
            return None
        hour = max(_micro(_value(value, -1)) for value in given.values())
        return (MicroUSD(hour), _LEAST_SECONDS.get(vendor.id, 0)) if hour else None

    def _vendor(self, kind: str, address: str | None) -> types.Provider | None:
        every = self._providers
        if address:
            for vendor in every.values():
                if re.match(vendor.api_pattern, address):
                    return vendor
        return every[kind] if kind in _VENDORS else None

    @cached_property
    def _providers(self) -> Mapping[str, types.Provider]:
        from genai_prices.data import providers

        return {provider.id: provider for provider in providers}


def _on(prices: types.ModelPrice | list[types.ConditionalPrice], day: date) -> Prices | None:
    """What holds on `day`; of prices that change with the hour, the dearest."""
    from genai_prices.types import StartDateConstraint, TimeOfDateConstraint

    if not isinstance(prices, list):
        return _plain(prices)
    standing, hourly = prices[0].prices, []
    for conditional in prices:
        match conditional.constraint:
            case TimeOfDateConstraint():
                hourly.append(_plain(conditional.prices))
            case StartDateConstraint(start_date=start) if start > day:
                continue
            case _:
                standing = conditional.prices
    every = [plain for plain in (_plain(standing), *hourly) if plain is not None]
    return reduce(_dearest, every) if len(every) == 1 + len(hourly) else None


def _batch(model: types.ModelInfo, day: date) -> Prices | None:
    wanted = {"processing": "batch"}
    if not any(variant.when == wanted for variant in model.price_variants or ()):
        return None
    noon = datetime.combine(day, time(12), UTC)
    return _plain(model.get_prices(noon, wanted))


def _plain(price: types.ModelPrice) -> Prices | None:
    given = {key: value for key, value in vars(price).items() if value is not None}
    counted = given.keys() & _COUNTED
    if any(not _NEVER_ASKED_FOR.fullmatch(key) for key in given.keys() - counted):
        return None
    if not {"input_mtok", "output_mtok"} <= counted:
        return None
    starts = sorted({tier.start for value in given.values() for tier in _tiers(value)})
    prices = Prices(
        base=_rates(given, -1),
        steps=tuple(Step(above=start, rates=_rates(given, start)) for start in starts),
        call=MicroUSD(_micro(_value(given["requests_kcount"], -1) / 1_000))
        if "requests_kcount" in given
        else MicroUSD(0),
    )
    return prices if prices.base.input or prices.base.output else None


def _tiers(value: Any) -> list[types.Tier]:
    tiers: list[types.Tier] = getattr(value, "tiers", [])
    return tiers


def _rates(given: Mapping[str, Any], above: int) -> Rates:
    def rate(*keys: str) -> PerMillion:
        price = next(given[key] for key in keys if key in given)
        return PerMillion(_micro(_value(price, above)))

    return Rates(
        input=rate("input_mtok"),
        output=rate("output_mtok"),
        cached=rate("cache_read_mtok", "input_mtok"),
        written=rate("cache_write_5m_mtok", "cache_write_mtok", "input_mtok"),
        reasoning=rate("output_reasoning_mtok", "output_mtok"),
    )


def _value(price: Any, above: int) -> Decimal:
    """The dollars of `price` for input just above so many tokens."""
    if isinstance(price, Decimal):
        return price
    reached = [tier.price for tier in price.tiers if tier.start <= above]
    value: Decimal = reached[-1] if reached else price.base
    return value


def _micro(dollars: Decimal) -> int:
    return int((dollars * 1_000_000).to_integral_value(ROUND_CEILING))


def _dearest(one: Prices, other: Prices) -> Prices:
    def both(tokens: int) -> Rates:
        a, b = msgspec.structs.asdict(one.at(tokens)), msgspec.structs.asdict(other.at(tokens))
        return Rates(**{name: max(a[name], b[name]) for name in a})

    starts = sorted({step.above for prices in (one, other) for step in prices.steps})
    return Prices(
        base=both(0),
        steps=tuple(Step(above=start, rates=both(start + 1)) for start in starts),
        call=max(one.call, other.call),
    )
