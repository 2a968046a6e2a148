"""What people write is read as they mean it, or asked back; never as something else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from swarm_core.kernel.clock import to_micros
from swarm_core.schedule.cron import following
from swarm_core.schedule.model import Cron, Every, Once
from swarm_core.schedule.reading import Reading, Unsure, read_schedule
from tests.schedule.said import LANGUAGES, NOW, ZONE, note, phrases

TABLE = [(language, *each) for language in LANGUAGES for each in phrases(language)]


@pytest.mark.parametrize(("language", "line", "noted"), TABLE)
def test_a_line_is_read_as_it_is_meant(language: str, line: str, noted: str) -> None:
    assert note(read_schedule(line, NOW, ZONE, language)) == noted


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_wide_sample(language: str) -> None:
    assert len(phrases(language)) >= 150


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_read_comes_some_time(language: str) -> None:
    for line, _ in phrases(language):
        found = read_schedule(line, NOW, ZONE, language)
        for each in [found] if isinstance(found, Reading) else found.suggestions:
            if isinstance(each.trigger, Cron | Every | Once):
                assert following(each.trigger, each.zone, to_micros(NOW)), line


def test_the_other_language_is_understood_where_ones_own_says_nothing() -> None:
    assert note(read_schedule("every weekday at 9 standup", NOW, ZONE, "de")) == (
        "cron 0 9 * * 1-5 | standup"
    )
    assert note(read_schedule("werktags um 9 Standup", NOW, ZONE, "en-GB")) == (
        "cron 0 9 * * 1-5 | Standup"
    )
    assert note(read_schedule("every day at 9 x", NOW, ZONE, "fr")) == "cron 0 9 * * * | x"


def test_what_is_to_be_done_keeps_its_own_letters_and_the_words_of_time_are_named() -> None:
    found = read_schedule("Prüfe  «Äther & Co»,\n every Day at 9", NOW, ZONE)

    assert isinstance(found, Reading)
    assert found.text == "Prüfe  «Äther & Co»"
    assert found.words == "every Day at 9"


@pytest.mark.parametrize(
    ("line", "noted"),
    [
        ("on 25 October 2026 at 02:30 x", "once 2026-10-25 02:30 | x"),
        ("on 25 October 2026 at 02:30 UTC+02:00 x", "once 2026-10-25 02:30 | x"),
        ("on 25 October 2026 at 02:30 UTC+05:00 x", "unsure gap | once 2026-10-25 03:30"),
        ("on 28 March 2027 at 02:30 x", "unsure gap | once 2027-03-28 03:30"),
    ],
)
def test_hours_that_come_twice_or_not_at_all(line: str, noted: str) -> None:
    now = datetime(2026, 10, 1, 12, tzinfo=UTC)

    assert note(read_schedule(line, now, ZONE)) == noted


def test_of_two_equal_hours_the_first_is_meant_unless_it_says_otherwise() -> None:
    now = datetime(2026, 10, 1, 12, tzinfo=UTC)
    first, second = (
        read_schedule(f"on 25 October 2026 at 02:30{more} x", now, ZONE)
        for more in ("", " UTC+01:00")
    )

    assert isinstance(first, Reading)
    assert isinstance(second, Reading)
    assert first.trigger == Once(to_micros(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)))
    assert second.trigger == Once(to_micros(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("zone", "next_one"),
    [
        ("Europe/Vienna", datetime(2026, 11, 22, 15, tzinfo=UTC)),  # 16:00 there
        ("Asia/Kathmandu", datetime(2026, 11, 22, 14, 15, tzinfo=UTC)),  # 20:00 there
    ],
)
def test_steps_that_divide_the_day_keep_to_the_hours_of_the_wall(
    zone: str, next_one: datetime
) -> None:
    found = read_schedule("every 2 hours x", NOW, zone)

    assert isinstance(found, Reading)
    assert following(found.trigger, zone, to_micros(NOW)) == to_micros(next_one)


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("every day at 9 in Europe/Viena x", "Europe/Vienna"),
        ("every day at 9 in Amerika/New_York x", "America/New_York"),
        ("every day at 9 PST x", "America/Los_Angeles"),
    ],
)
def test_a_zone_that_is_none_is_asked_back_with_near_ones(line: str, near: str) -> None:
    found = read_schedule(line, NOW, ZONE)

    assert isinstance(found, Unsure)
    assert found.problem == "zone"
    assert near in found.data["near"]
    assert found.suggestions[0].zone == near
    assert found.suggestions[0].text == "x"


def test_a_path_is_no_zone() -> None:
    assert note(read_schedule("every day at 9 docs/readme.md lesen", NOW, ZONE, "de")) == (
        "cron 0 9 * * * | docs/readme.md lesen"
    )


@pytest.mark.parametrize(
    "line",
    ["every " * 1500, "at 9 and " * 1000, "9 " * 4000, "\N{DOUBLE LOW-9 QUOTATION MARK}" * 9000],
)
def test_a_line_of_any_make_is_an_answer(line: str) -> None:
    assert isinstance(read_schedule(line, NOW, ZONE), Unsure)
