"""When a schedule comes next: zones, changes of the clocks, what never comes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from swarm_core.kernel.clock import Micros, from_micros, to_micros
from swarm_core.kernel.errors import BadSchedule, NeverComes, UnknownZone
from swarm_core.schedule.cron import following, machine_zone, zone_of
from swarm_core.schedule.model import Cron, Every, Happens, Idle, Once
from swarm_core.schedule.rules import jitter_of
from tests.schedule.days import HOUR, priority


def instants(fields: str, zone: str, begin: str, n: int) -> list[str]:
    """The next ones after a time in UTC, in UTC."""
    found, after = [], to_micros(datetime.fromisoformat(begin).replace(tzinfo=UTC))
    for _ in range(n):
        then = following(Cron(fields=fields), zone, after)
        assert then is not None
        assert then > after
        found.append(f"{from_micros(then):%m-%d %H:%M}")
        after = then
    return found


def test_an_hour_that_is_left_out_is_run_right_after_it_and_once() -> None:
    # In Berlin 2:00 to 3:00 of the 29th of March 2026 is left out: 1:00 UTC is 3:00 there.
    assert instants("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00", 3) == [
        "03-28 01:30",
        "03-29 01:00",
        "03-30 00:30",
    ]
    assert instants("0,30 2 * * *", "Europe/Berlin", "2026-03-29T00:00", 2) == [
        "03-29 01:00",
        "03-30 00:00",
    ]


def test_an_hour_that_comes_twice_is_run_once_and_each_hour_is_each_hour() -> None:
    # 2:00 to 3:00 of the 25th of October 2026 comes twice: at 0:00 and at 1:00 UTC.
    assert instants("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", 2) == [
        "10-25 00:30",
        "10-26 01:30",
    ]
    assert instants("50 2 * * *", "Europe/Berlin", "2026-10-25T01:45", 1) == ["10-26 01:50"]
    assert instants("30 * * * *", "Europe/Berlin", "2026-10-24T23:45", 3) == [
        "10-25 00:30",
        "10-25 01:30",
        "10-25 02:30",
    ]


def test_weekdays_are_those_of_cron_and_days_are_either() -> None:
    assert instants("0 9 * * 0", "UTC", "2026-01-01T00:00", 1) == ["01-04 09:00"]
    assert instants("0 9 * * 7", "UTC", "2026-01-01T00:00", 1) == ["01-04 09:00"]
    assert instants("0 9 13 * 5", "UTC", "2026-01-05T00:00", 3) == [
        "01-09 09:00",
        "01-13 09:00",
        "01-16 09:00",
    ]
    assert instants("0 0 29 2 *", "UTC", "2026-01-01T00:00", 1) == ["02-29 00:00"]


@pytest.mark.parametrize("fields", ["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6 *"])
def test_a_day_that_never_comes_is_named_as_such(fields: str) -> None:
    with pytest.raises(NeverComes) as refused:
        following(Cron(fields=fields), "UTC", Micros(0))
    assert refused.value.data["read"] == fields


@pytest.mark.parametrize("fields", ["", "* * * *", "0 0 9 * * *", "99 * * * *", "a b c d e"])
def test_what_is_no_cron_is_refused(fields: str) -> None:
    with pytest.raises(BadSchedule) as refused:
        following(Cron(fields=fields), "UTC", Micros(0))
    assert type(refused.value) is BadSchedule


@pytest.mark.parametrize("name", ["Mars/Base", "", "/etc/passwd", "Europe", "Europe/Berlin\0"])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone):
        zone_of(name)


def test_equal_distances_go_by_elapsed_time_and_once_is_once() -> None:
    every = Every(period=7 * HOUR, start=Micros(HOUR))
    assert following(every, "Europe/Berlin", Micros(0)) == HOUR
    assert following(every, "Europe/Berlin", Micros(HOUR)) == 8 * HOUR
    assert following(every, "Europe/Berlin", Micros(9 * HOUR)) == 15 * HOUR
    once = Once(at=Micros(5))
    assert [following(once, "UTC", Micros(n)) for n in (4, 5)] == [5, None]
    assert following(Idle(), "UTC", Micros(0)) is None
    assert following(Happens(fact="task.ended"), "UTC", Micros(0)) is None


def test_jitter_differs_from_instant_to_instant_and_stays_before_the_next() -> None:
    wanted = priority(jitter=10 * HOUR)
    drawn = [jitter_of(wanted, Micros(n * HOUR), Micros((n + 1) * HOUR)) for n in range(50)]
    assert len(set(drawn)) > 40
    assert all(0 <= each < HOUR for each in drawn)
    assert drawn == [jitter_of(wanted, Micros(n * HOUR), Micros((n + 1) * HOUR)) for n in range(50)]


def test_this_machine_has_a_zone() -> None:
    assert zone_of(machine_zone()).key
