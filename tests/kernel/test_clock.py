"""Time: microseconds, exact both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.clock import EPOCH, SystemClock, from_micros, to_micros

zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones)  # noqa: DTZ001


@given(instants)
def test_an_instant_survives_the_way_there_and_back(instant: datetime) -> None:
    assert from_micros(to_micros(instant)) == instant


@given(st.integers(to_micros(datetime.min.replace(tzinfo=UTC)), 253_402_300_799_999_999))
def test_a_number_survives_the_way_there_and_back(micros: int) -> None:
    assert to_micros(from_micros(micros)) == micros


@given(instants, instants)
def test_numbers_order_like_instants(one: datetime, two: datetime) -> None:
    assert (to_micros(one) < to_micros(two)) == (one < two)


def test_a_microsecond_is_one() -> None:
    assert to_micros(EPOCH) == 0
    assert to_micros(EPOCH + timedelta(microseconds=1)) == 1
    assert to_micros(EPOCH - timedelta(microseconds=1)) == -1
    assert to_micros(datetime(2026, 1, 1, tzinfo=UTC)) == 1_767_225_600_000_000


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        to_micros(datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_clock_of_the_system_is_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
    assert from_micros(0).tzinfo is UTC
