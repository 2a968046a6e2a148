"""What fails again and again is one incident, told once at its beginning and once at its end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from swarm_core.incidents import Cause, Failed
from swarm_core.incidents.events import IncidentClosed, IncidentGrew, IncidentOpened
from swarm_core.kernel.actor import ADMIN, MEMBER, direct
from swarm_core.kernel.errors import NotAllowed, NotFound
from swarm_core.people import TERMINAL
from swarm_core.steps.model import Failure
from swarm_core.store import Fact
from tests.incidents.nightly import REFUSED, SUBJECT, TIMEOUT, Nights, nightly
from tests.notices.nights import CHAT, HERE, said
from tests.worlds import virtual

HOUR = 3_600


@virtual
async def test_two_failures_are_one_incident_and_a_success_is_its_one_end(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        ana = await at.operator()
        opened: list[Fact] = []
        at.swarm.store.listen((IncidentOpened, IncidentClosed), opened.append)
        await at.checks(ana, REFUSED)
        assert at.told == []
        begun = at.swarm.store.clock.now()
        second = await at.checks(ana, REFUSED)
        assert at.told == ["incident"]
        assert (at.swarm.store.clock.now() - begun).total_seconds() < 60
        for _ in range(3):
            await at.checks(ana, REFUSED)
        assert at.told == ["incident"]
        shown = await said(ana, "/incident show 1")
        await at.checks(ana)
        await at.checks(ana)
        told = at.told
        listed = await said(ana, "/incidents")
        history = await at.swarm.store.history(second)
    assert told == ["incident", "recovered"]
    assert [fact.event.kind for fact in opened] == ["incident.opened", "incident.closed"]
    # In the transaction of the failure itself: at the same instant.
    (ended,) = [fact for fact in history if fact.event.kind == "task.ended"]
    assert opened[0].at == ended.at
    for part in ("nightly keeps failing", "Exit code", "7", "#2 #1", "line 30", "db.example"):
        assert part in shown, part
    assert "line 20" not in shown
    assert "Nothing is wrong now" in listed


@virtual
async def test_the_words_of_notices_say_what_why_how_often_and_how_long(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        ana = await at.operator()
        await at.checks(ana, REFUSED)
        await asyncio.sleep(2 * HOUR)
        await at.checks(ana, REFUSED)
        (notice,) = at.delivered("incident")
        begun = await at.words(ana, notice)
        await asyncio.sleep(HOUR // 4)
        await at.checks(ana)
        (end,) = at.delivered("recovered")
        over = await at.words(ana, end)
    assert "Incident 1: nightly keeps failing" in begun
    assert "I have it" in begun
    assert "/incident ack 1" in begun
    assert "db.example" in begun
    assert "line 30" in begun
    assert "nightly works again, after 2 h 15 min and 2 failures" in over
    assert (notice.place, notice.delivery_class) == (HERE, "decision")


@virtual
async def test_one_failure_is_silent(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        ana = await at.operator()
        await at.checks(ana, REFUSED)
        await at.checks(ana)
        await at.checks(ana, REFUSED)
        await at.checks(ana)
        listed = await said(ana, "/incidents")
    assert at.told == []
    assert "Nothing is wrong, and nothing has been" in listed


@virtual
async def test_another_cause_begins_no_row_of_its_own_and_the_third_failure_is_one_anyway(
    tmp_path: Path,
) -> None:
    async with nightly(tmp_path) as at:
        ana = await at.operator()
        await at.checks(ana, REFUSED)
        await at.checks(ana, TIMEOUT)
        assert at.told == []
        await at.checks(ana, REFUSED)
        assert at.told == ["incident"]


@virtual
async def test_another_cause_while_one_is_open_is_shown_and_not_told_again(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        grown: list[Fact] = []
        at.swarm.store.listen((IncidentGrew,), grown.append)
        ana = await at.operator()
        for _ in range(2):
            await at.checks(ana, REFUSED)
        for _ in range(3):
            await at.checks(ana, TIMEOUT)
        shown = await said(ana, "/incident show 1")
        assert at.told == ["incident"]
        causes = [fact.event.code for fact in grown if isinstance(fact.event, IncidentGrew)]
    # The other cause once, and the fourth failure in all.
    assert causes == ["no_such_host", "no_such_host"]
    assert "Another cause" in shown


def exit_with(code: int) -> Failure:
    return Failure(code="unreachable", data={**REFUSED.data, "exit_code": code})


@virtual
async def test_another_exit_code_is_another_cause(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        ana = await at.operator()
        await at.checks(ana, exit_with(1))
        await at.checks(ana, exit_with(2))
        assert at.told == []


@virtual
async def test_what_is_not_there_any_more_is_closed_as_that(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        ana = await at.operator()
        for _ in range(2):
            task = await at.checks(ana, REFUSED)
        (ended,) = [f for f in await at.swarm.store.history(task) if f.event.kind == "task.ended"]
        book = at.swarm.watch.incidents.book
        await at.swarm.store.write(lambda tx: book.dropped(tx, SUBJECT, ended))
        await at.courier.until(lambda _: len(at.told) == 2)
        words = await at.words(ana, at.delivered("recovered")[0])
    assert "not looked at any more" in words


# ── who has it, and what happens while nobody does ──────────────────────────


async def broken(at: Nights, desk: object) -> None:
    for _ in range(2):
        await at.checks(desk, REFUSED)


@virtual
async def test_nobody_is_reminded_of_what_somebody_has(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        ana = await at.operator()
        await broken(at, ana)
        mine = await said(ana, "/incident ack 1")
        again = await said(await at.operator("8"), "/incident ack 1")
        await asyncio.sleep(24 * HOUR)
        assert at.told == ["incident"]
    assert "You have incident 1" in mine
    assert "Incident 1 was taken at" in again
    assert "by name-7" in again


@virtual
async def test_who_does_not_answer_is_reminded_once_and_then_others_are_told(
    tmp_path: Path,
) -> None:
    async with nightly(tmp_path) as at:
        ana = await at.operator()
        await at.operator("9", ADMIN)
        await broken(at, ana)
        await asyncio.sleep(HOUR // 2 + 1)
        assert at.told == ["incident", "incident_reminder"]
        await asyncio.sleep(HOUR // 2)
        assert at.told == ["incident", "incident_reminder", "escalated"]
        (owner,) = at.delivered("escalated")
        await asyncio.sleep(HOUR)
        (_, admin) = at.delivered("escalated")
        await asyncio.sleep(24 * HOUR)
        assert len(at.told) == 4
        shown = await said(ana, "/incident show 1")
        # Whom it was escalated to has it from where they were told.
        there = await at.at("9", space="dm")
        assert "You have incident 1" in await said(there, "/incident ack 1")
        await at.checks(ana)
        over = [each.place for each in at.delivered("recovered")]
    assert owner.place == TERMINAL
    assert admin.place == direct(CHAT, "9")
    assert "told once more" in shown
    assert "name-9 told as well" in shown
    assert set(over) == {HERE, TERMINAL, direct(CHAT, "9")}


@virtual
async def test_each_step_is_taken_once_whatever_restarts_there_are(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        ana = await at.operator()
        await at.operator("9", ADMIN)
        await broken(at, ana)
        courier = at.courier
    await asyncio.sleep(3 * HOUR)
    async with nightly(tmp_path, courier=courier) as at:
        await courier.until(lambda _: len(at.told) == 3)
    for _ in range(3):
        async with nightly(tmp_path, courier=courier) as at:
            await asyncio.sleep(1)
    assert at.told == ["incident", "incident_reminder", "escalated"]
    async with nightly(tmp_path, courier=courier) as at:
        await asyncio.sleep(2 * HOUR)
        report = await at.swarm.store.verify()
    assert at.told == ["incident", "incident_reminder", "escalated", "escalated"]
    assert report.findings == ()


@virtual
async def test_where_there_is_nobody_else_nobody_is_told(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        await broken(at, at.owner)
        await asyncio.sleep(24 * HOUR)
        assert at.told == ["incident", "incident_reminder"]


@virtual
async def test_whom_the_settings_name_is_told_in_their_turn(tmp_path: Path) -> None:
    notices = {"escalation": [f"{CHAT}/9"], "remind_after": None, "escalate_after": "10m"}
    async with nightly(tmp_path, notices=notices) as at:
        await at.operator("9")
        await broken(at, await at.operator())
        await asyncio.sleep(HOUR)
        assert at.told == ["incident", "escalated"]
        assert at.delivered("escalated")[0].place == direct(CHAT, "9")


# ── at night, and by what people wish ────────────────────────────────────────


@virtual
async def test_a_critical_one_is_told_at_night_and_its_end_in_the_morning(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        ana = await at.operator()
        await at.until(hour=23)
        await broken(at, ana)
        assert at.told == ["incident"]
        await at.until(day=2, hour=3)
        await at.checks(ana)
        await asyncio.sleep(60)
        assert HERE not in [each.place for each in at.delivered("recovered")]
        await at.until(day=2, hour=8, minute=1)
        assert HERE in [each.place for each in at.delivered("recovered")]


@virtual
async def test_who_has_just_taken_it_is_awake_and_told_of_the_end_at_once(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        ana = await at.operator()
        await at.until(hour=23)
        await broken(at, ana)
        await said(ana, "/incident ack 1")
        await at.checks(ana)
        assert at.told == ["incident", "recovered"]


@virtual
async def test_nobody_is_woken_where_the_settings_say_so(tmp_path: Path) -> None:
    async with nightly(tmp_path, notices={"wake_for": "none"}) as at:
        ana = await at.operator()
        await at.until(hour=23)
        await broken(at, ana)
        await asyncio.sleep(60)
        assert at.told == []
        listed = await said(ana, "/notifications")
        await at.until(day=2, hour=8, minute=1)
        assert at.told == ["incident"]
        after = await said(ana, "/notifications")
    assert "an incident" in listed
    assert "held until" in listed
    assert [line for line in after.splitlines() if "an incident" in line and "delivered" in line]


@virtual
async def test_it_can_be_moved_and_never_silenced(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        ana = await at.operator()
        for word in ("off", "quiet"):
            with pytest.raises(Exception, match="always_told"):
                await said(ana, f"/notify incident {word}")
        await said(ana, "/notify incident dm")
        await broken(at, ana)
        places = {each.place for each in at.delivered("incident")}
    # Where it reports, and where its owner wishes to be told.
    assert places == {HERE, direct(CHAT, "7")}


# ── who sees what ────────────────────────────────────────────────────────────


@virtual
async def test_what_is_wrong_in_one_place_does_not_exist_in_another(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        await broken(at, await at.operator())
        far = await at.at("9", space="11")
        await said(at.owner, f"/people role {CHAT}/9 {MEMBER}")
        far = await at.at("9", space="11")
        assert "Nothing is wrong" in await said(far, "/incidents")
        for line in ("/incident show 1", "/incident ack 1"):
            with pytest.raises(NotFound):
                await said(far, line)
        near = await at.at("9")
        assert "nightly" in await said(near, "/incidents")
        with pytest.raises(NotAllowed):
            await said(near, "/incident ack 1")
        assert "nightly" in await said(at.owner, "/incidents")


@virtual
async def test_what_was_asked_in_private_is_escalated_to_the_owner_alone(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        await at.operator("9", ADMIN)
        await at.operator()
        await broken(at, await at.at("7", space="dm"))
        await asyncio.sleep(24 * HOUR)
        assert [each.place for each in at.delivered("escalated")] == [TERMINAL]


@virtual
async def test_a_number_nobody_has_is_said_to_be_that(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        with pytest.raises(NotFound):
            await said(at.owner, "/incident show 12345678901234")


@virtual
async def test_failures_of_one_task_are_kept_so_many_and_no_more(tmp_path: Path) -> None:
    async with nightly(tmp_path) as at:
        ana = await at.operator()
        task = await at.checks(ana, REFUSED)
        (fact,) = [f for f in await at.swarm.store.history(task) if f.event.kind == "task.ended"]
        book, cause = at.swarm.watch.incidents.book, Cause(code="unreachable", data=REFUSED.data)
        for n in range(2, 160):
            failed = Failed(subject=SUBJECT, cause=cause, place=HERE, owner="chat/10/7", task=n)  # type: ignore[arg-type]
            await at.swarm.store.write(lambda tx, failed=failed: book.failed(tx, failed, fact))  # type: ignore[misc]
        shown = await at.swarm.watch.incidents.whole(1)
        (grown,) = await at.swarm.store.read(
            lambda rows: rows.execute(
                "select count(*) from journal where kind = 'incident.grew'"
            ).fetchone()
        )
    assert len(shown.tasks) == 100
    assert shown.incident.failures == 159
    assert grown == 6  # 4, 8, 16, 32, 64, 128
