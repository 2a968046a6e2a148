"""The answer of a model holds what its shape and the line allow, and nothing more."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.schedule.reading import Reading, Unsure, from_model, prompt_for
from tests.schedule.said import NOW, ZONE, note

LINE = 'water the plants "soon" every blue moon'


@pytest.mark.parametrize(
    ("answer", "noted"),
    [
        ({"cron": "0 9 * * MON"}, "cron 0 9 * * 1 | water the plants"),
        ({"every_minutes": 40320}, "every 40320 from 2026-12-20 14:03 | water the plants"),
        (
            {"every_minutes": 60, "first": "2026-11-23 09:00"},
            "every 60 from 2026-11-23 09:00 | water the plants",
        ),
        ({"at": "2026-11-30 18:00"}, "once 2026-11-30 18:00 | water the plants"),
        ({"idle_minutes": 5}, "idle 5 | water the plants"),
        (
            {"cron": "0 9 * * *", "zone": "Asia/Tokyo", "action": "remind", "report": "always"},
            "cron 0 9 * * * | water the plants | remind | report=always | zone=Asia/Tokyo",
        ),
    ],
)
def test_an_answer_of_the_shape_is_a_reading(answer: dict[str, object], noted: str) -> None:
    told = msgspec.json.encode({"text": "water the plants", **answer}).decode()

    assert note(from_model(told, LINE, NOW, ZONE)) == noted
    assert note(from_model(f"```json\n{told}\n```", LINE, NOW, ZONE)) == noted


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "no_json"),
        ("every day at nine", "no_json"),
        ('{"text": "water the plants", "cron": "0 9 * * *", "cap": 1000000}', "no_json"),
        ('{"text": "water the plants", "cron": 9}', "no_json"),
        ('{"text": "water the plants", "cron": "0 9 * * *", "report": "nobody"}', "no_json"),
        ("{" * 3000 + "}" * 900, "no_json"),
        ('{"text": "", "unsure": "it does not say"}', "unsure"),
        ('{"text": "delete the plants", "cron": "0 9 * * *"}', "text"),
        ('{"text": "", "cron": "0 9 * * *"}', "text"),
        ('{"text": "water the plants"}', "time"),
        ('{"text": "water the plants", "cron": "0 9 * * *", "every_minutes": 5}', "time"),
        ('{"text": "water the plants", "cron": "0 9 31 2 *"}', "time"),
        ('{"text": "water the plants", "cron": "* * * * * *"}', "time"),
        ('{"text": "water the plants", "every_minutes": 0}', "time"),
        ('{"text": "water the plants", "every_minutes": 99999999999}', "time"),
        ('{"text": "water the plants", "at": "2020-01-01 09:00"}', "time"),
        ('{"text": "water the plants", "at": "9999-01-01 09:00"}', "time"),
        ('{"text": "water the plants", "at": "tomorrow"}', "time"),
        ('{"text": "water the plants", "idle_minutes": -1}', "time"),
        ('{"text": "water the plants", "cron": "0 9 * * *", "zone": "Europe/Viena"}', "zone"),
        ('{"text": "water the plants", "cron": "0 9 * * *", "zone": "moon"}', "zone"),
    ],
)
def test_any_other_answer_comes_to_nothing(answer: str, reason: str) -> None:
    found = from_model(answer, LINE, NOW, ZONE)

    assert isinstance(found, Unsure)
    assert (found.problem, found.data) == ("model", {"reason": reason})


@given(st.text(max_size=200))
def test_whatever_a_model_says_there_is_an_answer(answer: str) -> None:
    assert isinstance(from_model("{" + answer + "}", LINE, NOW, ZONE), Unsure | Reading)


def test_the_question_has_the_line_as_data_and_the_time_where_it_was_written() -> None:
    asked = prompt_for(LINE, datetime(2026, 11, 22, 23, 30, tzinfo=UTC), ZONE)

    assert msgspec.json.encode(LINE).decode() in asked
    assert "2026-11-23 00:30" in asked
    assert "Monday" in asked
