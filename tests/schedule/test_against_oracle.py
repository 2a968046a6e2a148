"""What is planned by is held against the oracle, which shares no line with it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from swarm_core.kernel.clock import from_micros, to_micros
from swarm_core.schedule.cron import following
from swarm_core.schedule.model import Cron
from tests.schedule import drawn, oracle
from tests.schedule.planned import instants


@pytest.mark.parametrize(
    ("fields", "zone", "day"),
    [
        ("*/30 1 * * 0", "America/Havana", "2026-03-08"),
        ("0 */2 * * 0", "America/Santiago", "2035-09-02"),
        ("*/15 3 * * *", "Australia/Lord_Howe", "2026-10-04"),
        ("*/15 3 29 * 0", "Pacific/Chatham", "2034-04-02"),
        ("*/15 */2 28-31 * *", "Atlantic/Azores", "2021-03-28"),
        ("*/30 1 * * *", "Europe/Berlin", "2026-10-25"),
        ("59 */3 * * 7", "Pacific/Chatham", "2028-04-02"),  # where the library never came back
        ("*/30 2 29 2 *", "Europe/Berlin", "2024-02-29"),
    ],
)
def test_times_with_a_star_go_by_the_clock_where_clocks_change_oddly(
    fields: str, zone: str, day: str
) -> None:
    middle = datetime.fromisoformat(f"{day}T12:00+00:00")
    given = (fields, zone, middle.replace(day=1), middle)
    assert instants(*given) == oracle.cron(*given)


def test_every_kind_of_zone_has_the_instants_that_cron_has() -> None:
    for given in drawn.cases(1, 10, drawn.ODD):
        assert instants(*given) == oracle.cron(*given), given


def test_from_anywhere_within_an_hour_that_comes_twice_the_next_is_later() -> None:
    after = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time
    found = following(Cron("30 2 * * *"), "Europe/Berlin", to_micros(after))
    assert found
    assert from_micros(found) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
