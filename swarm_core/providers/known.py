"""What ships with Waggle about models: `data/models.toml` and the presets."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from swarm_core.providers.card import Tier

PRESETS = ("free", "local", "paid")

Allowed = Literal["free", "local", "priced"]


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of a model; None: nothing is."""

    window: int | None = None
    max_output: int | None = None
    tier: Tier | None = None
    tools: bool | None = None
    images: bool | None = None
    formats: bool | None = None
    reasoning: bool | None = None

    def over(self, other: Facts) -> Facts:
        """These, and where they say nothing, `other`."""
        mine = {k: v for k, v in msgspec.structs.asdict(self).items() if v is not None}
        return msgspec.structs.replace(other, **mine)


class Vendor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One vendor's models. `offered` are those in use when nobody lists any."""

    offered: tuple[str, ...] = ()
    default: Facts = Facts()
    models: Mapping[str, Facts] = {}


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """The release of the price library that was looked through, and the day it came out."""

    version: str
    date: date


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """All that ships. `presets` says for each preset which sorts of models it lets through."""

    prices: Checked
    unknown: Facts
    vendors: Mapping[str, Vendor]
    presets: Mapping[str, frozenset[Allowed]]

    @classmethod
    def read(cls, data: Path) -> Known:
        """From the folder of shipped data; what is wrong in it is a bug, and raises as one."""
        text = tomllib.loads((data / "models.toml").read_text("utf-8"))
        prices, unknown = text.pop("prices"), text.pop("unknown")
        return cls(
            prices=msgspec.convert(prices, Checked),
            unknown=msgspec.convert(unknown, Facts),
            vendors=msgspec.convert(text, dict[str, Vendor]),
            presets={name: _preset(data / "presets" / f"{name}.toml") for name in PRESETS},
        )

    def facts(self, kind: str, *names: str) -> Facts:
        """What is known of the model of a `kind` of provider that goes by all these names."""
        vendor = self.vendors.get(kind)
        if vendor is None:
            return self.unknown
        own = next((vendor.models[name] for name in names if name in vendor.models), Facts())
        return own.over(vendor.default.over(self.unknown))

    def offered(self, kind: str) -> tuple[str, ...]:
        vendor = self.vendors.get(kind)
        return vendor.offered if vendor else ()


def _preset(file: Path) -> frozenset[Allowed]:
    text: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    return msgspec.convert(text["allow"], frozenset[Allowed])
