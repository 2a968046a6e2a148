"""What is said of a schedule is read back as that schedule, and says when it runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.schedules import in_words, next_words, unsure_words
from bot.messages import Messages
from swarm_core.kernel.clock import from_micros, to_micros
from swarm_core.schedule.cron import following
from swarm_core.schedule.model import MINUTE, Cron, Every, Happens, Idle, Once, Trigger
from swarm_core.schedule.reading import Reading, Unsure, read_schedule
from swarm_core.schedule.reading.grammar import FOLDER, Maybe, Words, grammar
from swarm_core.schedule.walls import BadField, Wall, cron_of, wall_of
from tests.schedule.said import LANGUAGES, NOW, ZONE, phrases

SAY = {language: Messages.load(language, strict=True) for language in LANGUAGES}
ZONES = ("Europe/Vienna", "UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def back(trigger: Trigger, zone: str, language: str, now: datetime = NOW) -> Reading | Unsure:
    words = in_words(trigger, zone, SAY[language])
    return read_schedule(f"{words}: work on 3 things at 9", now, zone, language)


def holds(reading: Reading, language: str, now: datetime = NOW, home: str = ZONE) -> None:
    """The words of it are read as the same, and its times agree with them."""
    words = in_words(reading.trigger, reading.zone, SAY[language])
    again = read_schedule(f"{words}: {reading.text or 'x'}", now, home, language)
    assert isinstance(again, Reading), (words, again)
    assert (again.trigger, again.zone) == (reading.trigger, reading.zone), words
    assert agrees(reading, words, language, now), words


def agrees(reading: Reading, words: str, language: str, now: datetime) -> bool:
    at = following(reading.trigger, reading.zone, to_micros(now))
    if at is None or isinstance(reading.trigger, Every) or "`" in words:
        return True
    there = from_micros(at).astimezone(ZoneInfo(reading.zone))
    weekdays = SAY[language]("schedule.weekdays").split()
    named = [day for day in weekdays if re.search(rf"\b{day}\b", words)]
    if SAY[language]("schedule.work_days") in words:
        named = weekdays[1:6]
    if named and weekdays[there.isoweekday() % 7] not in named:
        return False
    times = re.findall(r"\b(\d\d:\d\d)\b", words.partition("UTC")[0])
    time = f"{there:%H:%M}"
    within = len(times) == 2 and times[0] <= time <= times[1]
    # Right after hours that the clocks left out, it is another time than the one that was said.
    moved = there.utcoffset() != (there - timedelta(hours=3)).utcoffset()
    return within or time in times or moved or isinstance(reading.trigger, Idle | Happens)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_of_the_sample_is_said_and_read_back(language: str) -> None:
    for line, _ in phrases(language):
        found = read_schedule(line, NOW, ZONE, language)
        for each in [found] if isinstance(found, Reading) else found.suggestions:
            holds(each, language)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_unsure_is_told_in_words(language: str) -> None:
    for line, _ in phrases(language):
        found = read_schedule(line, NOW, ZONE, language)
        if isinstance(found, Unsure):
            assert "{" not in unsure_words(found, SAY[language])


def chosen(values: range) -> st.SearchStrategy[tuple[int, ...]]:
    some = st.lists(st.sampled_from(values), min_size=1, unique=True)
    return st.one_of(st.just(tuple(values)), some.map(lambda each: tuple(sorted(each))))


@st.composite
def walls(draw: st.DrawFn) -> Wall:
    steps = st.sampled_from([tuple(range(0, 60, n)) for n in (1, 5, 10, 15, 20, 30)])
    minutes = draw(st.one_of(steps, st.integers(0, 59).map(lambda n: (n,)), chosen(range(60))))
    spans = st.tuples(st.integers(0, 23), st.integers(0, 23), st.integers(1, 6)).map(
        lambda span: tuple(range(min(span[:2]), max(span[:2]) + 1, span[2]))
    )
    hours = draw(st.one_of(spans, chosen(range(24))))
    months = draw(chosen(range(1, 13)))
    match draw(st.sampled_from(["week", "days", "last", "nth"])):
        case "week":
            days = {"weekdays": draw(chosen(range(7)))}
        case "days":
            some = [day for day in draw(chosen(range(1, 32))) if day < 29] or [1]
            days = {"days": tuple(some)}
        case "last":
            days = {"days": (-1,)}
        case _:
            nth = draw(st.sampled_from([1, 2, 3, 4, 5, -1]))
            return Wall(
                minutes=minutes, hours=hours, months=months,
                weekdays=(draw(st.integers(0, 6)),), nth=nth,
            )  # fmt: skip
    return Wall(minutes=minutes, hours=hours, months=months, **days)


@pytest.mark.slow
@given(walls(), st.sampled_from(LANGUAGES), st.sampled_from(ZONES))
def test_any_times_on_the_wall_are_read_back(wall: Wall, language: str, zone: str) -> None:
    fields = cron_of(wall)

    assert wall_of(fields) == wall
    found = back(Cron(fields), zone, language)
    assert isinstance(found, Reading)
    assert (found.trigger, found.zone) == (Cron(fields), zone)
    assert found.text == "work on 3 things at 9"


@pytest.mark.slow
@given(
    st.integers(1, 366 * 1440), MOMENTS, MOMENTS, st.sampled_from(LANGUAGES), st.sampled_from(ZONES)
)
def test_any_steps_and_any_time_are_read_back(
    minutes: int, now: datetime, later: datetime, language: str, zone: str
) -> None:
    plain = read_schedule(f"every {minutes} minutes x", now, zone)
    assert isinstance(plain, Reading)
    holds(plain, language, now, zone)
    now, later = sorted((now, later))
    at = to_micros(later) // MINUTE * MINUTE
    if at > to_micros(now):
        assert_back = (Every(minutes * MINUTE, at), Once(at))
        for trigger in assert_back:
            found = back(trigger, zone, language, now)
            assert isinstance(found, Reading), in_words(trigger, zone, SAY[language])
            assert found.trigger == trigger


def words_of(language: str) -> list[str]:
    found: set[str] = {"9", "10", "9:30", "31", "1", ".", ",", ":", "-", "Europe/Vienna", "x", "0"}

    def collect(items: tuple[object, ...]) -> None:
        for item in items:
            if isinstance(item, Words):
                found.update(item.any_of)
            elif isinstance(item, Maybe):
                collect(item.items)

    for ways in grammar(language).rules.values():
        for _, items in ways:
            collect(items)
    return sorted(found)


@pytest.mark.slow
@given(st.data(), st.sampled_from(LANGUAGES), MOMENTS, st.sampled_from(ZONES))
def test_words_of_time_in_any_order_are_read_rightly_or_asked_back(
    data: st.DataObject, language: str, now: datetime, zone: str
) -> None:
    parts = data.draw(st.lists(st.sampled_from(words_of(language)), min_size=1, max_size=9))
    found = read_schedule(" ".join(parts), now, zone, language)

    for each in [found] if isinstance(found, Reading) else found.suggestions:
        holds(each, language, now, zone)
    if isinstance(found, Unsure):
        unsure_words(found, SAY[language])


@pytest.mark.slow
@given(st.data(), st.sampled_from(LANGUAGES))
def test_phrases_put_together_are_read_rightly_or_asked_back(
    data: st.DataObject, language: str
) -> None:
    lines = st.sampled_from([line for line, _ in phrases(language)])
    one, other = data.draw(lines), data.draw(lines)
    cut = data.draw(st.integers(0, len(one)))
    found = read_schedule(f"{one[:cut]} {other}", NOW, ZONE, language)

    for each in [found] if isinstance(found, Reading) else found.suggestions:
        holds(each, language)


@given(st.text(max_size=200))
def test_whatever_is_written_there_is_an_answer(line: str) -> None:
    assert isinstance(read_schedule(line, NOW, ZONE), Reading | Unsure)


@given(st.text("0123456789*/,-#L MONJAN", max_size=24))
def test_whatever_is_written_as_fields_has_times_or_is_refused(fields: str) -> None:
    try:
        wall = wall_of(fields)
    except BadField:
        return
    if wall:
        assert following(Cron(fields), "UTC", to_micros(NOW)) == following(
            Cron(cron_of(wall)), "UTC", to_micros(NOW)
        )


@pytest.mark.parametrize(
    ("trigger", "english", "german"),
    [
        (
            Every(10 * MINUTE, to_micros(datetime(1970, 1, 1, tzinfo=UTC))),
            "every 10 minutes",
            "alle 10 Minuten",
        ),
        (Cron("0 9 * * 1-5"), "every weekday at 09:00", "Montag bis Freitag um 09:00"),
        (Cron("5 4 * * 0"), "every Sunday at 04:05", "jeden Sonntag um 04:05"),
        (
            Cron("*/10 9-16 * * 1-5"),
            "every weekday, every 10 minutes from 09:00 to 16:50",
            "Montag bis Freitag, alle 10 Minuten von 09:00 bis 16:50",
        ),
        (
            Cron("0 8 1,15 * *"),
            "on the 1st and 15th of the month at 08:00",
            "am 1. und 15. des Monats um 08:00",
        ),
        (
            Cron("0 9 * * 5L"),
            "on the last Friday of the month at 09:00",
            "am letzten Freitag des Monats um 09:00",
        ),
        (Cron("0 9 13 * 5"), "cron `0 9 13 * 5`", "cron `0 9 13 * 5`"),
        (
            Once(to_micros(datetime(2026, 12, 24, 18, tzinfo=UTC))),
            "on 24 December 2026 at 19:00",
            "am 24. Dezember 2026 um 19:00",
        ),
        (
            Once(to_micros(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))),
            "on 25 October 2026 at 02:30 UTC+01:00",
            "am 25. Oktober 2026 um 02:30 UTC+01:00",
        ),
        (
            Idle(20 * MINUTE),
            "when nothing has been at work for 20 minutes",
            "wenn seit 20 Minuten nichts in Arbeit ist",
        ),
        (
            Happens("task.ended", {"outcome": "failed"}),
            "when a task fails",
            "wenn eine Aufgabe fehlschlägt",
        ),
        (
            Happens("worker.gone", {"name": "ana"}),
            "when `worker.gone` happens with `name` `ana`",
            "wenn `worker.gone` geschieht mit `name` `ana`",
        ),
    ],
)
def test_schedules_are_said_in_the_readers_language(
    trigger: Trigger, english: str, german: str
) -> None:
    assert in_words(trigger, ZONE, SAY["en"], told=False) == english
    assert in_words(trigger, ZONE, SAY["de"], told=False) == german


def test_times_on_the_wall_say_whose_wall_it_is() -> None:
    once, every = Once(to_micros(NOW)), read_schedule("every 10 minutes x", NOW, ZONE)

    assert isinstance(every, Reading)
    assert in_words(Cron("0 9 * * *"), ZONE, SAY["en"]) == "every day at 09:00 (Europe/Vienna)"
    assert in_words(once, "UTC", SAY["en"]) == "on 22 November 2026 at 13:03 (UTC)"
    assert in_words(every.trigger, ZONE, SAY["en"]) == "every 10 minutes"


def test_what_comes_next_names_a_day_where_it_is_another() -> None:
    hours = (0, 1, 20, 21, 24 * 3, 24 * 40)
    instants = [to_micros(NOW + timedelta(hours=each, minutes=7)) for each in hours]

    assert next_words(instants, ZONE, to_micros(NOW), SAY["en"]) == (
        "Next: 14:10, 15:10, tomorrow 10:10, 11:10, Wednesday 14:10, 1 January 2027 14:10"
    )
    assert next_words(instants[:3], ZONE, to_micros(NOW), SAY["de"]) == (
        "Als Nächstes: 14:10, 15:10, morgen 10:10"
    )


def test_each_language_of_the_catalogue_has_its_phrases() -> None:
    assert tuple(sorted(file.stem for file in FOLDER.glob("*.toml"))) == LANGUAGES
    assert Messages.languages() == LANGUAGES
    names = {language: set(grammar(language).words) for language in LANGUAGES}
    assert names["de"] == names["en"]
