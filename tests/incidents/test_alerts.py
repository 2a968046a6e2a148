"""The swarm looks at itself: what is wrong for longer than a moment is told, and its end."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from swarm_core.incidents import rules
from swarm_core.incidents.model import NO_MARK, Mark, Reading, Rule
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import ProviderBusy, SurfaceAway
from swarm_core.notices.model import Delivery
from swarm_core.providers.model import Health
from swarm_core.settings import Alerts
from swarm_core.steps.model import Answer, Conclusion, Grant
from swarm_core.testing import MemoryCourier, ScriptedProvider, settings
from tests.notices.nights import CHAT, HERE, Night, said
from tests.worlds import Custom, Gate, a_call, answer, ask, concluded, in_virtual_time, virtual

MINUTE = 60
OFF: dict[str, Any] = dict.fromkeys(
    ("queue", "provider_errors", "progress", "undelivered", "disk"), None
)
"""Each test has the one rule on that it is about."""


@asynccontextmanager
async def watched(folder: Path, *workers: Any, alerts: dict[str, Any], **more: Any) -> Any:
    courier = MemoryCourier()
    opened = in_virtual_time(folder, *workers, alerts={**OFF, **alerts}, **more)
    async with opened as swarm:
        await swarm.outbox.attach("terminal", courier)
        swarm.watch.alerts.start()
        yield Night(swarm, courier)


async def kinds(at: Night, minutes: float) -> list[str]:
    """What the owner has been told of incidents when so many minutes have passed."""
    await asyncio.sleep(minutes * MINUTE)
    return [d.kind for d in at.courier.delivered if d.kind in ("incident", "recovered")]


# ── each rule ────────────────────────────────────────────────────────────────


@virtual
async def test_a_queue_that_stays_long_is_told_and_its_end(tmp_path: Path) -> None:
    gate = Gate()

    async def carry(assignment: Any, run: Any) -> Conclusion:
        await gate()
        return Conclusion(state="done", text="ok")

    alerts = {"queue": 3, "queue_for": "10m"}
    limits = {"concurrency": 1, "task_time": "3d"}
    async with watched(tmp_path, Custom(carry, most=0), alerts=alerts, limits=limits) as at:
        for n in range(5):
            await ask(at.swarm, f"work {n}")
        assert await kinds(at, 9) == []
        assert await kinds(at, 3) == ["incident"]
        shown = await said(at.owner, "/incident show 1")
        gate.open()
        assert await kinds(at, 3) == ["incident", "recovered"]
    assert "Incident 1: tasks pile up" in shown
    assert "4 tasks wait for their turn" in shown


@virtual
async def test_a_queue_that_goes_up_and_down_in_time_is_nobodys_business(tmp_path: Path) -> None:
    gates = [Gate(), Gate()]

    async def carry(assignment: Any, run: Any) -> Conclusion:
        await gates[0]()
        return Conclusion(state="done", text="ok")

    alerts = {"queue": 1, "queue_for": "10m"}
    async with watched(
        tmp_path, Custom(carry, most=0), alerts=alerts, limits={"concurrency": 1, "task_time": "3d"}
    ) as at:
        for n in range(3):
            await ask(at.swarm, f"work {n}")
        assert await kinds(at, 9) == []
        gates[0].open()
        assert await kinds(at, 60) == []
        assert await said(at.owner, "/incidents") == "ok: Nothing is wrong, and nothing has been."


class Sick(ScriptedProvider):
    """A provider whose breaker stands as a test says."""

    health = Health(state="closed")


@virtual
async def test_a_provider_that_is_left_alone_is_told_until_a_call_works(tmp_path: Path) -> None:
    acme = Sick(name="acme")
    alerts = {"provider_errors": 50, "provider_for": "1m"}
    async with watched(tmp_path, alerts=alerts, providers={"acme": acme}) as at:
        acme.health = Health(state="open", seconds=30, why="it is overloaded")
        assert await kinds(at, 1) == []
        assert await kinds(at, 1) == ["incident"]
        shown = await said(at.owner, "/incident show 1")
        acme.health = Health(state="half-open", why="it is overloaded")
        assert await kinds(at, 60) == ["incident"]
        acme.health = Health(state="closed")
        assert await kinds(at, 2) == ["incident", "recovered"]
    assert "trouble with acme" in shown
    assert "it is overloaded" in shown


@virtual
async def test_a_provider_most_of_whose_calls_fail_is_told(tmp_path: Path) -> None:
    broken = True

    async def carry(assignment: Any, run: Any) -> Conclusion:
        async def act(_: Grant) -> Answer:
            if broken:
                raise ProviderBusy(provider="acme", after=0, problem="overloaded")
            return answer("ok", 0)

        return concluded(await run.step(a_call(name="acme/m", most=0), act, last=concluded))

    alerts = {"provider_errors": 50, "provider_calls": 4, "provider_for": "0s"}
    providers = {"acme": ScriptedProvider(name="acme")}
    worker = Custom(carry, most=0)
    async with watched(tmp_path, worker, alerts=alerts, providers=providers) as at:
        for n in range(3):
            await ask(at.swarm, f"call {n}")
        assert await kinds(at, 2) == []
        await ask(at.swarm, "call 3")
        assert await kinds(at, 2) == ["incident"]
        broken = False
        await ask(at.swarm, "call 4")
        assert await kinds(at, 2) == ["incident"]
        for n in range(5, 8):
            await ask(at.swarm, f"call {n}")
        assert await kinds(at, 3) == ["incident", "recovered"]


@virtual
async def test_when_nothing_moves_it_is_told_and_when_people_have_stopped_it_not(
    tmp_path: Path,
) -> None:
    gate = Gate()

    async def carry(assignment: Any, run: Any) -> Conclusion:
        await gate()
        return Conclusion(state="done", text="ok")

    alerts, limits = {"progress": "45m"}, {"concurrency": 1, "task_time": "3d"}
    async with watched(tmp_path, Custom(carry, most=0), alerts=alerts, limits=limits) as at:
        assert await kinds(at, 24 * 60) == []
        await ask(at.swarm, "one")
        await ask(at.swarm, "two")
        assert await kinds(at, 44) == []
        assert await kinds(at, 2) == ["incident"]
        shown = await said(at.owner, "/incident show 1")
        await said(at.owner, "/stop all")
        assert await kinds(at, 2) == ["incident", "recovered"]
        assert await kinds(at, 600) == ["incident", "recovered"]
    assert "nothing moves" in shown
    assert "2 tasks" in shown


@virtual
async def test_a_chat_that_takes_nothing_is_told_at_the_terminal(tmp_path: Path) -> None:
    away = True

    def fail(delivery: Delivery) -> Exception | None:
        return SurfaceAway(surface=CHAT, problem="down") if away else None

    chat, worker = MemoryCourier(fail), Custom(_done, most=0)
    async with watched(tmp_path, worker, alerts={"undelivered": "10m"}) as at:
        await at.swarm.outbox.attach(CHAT, chat)
        ana = await at.operator()
        await at.asks(ana, "work")
        assert await kinds(at, 9) == []
        assert await kinds(at, 3) == ["incident"]
        shown = await said(at.owner, "/incident show 1")
        away = False
        await at.swarm.outbox.again(CHAT)
        assert await kinds(at, 3) == ["incident", "recovered"]
        assert [each.place for each in chat.delivered] == [HERE]
    assert f"messages on {CHAT} do not arrive" in shown


async def _done(assignment: Any, run: Any) -> Conclusion:
    return Conclusion(state="done", text="ok")


@virtual
async def test_what_quiet_hours_hold_back_is_no_message_that_does_not_arrive(
    tmp_path: Path,
) -> None:
    chat, worker = MemoryCourier(), Custom(_slowly, most=0)
    limits = {"task_time": "3d"}
    async with watched(tmp_path, worker, alerts={"undelivered": "10m"}, limits=limits) as at:
        await at.swarm.outbox.attach(CHAT, chat)
        await at.asks(await at.operator(), "work")
        assert await kinds(at, 24 * 60) == []
        assert len(chat.delivered) == 1


async def _slowly(assignment: Any, run: Any) -> Conclusion:
    await asyncio.sleep(12 * 60 * MINUTE)  # from noon to midnight
    return Conclusion(state="done", text="ok")


@virtual
async def test_little_room_is_told_until_the_rule_is_taken_away(tmp_path: Path) -> None:
    async with watched(tmp_path, alerts={"disk": 100_000_000}) as at:
        assert await kinds(at, 2) == ["incident"]
        shown = await said(at.owner, "/incident show 1")
        await at.swarm.reloading.apply(settings(tmp_path, alerts=OFF))
        assert await kinds(at, 2) == ["incident", "recovered"]
        last = await said(at.owner, "/incidents")
    assert "the disk is nearly full" in shown
    assert "closed" in last


# ── no flapping, no noise ────────────────────────────────────────────────────


@virtual
async def test_a_restart_begins_no_new_while_and_opens_nothing_twice(tmp_path: Path) -> None:
    acme = Sick(name="acme")
    alerts = {"provider_errors": 50, "provider_for": "10m"}
    acme.health = Health(state="open", seconds=30, why="down")
    async with watched(tmp_path, alerts=alerts, providers={"acme": acme}) as at:
        assert await kinds(at, 6) == []
    async with watched(tmp_path, alerts=alerts, providers={"acme": acme}) as at:
        assert await kinds(at, 6) == ["incident"]
    async with watched(tmp_path, alerts=alerts, providers={"acme": acme}) as at:
        assert await kinds(at, 20) == []
        shown = await said(at.owner, "/incidents")
        report = await at.swarm.store.verify()
    assert shown.count("trouble with acme") == 1
    assert report.findings == ()


@virtual
async def test_a_look_that_finds_nothing_new_writes_nothing(tmp_path: Path) -> None:
    async with watched(tmp_path, alerts={"disk": 1, "queue": 5, "progress": "45m"}) as at:
        await asyncio.sleep(MINUTE)
        before = await at.swarm.store.head()
        await asyncio.sleep(24 * 60 * MINUTE)
        after = await at.swarm.store.head()
        marks = await at.swarm.store.read(
            lambda rows: rows.execute("select count(*) from alert_marks").fetchone()
        )
    assert before[0] == after[0]
    assert marks == (0,)


def reading(state: Any) -> Reading:
    return Reading(subject="alert/queue", state=state)


@pytest.mark.parametrize(
    ("states", "verdicts"),
    [
        ("bbbbb", "   11"),  # bad for long enough, and it stays so until it is written
        ("bbwbb", "     "),  # well in between begins anew
        ("bbxbb", "     "),  # so does what is neither
    ],
)
def test_it_goes_on_when_it_is_bad_for_a_while(states: str, verdicts: str) -> None:
    said_ = _judged(states, hold=3, is_open=False)
    assert said_ == [(v == "1" and "on") or "" for v in verdicts]


@pytest.mark.parametrize(
    ("states", "last"), [("www", "off"), ("wxw", ""), ("wbw", ""), ("xxx", ""), ("bbb", "")]
)
def test_it_goes_off_when_it_is_well_for_a_while(states: str, last: str) -> None:
    assert _judged(states, hold=0, is_open=True)[-1] == last


def _judged(states: str, *, hold: int, is_open: bool) -> list[str]:
    """The verdicts of readings half a minute apart; `hold` in such halves."""
    half, mark, found = rules.CALM // 2, NO_MARK, list[str]()
    names = {"b": "bad", "w": "well", "x": "between"}
    for n, state in enumerate(states):
        now = Micros(n * half)
        mark = rules.marked(mark, reading(names[state]), now)
        rule = Rule(severity="warning", hold=hold * half)
        found.append(rules.judge(mark, rule, now, is_open=is_open))
    return found


def test_a_clock_that_is_set_back_begins_the_while_anew() -> None:
    now = Micros(1_000)
    assert rules.marked(Mark(bad=Micros(5_000)), reading("bad"), now).bad == now


def test_each_rule_can_be_off_and_has_a_default() -> None:
    every = Alerts()
    assert all(getattr(every, name) is not None for name in OFF)
    assert Alerts(**OFF).queue is None
    with pytest.raises(ValueError, match="too small"):
        Alerts(queue=0)
