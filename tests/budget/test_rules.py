"""Which accounts a call is charged to, and when a new one takes the place of each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from swarm_core.budget.model import CAP_NAMES, Payer
from swarm_core.budget.rules import above, renewal

instants = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
people = st.sampled_from(["terminal/local/1000", "discord/10/42", "odd", "", "2026-01-01"])
MICRO = timedelta(microseconds=1)


def accounts(now: datetime, person: str = "p") -> dict[str, str]:
    found = above(now, Payer(person=person, place="discord/10", worker="fox"), "s")
    return {
        scope.cap: scope.account
        for scope in (*found.swarm, *found.capped, found.own, found.headroom)
    }


def test_every_cap_has_its_account_widest_first() -> None:
    found = accounts(datetime(2026, 2, 3, 4, tzinfo=UTC), "terminal/local/1")
    assert found == {
        "total": "total",
        "month": "month/2026-02",
        "day": "day/2026-02-03",
        "session": "session/s",
        "channel_day": "channel_day/discord/10/2026-02-03",
        "person_day": "person_day/terminal/local/1/2026-02-03",
        "worker_day": "worker_day/fox/2026-02-03",
        "work_day": "work_day/2026-02-03",
        "headroom_day": "headroom_day/2026-02-03",
    }
    assert set(found) >= {name for name in CAP_NAMES if name != "task"}


@given(instants, people)
@example(datetime(2024, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC), "p")
@example(datetime(2024, 2, 29, tzinfo=UTC), "p")
@example(datetime(2025, 12, 31, 12, tzinfo=UTC), "p")
def test_an_account_of_a_time_is_renewed_exactly_when_the_next_one_begins(
    now: datetime, person: str
) -> None:
    for cap, account in accounts(now, person).items():
        over = renewal(account)
        if cap in ("total", "session"):
            assert over is None
            continue
        assert over is not None
        assert over > now
        assert accounts(over - MICRO, person)[cap] == account
        assert accounts(over, person)[cap] != account


@pytest.mark.parametrize("person", ["terminal/local/1", "terminal/local/2"])
def test_people_share_everything_but_their_own_day(person: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    mine, other = accounts(now, person), accounts(now, "discord/1/9")
    assert {cap for cap in mine if mine[cap] != other[cap]} == {"person_day"}
