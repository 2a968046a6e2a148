"""Money is an integer number of micro-dollars (1 USD = 1,000,000). Never a float."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NewType

MicroUSD = NewType("MicroUSD", int)

ZERO = MicroUSD(0)
PER_DOLLAR = 1_000_000
_AMOUNT = re.compile(
    r"^\s*\$?\s*(\d{1,9}(?:\.\d{1,6})?)\s*(?:usd|\$)?\s*$", re.IGNORECASE | re.ASCII
)


def parse_usd(text: str) -> MicroUSD:
    """`"$5"`, `"0.25"`, `"1.5 USD"` → micro-dollars. Raises ValueError for anything else,
    also for more than six decimals: an amount is never rounded silently."""
    found = _AMOUNT.match(text)
    if not found:
        raise ValueError(f"not an amount in dollars: {text!r}")
    return MicroUSD(int(Decimal(found.group(1)) * PER_DOLLAR))


def format_usd(amount: MicroUSD) -> str:
    """`$1.25`; below a cent as many decimals as it needs (`$0.00042`); zero is `$0`.

    What is shown can be typed again: `parse_usd` reads it as the same amount."""
    if amount == 0:
        return "$0"
    sign = "-" if amount < 0 else ""
    whole, micro = divmod(abs(amount), PER_DOLLAR)
    decimals = f"{micro:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}${whole}.{decimals}"
