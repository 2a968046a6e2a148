"""The oracle is right: by the words of crontab(5) and cron(8), and by going minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.schedule import drawn, oracle

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def walls(expression: str, zone: str, first: str, until: str) -> list[str]:
    """The instants between two times on the wall, as the wall shows them."""
    where = ZoneInfo(zone)
    ends = [datetime.fromisoformat(end).replace(tzinfo=where) for end in (first, until)]
    found = oracle.cron(expression, zone, ends[0] - timedelta(minutes=1), ends[1])
    return [f"{each.astimezone(where):%m-%d %H:%M}" for each in found]


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        # 2026-02-01 is a Sunday.
        ("0 9 * * 0", ["02-01 09:00", "02-08 09:00"]),
        ("0 9 * * 7", ["02-01 09:00", "02-08 09:00"]),
        ("0 9 * * 5-7", ["02-01 09:00", "02-06 09:00", "02-07 09:00", "02-08 09:00"]),
        ("0 9 3 * 1", ["02-02 09:00", "02-03 09:00"]),  # either
        ("0 9 */2 * 1", []),  # both, since one begins with a star
        ("0 9 */2 * 2", ["02-03 09:00"]),
        ("15-45/15 9 4 feb *", ["02-04 09:15", "02-04 09:30", "02-04 09:45"]),
        ("0 9 29 2 *", []),
    ],
)
def test_fields_mean_what_crontab_says(expression: str, days: list[str]) -> None:
    assert walls(expression, "UTC", "2026-02-01 00:00", "2026-02-08 23:59") == days


@pytest.mark.parametrize("wrong", ["60 * * * *", "* 24 * * *", "5/10 * * * *", "9-5 * * * *"])
def test_what_crontab_does_not_allow_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        oracle.parse(wrong)


@pytest.mark.parametrize(
    ("expression", "zone", "day", "seen"),
    [
        ("30 2 * * *", BERLIN, "2026-03-29", ["03-29 03:00"]),
        ("0,30 2 * * *", BERLIN, "2026-03-29", ["03-29 03:00"]),
        ("30 2 * * *", BERLIN, "2026-10-25", ["10-25 02:30"]),
        ("*/30 2 * * *", BERLIN, "2026-03-29", []),
        ("*/30 2 * * *", BERLIN, "2026-10-25", 2 * ["10-25 02:00", "10-25 02:30"]),
        ("0 0 * * *", "America/Havana", "2026-03-08", ["03-08 01:00"]),
        ("*/30 1 * * 0", "America/Havana", "2026-03-08", ["03-08 01:00", "03-08 01:30"]),
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-04", ["10-04 02:30"]),
        ("*/15 3 * * *", "Pacific/Chatham", "2026-09-27", ["09-27 03:45"]),
        ("30 1 * * *", NEW_YORK, "2026-11-01", ["11-01 01:30"]),
    ],
)
def test_changes_of_the_clocks(expression: str, zone: str, day: str, seen: list[str]) -> None:
    assert walls(expression, zone, f"{day} 00:00", f"{day} 23:59") == seen


def test_a_gap_of_three_hours_is_none_for_cron_and_is_one_for_us() -> None:
    after, until = datetime(2020, 10, 2, tzinfo=UTC), datetime(2020, 10, 5, tzinfo=UTC)
    given = ("30 1 4 10 *", "Antarctica/Casey", after, until)
    assert oracle.cron(*given, limit=oracle.DEBIAN) == []
    assert oracle.cron(*given) == [datetime(2020, 10, 3, 16, 1, tzinfo=UTC)]


def test_from_change_to_change_or_from_minute_to_minute_is_the_same() -> None:
    for given in drawn.cases(7, 1, drawn.ODD):
        slow = oracle.cron_by_the_minute(*given)
        assert oracle.cron(*given, limit=oracle.DEBIAN) == slow, given


def test_equal_distances_know_no_clocks() -> None:
    start, hour = datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1)
    assert oracle.every(hour, start, start, start + 2 * hour) == [start + hour, start + 2 * hour]
    assert oracle.every(hour, start, start - 3 * hour, start) == [start]
    assert oracle.once(start, start - hour, start) == [start]
    assert oracle.once(start, start, start + hour) == []
