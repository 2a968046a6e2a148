"""In somebody's quiet hours only decisions, failures and what they just asked for are sent; the
rest comes at their end, once and in order, whatever the clocks do."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.desk import Desk
from swarm_core.kernel.errors import BadArgument, SurfaceAway
from swarm_core.kernel.hours import Span, time_of_day
from swarm_core.notices import tables
from swarm_core.notices.model import Delivery
from swarm_core.people import TERMINAL
from swarm_core.testing import OWNER, LoopClock, MemoryCourier, request
from tests.notices.nights import CHAT, HERE, HOUR, Night, night, said
from tests.worlds import Gate, virtual

BERLIN = ZoneInfo("Europe/Berlin")
USUAL = Span(time(22), time(8))


async def in_utc(here: Night) -> Desk:
    ana = await here.operator()
    await said(ana, "/me zone UTC")
    return ana


@virtual
async def test_what_was_asked_for_long_ago_waits_for_the_morning_and_comes_in_order(
    tmp_path: Path,
) -> None:
    async with night(tmp_path) as here:
        ana = await in_utc(here)
        tasks = [await here.asks(ana, f"work {11 * HOUR - n}") for n in range(3)]
        await here.until(hour=23, minute=30)
        assert here.got() == []
        assert "held until" in await said(here.owner, "/outbox")
        assert "held until" in await said(ana, "/notifications")
        await here.swarm.outbox.again(CHAT)  # the surface comes back: no reason to wake anybody
        await here.until(day=2, hour=7, minute=59)
        assert here.got() == []
        await here.until(day=2, hour=8)
        await asyncio.sleep(1)
        assert here.got() == [(task, HERE) for task in reversed(tasks)]
        assert not any(d.repeat for d in here.delivered())
        await here.until(day=3, hour=12)
        assert len(here.got()) == 3


@virtual
async def test_who_just_asked_is_awake_and_is_answered(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await in_utc(here)
        await here.until(hour=23)
        task = await here.asks(ana, "work 60")
        late = await here.asks(ana, f"work {HOUR}")
        await here.until(day=2, hour=0, minute=30)
        assert here.got() == [(task, HERE)]
        await here.until(day=2, hour=9)
        assert here.got() == [(task, HERE), (late, HERE)]


@virtual
async def test_who_has_just_said_yes_to_it_is_awake_as_well(tmp_path: Path) -> None:
    async with night(tmp_path, confirm={"above": "0.01"}, price=50_000) as here:
        ana, ben = await in_utc(here), await here.operator("8", "approver")
        await said(ben, "/me zone UTC")
        mine, others = await here.asks(ana, "work 60"), await here.asks(ana, "work 90")
        await here.until(hour=23)
        waiting = {each.task: each.id for each in await here.swarm.deciding.open_ones()}
        await said(ana, f"/approve {waiting[mine]}")
        await said(ben, f"/approve {waiting[others]}")
        await here.until(hour=23, minute=10)
        assert here.got() == [(mine, HERE)]


@virtual
async def test_a_failure_comes_in_the_night_as_well(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await in_utc(here)
        task = await here.asks(ana, f"work {14 * HOUR} fail")
        await here.until(day=2, hour=2, minute=1)
        assert here.got() == [(task, HERE)]


@virtual
async def test_the_terminal_shows_what_there_is_at_any_hour(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        await said(here.owner, "/me zone UTC")
        receipt = await here.swarm.intake.submit(OWNER, request(f"work {14 * HOUR}"))
        here.swarm.outbox.replied(receipt.task)
        await here.until(day=2, hour=2, minute=1)
        assert here.got() == [(receipt.task, TERMINAL)]


@virtual
async def test_who_wants_no_quiet_hours_gets_what_waited_at_once(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await in_utc(here)
        task = await here.asks(ana, f"work {11 * HOUR}")
        await here.until(hour=23, minute=30)
        assert here.got() == []
        assert "none" in await said(ana, "/me quiet none")
        await asyncio.sleep(1)
        assert here.got() == [(task, HERE)]
        assert "22:00-08:00" in await said(ana, "/me quiet default")


@virtual
async def test_other_hours_and_another_zone_move_what_waits(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await in_utc(here)
        task = await here.asks(ana, f"work {11 * HOUR}")
        await here.until(hour=23, minute=30)
        await said(ana, "/me quiet 21:00-9:30")
        await here.until(day=2, hour=9, minute=29)
        assert here.got() == []
        await said(ana, "/me zone America/New_York")  # where it is half past four in the night
        await here.until(day=2, hour=14, minute=29)
        assert here.got() == []
        await here.until(day=2, hour=14, minute=31)
        assert here.got() == [(task, HERE)]


@virtual
async def test_the_hours_of_one_do_not_hold_up_another(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana, ben = await in_utc(here), await here.operator("8")
        await said(ben, "/me zone Pacific/Honolulu")
        await here.asks(ana, f"work {11 * HOUR}")
        other = await here.asks(ben, f"work {11 * HOUR}")
        await here.until(hour=23, minute=30)
        assert here.got() == [(other, HERE)]


@virtual
async def test_with_no_hours_in_the_settings_nobody_has_any_but_who_says_so(
    tmp_path: Path,
) -> None:
    async with night(tmp_path, notices={"quiet_hours": None, "digest": None}) as here:
        ana, ben = await in_utc(here), await here.operator("8")
        await said(ben, "/me zone UTC")
        await said(ben, "/me quiet 22:00-08:00")
        task = await here.asks(ana, f"work {11 * HOUR}")
        await here.asks(ben, f"work {11 * HOUR}")
        await here.until(hour=23, minute=30)
        assert here.got() == [(task, HERE)]


@virtual
async def test_what_waits_outlives_the_process_and_comes_once_without_a_label(
    tmp_path: Path,
) -> None:
    async with night(tmp_path) as here:
        ana = await in_utc(here)
        task = await here.asks(ana, f"work {11 * HOUR}")
        await here.until(hour=23, minute=30)
        # What a kill may have cut off is what was being sent, which this was not.
        assert await here.swarm.store.write(tables.interrupted) == []
    again = LoopClock(datetime(2026, 1, 2, 1, tzinfo=UTC))
    loop = asyncio.get_running_loop()
    again._start -= timedelta(seconds=loop.time())
    async with night(tmp_path, clock=again) as here:
        await here.until(day=2, hour=7, minute=59)
        assert here.got() == []
        await here.until(day=2, hour=8, minute=1)
        assert [(d.task, d.repeat) for d in here.delivered()] == [(task, False)]


@virtual
async def test_what_a_reply_has_shown_does_not_come_in_the_morning(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await in_utc(here)
        task = await here.asks(ana, f"work {11 * HOUR}")
        await here.until(hour=23, minute=30)
        await here.swarm.outbox.shown(task)
        await here.until(day=2, hour=9)
        assert here.got() == []


@virtual
async def test_one_that_is_slow_in_the_morning_keeps_its_place_and_holds_up_no_other_place(
    tmp_path: Path,
) -> None:
    gate, first = Gate(), list[Delivery]()

    class Slow(MemoryCourier):
        async def deliver(self, delivery: Delivery) -> str:
            if delivery.kind == "ended" and not first:
                first.append(delivery)
                await gate()
            return await super().deliver(delivery)

    async with night(tmp_path, courier=Slow()) as here:
        ana = await in_utc(here)
        one = await here.asks(ana, f"work {11 * HOUR - 9}")
        two = await here.asks(ana, f"work {11 * HOUR}")
        other = await here.at("7", "11")
        await said(here.owner, f"/people role {CHAT}/7 operator --space {CHAT}/11")
        other = await here.at("7", "11")
        elsewhere = await here.asks(other, f"work {11 * HOUR}")
        await here.until(day=2, hour=8, minute=1)
        assert [task for task, _ in here.got()] == [elsewhere]
        gate.open()
        await asyncio.sleep(1)
        assert [task for task, _ in here.got()] == [elsewhere, one, two]


@virtual
async def test_a_surface_that_is_away_in_the_morning_is_tried_again(tmp_path: Path) -> None:
    left = [SurfaceAway(surface="chat", problem="down") for _ in range(3)]
    courier = MemoryCourier(lambda d: left.pop() if left and d.kind == "ended" else None)
    async with night(tmp_path, courier=courier) as here:
        ana = await in_utc(here)
        task = await here.asks(ana, f"work {11 * HOUR}")
        await here.until(day=2, hour=8, minute=1)
        assert here.got() == [(task, HERE)]


@virtual
async def test_hours_that_are_none_are_refused_with_what_would_do(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        for line in ("/me quiet late", "/me quiet 22:00-22:00", "/me digest 25:00"):
            with pytest.raises(BadArgument) as caught:
                await said(here.owner, line)
            assert "default" in str(caught.value.data["expected"])
        assert "07:15" in await said(here.owner, "/me digest 7:15")
        assert "none" in await said(here.owner, "/me digest none")


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 28), 9), (date(2026, 10, 24), 11), (date(2026, 6, 1), 10)],
)
def test_the_night_in_which_the_clocks_change_is_as_long_as_it_is(day: date, hours: int) -> None:
    begin = datetime.combine(day, time(22), BERLIN).astimezone(UTC)
    end = USUAL.over(begin, BERLIN)
    assert end == datetime.combine(day + timedelta(days=1), time(8), BERLIN).astimezone(UTC)
    assert end - begin == timedelta(hours=hours)


def test_an_hour_that_is_left_out_is_the_next_and_one_that_comes_twice_the_first() -> None:
    span = Span(time(22), time(2, 30))
    spring = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half past one; at two it is three
    assert span.over(spring, BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    autumn = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # two o'clock, which comes again
    assert span.over(autumn, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert span.over(datetime(2026, 10, 25, 1, 0, tzinfo=UTC), BERLIN) is None


@given(
    at=st.integers(0, 15 * 366 * 1_440),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"]),
    begin=st.times(),
    length=st.integers(1, 23),
)
def test_within_a_span_its_end_is_ahead_and_outside_there_is_none(
    at: int, zone: str, begin: time, length: int
) -> None:
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=at)
    begin = begin.replace(second=0, microsecond=0, tzinfo=None)
    later = datetime.combine(date(2000, 1, 2), begin) + timedelta(hours=length)
    span, here = Span(begin, later.time()), ZoneInfo(zone)
    end = span.over(now, here)
    if end is None:
        return
    assert now < end <= now + timedelta(hours=length + 25)
    assert span.over(end, here) is None or length > 22
    assert Span.of(str(span)) == span


@pytest.mark.parametrize("text", ["", "8", "24:00", "8:60", "a:b", "08:30:00"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time of day"):
        time_of_day(text)
