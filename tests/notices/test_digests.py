"""At the hour of each person one message of what there was since their last: once for a day of
theirs, whatever clocks, zones and kills do, and never what they may not see."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.commands.desk import Desk
from swarm_core.kernel.actor import direct
from swarm_core.notices.digest import Digest, Ends, following, latest
from swarm_core.notices.digests import Digested
from swarm_core.notices.model import Delivery
from swarm_core.people import TERMINAL
from swarm_core.tasks.model import Request
from swarm_core.testing import LoopClock, MemoryCourier
from tests.notices.nights import CHAT, HOUR, Night, night, said
from tests.worlds import virtual

DM = direct(CHAT, "7")


async def ana_in(here: Night, zone: str = "UTC") -> Desk:
    """Ana, who is there when digests begin."""
    ana = await here.operator()
    await said(ana, f"/me zone {zone}")
    await said(here.owner, "/me zone UTC")
    await here.swarm.digests.start()
    return ana


def digests(here: Night, place: Any = DM) -> list[Delivery]:
    return [d for d in here.delivered("digest") if d.place == place]


async def told(here: Night, delivery: Delivery) -> Digest:
    found = await here.swarm.digests.kept(delivery.about["person"], delivery.about["day"])
    assert isinstance(found, Digested)
    return found.digest


@virtual
async def test_at_their_hour_each_is_told_what_ended_and_what_waits_once(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await ana_in(here)
        for text in ("work 60", "work 90", "work 120 fail"):
            await here.asks(ana, text)
        await here.until(day=2, hour=8, minute=29)
        assert digests(here) == []
        await here.until(day=2, hour=8, minute=31)
        (one,) = digests(here)
        made = await told(here, one)
        assert (made.own, made.failures) == (Ends(done=2, failed=1), (3,))
        assert (made.day, made.whole) == ("2026-01-02", None)
        await here.until(day=5, hour=12)
        assert len(digests(here)) == 1  # nothing more has happened


@virtual
async def test_the_owner_has_everybodys_at_the_terminal_and_nobody_sees_anothers(
    tmp_path: Path,
) -> None:
    async with night(tmp_path) as here:
        ana, ben = await ana_in(here), await here.operator("8")
        await said(ben, "/me zone UTC")
        await here.asks(ana, "work 60 fail")
        await here.asks(ben, "work 60")
        await here.until(day=2, hour=9)
        (mine,), (hers,) = digests(here, TERMINAL), digests(here, direct(CHAT, "8"))
        whole = (await told(here, mine)).whole
        assert whole
        assert whole.ends == Ends(done=1, failed=1)
        made = await told(here, hers)
        assert (made.own, made.failures, made.whole) == (Ends(done=1), (), None)


@virtual
async def test_what_a_standing_priority_did_stands_under_its_name_and_its_gate_nowhere(
    tmp_path: Path,
) -> None:
    async with night(tmp_path) as here:
        ana = await ana_in(here)
        await here.asks(ana, "work 60")
        for key, text in (
            ("standing/nightly/1", "work 70"),
            ("standing/nightly/2", "work 80 fail"),
            ("standing/nightly/2/gate", "work 90 fail"),
        ):
            wanted = Request(text=text, place=ana.place, key=key)
            await here.swarm.intake.submit(ana.actor, wanted)
        await here.until(day=2, hour=9)
        made = await told(here, digests(here)[0])
        assert made.own == Ends(done=1)
        assert [(each.name, each.ends) for each in made.groups] == [
            ("nightly", Ends(done=1, failed=1))
        ]
        assert (made.failed, len(made.failures)) == (1, 1)


@virtual
async def test_who_has_nothing_gets_none_and_who_wants_none_neither(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana, _ = await ana_in(here), await here.operator("8")
        await here.asks(ana, "work 60")
        assert "no digest" in await said(ana, "/digest at none")
        await here.until(day=3, hour=12)
        assert digests(here) == digests(here, direct(CHAT, "8")) == []
        await said(ana, "/digest at default")
        await here.until(day=4, hour=8, minute=31)
        assert [d.about["day"] for d in digests(here)] == ["2026-01-04"]


@virtual
async def test_an_hour_chosen_after_it_has_passed_is_one_of_tomorrow(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await ana_in(here)
        await here.asks(ana, "work 60")
        await said(ana, "/digest at 11:55")
        await here.until(hour=20)
        assert digests(here) == []
        await said(ana, "/me digest 20:10")
        await here.until(hour=20, minute=12)
        assert len(digests(here)) == 1


@virtual
async def test_in_quiet_hours_it_waits_for_their_end(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await ana_in(here)
        await said(ana, "/digest at 5:00")
        await here.asks(ana, "work 60")
        await here.until(day=2, hour=7, minute=59)
        assert digests(here) == []
        assert "held until" in await said(ana, "/notifications")
        await here.until(day=2, hour=8, minute=1)
        (one,) = digests(here)
        assert (await told(here, one)).upto < one.created + HOUR


def at(when: datetime) -> LoopClock:
    """A clock that shows `when` now."""
    again = LoopClock(when)
    again._start -= timedelta(seconds=asyncio.get_running_loop().time())
    return again


@virtual
@pytest.mark.parametrize(("hour", "day", "days"), [(20, 2, ["02"]), (21, 2, []), (9, 3, ["03"])])
async def test_a_swarm_that_slept_at_the_hour_sends_it_on_waking_or_in_the_next(
    tmp_path: Path, hour: int, day: int, days: list[str]
) -> None:
    async with night(tmp_path) as here:
        await here.asks(await ana_in(here), "work 60")
        await here.until(hour=13)
    late = datetime(2026, 1, day, hour, tzinfo=UTC)
    async with night(tmp_path, clock=at(late)) as here:
        await here.swarm.digests.start()
        await asyncio.sleep(60)
        assert [d.about["day"] for d in digests(here)] == [f"2026-01-{each}" for each in days]
        await here.until(day=4, hour=9)
        assert len(digests(here)) == 1
        assert (await told(here, digests(here)[0])).own == Ends(done=1)


@virtual
async def test_a_clock_that_was_ahead_and_one_that_goes_back_double_nothing(
    tmp_path: Path,
) -> None:
    async with night(tmp_path) as here:
        await here.asks(await ana_in(here), "work 60")
        await here.until(day=2, hour=9)
        assert len(digests(here)) == 1
    for hour in (8, 10, 8):  # the same day again, from before the hour on
        async with night(tmp_path, clock=at(datetime(2026, 1, 2, hour, tzinfo=UTC))) as here:
            await here.swarm.digests.start()
            await here.asks(await here.at("7"), "work 1")
            await here.until(day=2, hour=20)
            assert digests(here) == []
    async with night(tmp_path, clock=at(datetime(2027, 1, 2, 10, tzinfo=UTC))) as here:
        await here.swarm.digests.start()
        await asyncio.sleep(60)
    async with night(tmp_path, clock=at(datetime(2026, 1, 3, 8, tzinfo=UTC))) as here:
        await here.swarm.digests.start()
        await here.until(day=3, hour=9)
        assert [d.about["day"] for d in digests(here)] == ["2026-01-03"]


class Deaf(MemoryCourier):
    """Takes digests only when told to."""

    takes = False

    async def deliver(self, delivery: Delivery) -> str:
        from swarm_core.kernel.errors import SurfaceAway

        if delivery.kind == "digest" and not self.takes:
            raise SurfaceAway(surface=CHAT, problem="it does not answer")
        return await super().deliver(delivery)


@virtual
async def test_of_several_that_nobody_was_given_there_is_one_in_the_end_that_tells_of_all(
    tmp_path: Path,
) -> None:
    deaf = Deaf()
    async with night(tmp_path, courier=deaf) as here:
        ana = await ana_in(here)
        for day in (2, 3, 4):
            await here.asks(ana, "work 60")
            await here.until(day=day, hour=9)
        deaf.takes = True
        await here.until(day=4, hour=12)
        (one,) = digests(here)
        made = await told(here, one)
        assert (made.day, made.own) == ("2026-01-04", Ends(done=3))
        assert "replaced by a later one" in await said(ana, "/notifications")


@virtual
async def test_what_waits_for_a_decision_is_told_to_whom_may_decide(tmp_path: Path) -> None:
    async with night(tmp_path, confirm={"above": "0.01"}, price=50_000) as here:
        ana, ben = await ana_in(here), await here.operator("8", "approver")
        await said(ben, "/me zone UTC")
        await said(here.owner, f"/people role {CHAT}/8 approver --space *")
        task = await here.asks(ana, "work 60")
        await here.until(day=2, hour=9)
        (hers,), (his,) = digests(here), digests(here, direct(CHAT, "8"))
        made = await told(here, his)
        assert (made.to_decide, len(made.approvals), made.parked) == (1, 1, ())
        mine = await told(here, hers)
        assert task in mine.parked or mine.to_decide


@virtual
async def test_a_digest_shown_on_request_is_not_one_that_was_sent(tmp_path: Path) -> None:
    async with night(tmp_path) as here:
        ana = await ana_in(here)
        assert "Nothing to tell" in await said(ana, "/digest")
        await here.asks(ana, "work 60 fail")
        await here.until(hour=14)
        shown = await said(ana, "/digest")
        assert "1 failed" in shown
        assert "08:30" in shown
        await here.until(day=2, hour=9)
        assert len(digests(here)) == 1


ZONES = ("Pacific/Apia", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [time(0), time(2, 30), time(8, 30), time(23, 55)])
def test_each_day_of_a_year_has_one_instant_which_follows_the_one_before(
    zone: str, hour: time
) -> None:
    """Of the hours that are left out, or come twice, as well."""
    where, now = ZoneInfo(zone), datetime(2026, 1, 1, tzinfo=UTC)
    days = []
    while now < datetime(2027, 1, 1, tzinfo=UTC):
        before, now = now, following(now, hour, where)
        day, instant = latest(now, hour, where)
        assert instant == now
        assert latest(now - timedelta(seconds=1), hour, where)[1] <= before
        days.append(day)
        shown = now.astimezone(where)
        there = datetime.combine(day, hour, where)
        exists = there.astimezone(UTC).astimezone(where).time() == hour
        assert (shown.date(), shown.time()) == (day, hour) or not exists
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]


@virtual
@pytest.mark.slow
@pytest.mark.parametrize("first", [(3, 6), (3, 27), (10, 23), (10, 30)])
async def test_when_clocks_change_there_is_one_a_day_at_the_hour_all_the_same(
    tmp_path: Path, first: tuple[int, int]
) -> None:
    start = datetime(2026, *first, 12, tzinfo=UTC)
    quiet = {"quiet_hours": None}
    async with night(tmp_path, notices=quiet, clock=at(start)) as here:
        desks = [await here.operator(str(20 + n)) for n, _ in enumerate(ZONES)]
        for desk, zone in zip(desks, ZONES, strict=True):
            await said(desk, f"/me zone {zone}")
            await said(desk, "/digest at 2:30")
        await here.swarm.digests.start()
        for _ in range(5):
            for desk in desks:
                await here.asks(desk, "work 0")
            await asyncio.sleep(86_400)
        for n, zone in enumerate(ZONES):
            got = digests(here, direct(CHAT, str(20 + n)))
            assert len({d.about["day"] for d in got}) == len(got) == 5
            assert [(await told(here, d)).own.done for d in got] == [1] * 5
            for each in got:
                there = datetime.fromtimestamp(each.created / 1e6, ZoneInfo(zone))
                assert f"{there:%Y-%m-%d}" == each.about["day"]
                assert f"{there:%H:%M}" in ("02:30", "03:30")
