"""Money: exact, whole micro-dollars, shown as it can be typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.money import MicroUSD, format_usd, parse_usd

amounts = st.integers(0, 999_999_999_999_999).map(MicroUSD)


@given(amounts)
def test_what_is_shown_can_be_typed(amount: MicroUSD) -> None:
    assert parse_usd(format_usd(amount)) == amount


@given(amounts.filter(bool))
def test_below_zero_is_the_same_with_a_sign(amount: MicroUSD) -> None:
    assert format_usd(MicroUSD(-amount)) == f"-{format_usd(amount)}"


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("5", 5_000_000),
        ("$5", 5_000_000),
        ("0.25", 250_000),
        ("1.5 USD", 1_500_000),
        ("1.5usd", 1_500_000),
        ("  $ 0.000001 ", 1),
        ("3$", 3_000_000),
        ("0", 0),
        ("999999999.999999", 999_999_999_999_999),
    ],
)
def test_an_amount_is_read(text: str, micros: int) -> None:
    assert parse_usd(text) == micros


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "$", "-1", "+1", "1,5", "1,500", "1e3", "0.0000001", "1.", ".5", "five", "nan"),
        *("inf", "1 2", "1000000000", "1.5 EUR", "€1", "٣", "1_000", "0x10", "$1\n$2", "1\x00"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_usd(text)


@given(st.text())
def test_whatever_is_typed_is_an_exact_amount_or_refused(text: str) -> None:
    try:
        amount = parse_usd(text)
    except ValueError:
        return
    assert type(amount) is int
    assert amount >= 0


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "$0"),
        (1, "$0.000001"),
        (420, "$0.00042"),
        (10_000, "$0.01"),
        (1_250_000, "$1.25"),
        (1_200_000, "$1.20"),
        (5_000_000, "$5.00"),
        (1_234_567_890, "$1234.56789"),
    ],
)
def test_an_amount_is_shown(micros: int, text: str) -> None:
    assert format_usd(MicroUSD(micros)) == text
