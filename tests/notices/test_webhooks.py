"""Other systems are told of events by signed posts, until they take them; nothing waits for one
that does not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from bot.commands.desk import Desk
from bot.messages import Messages
from swarm_core.kernel.errors import NotAllowed, NotFound
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.secret import Secret
from swarm_core.notices import compose
from swarm_core.notices.model import WEBHOOK
from swarm_core.notices.webhooks import signature
from swarm_core.people import TERMINAL
from swarm_core.settings import Notices, WebhookSettings
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, MemoryCourier, ScriptedModel, finish
from tests.notices.nights import night, said
from tests.worlds import Gate, ask, awake, over, virtual

SECRET = Secret("keep-this-between-us", "CI_SECRET")
PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
DAY = 86_400


class System:
    """Another system: a real server, which answers `replies` in order and then takes all."""

    def __init__(self, *replies: int | Callable[[], Awaitable[Any]]) -> None:
        self.taken: list[tuple[web.Request, bytes]] = []
        self.asked = 0
        self.numbers: list[str] = []
        self.port = 0
        self._replies = list(replies)
        self._changed = asyncio.Condition()

    async def handle(self, posted: web.Request) -> web.Response:
        body = await posted.read()
        async with self._changed:
            self.asked += 1
            self.numbers.append(posted.headers["Waggle-Id"])
            self._changed.notify_all()
        reply = self._replies.pop(0) if self._replies else 204
        if callable(reply):
            await reply()
            reply = 204
        if 200 <= reply < 300:
            async with self._changed:
                self.taken.append((posted, body))
                self._changed.notify_all()
        elsewhere = {"Location": f"http://127.0.0.1:{self.port}/elsewhere"}
        return web.Response(status=reply, headers=elsewhere if reply == 302 else None)

    async def until(self, *, taken: int = 0, asked: int = 0) -> list[dict[str, Any]]:
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.taken) >= taken and self.asked >= asked)
        return [msgspec.json.decode(body) for _, body in self.taken]

    def settings(self, name: str = "ci", **more: Any) -> dict[str, Any]:
        hook = {"url": f"http://127.0.0.1:{self.port}/hook", "secret": SECRET, **more}
        return {"webhooks": {name: hook}, "egress": {"allow": (f"127.0.0.1:{self.port}",)}}


@asynccontextmanager
async def system(*replies: int | Callable[[], Awaitable[Any]]) -> AsyncIterator[System]:
    there = System(*replies)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", there.handle)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    there.port = runner.addresses[0][1]
    try:
        yield there
    finally:
        await runner.cleanup()


def desk(swarm: Swarm) -> Desk:
    return Desk(swarm=swarm, actor=OWNER, place=TERMINAL, messages=Messages.load(strict=True))


async def postponed(swarm: Swarm, times: int = 1) -> None:
    """Wait until so many attempts in vain are on disk."""
    while True:
        (count,) = await swarm.store.read(
            lambda rows: rows.execute("select coalesce(max(tries), 0) from outbox").fetchone()
        )
        if count >= times:
            return
        await swarm.store.write(lambda tx: None)


async def hooks(swarm: Swarm) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = await swarm.store.read(
        lambda rows: rows.execute(
            "select kind, state from notices where surface = 'webhook' order by id"
        ).fetchall()
    )
    return found


async def test_an_end_is_posted_signed_as_the_page_says(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    named: dict[str, Any] = {}
    exec(example, named)
    genuine = named["is_genuine"]
    async with system() as ci, awake(tmp_path, ScriptedModel(), **ci.settings()) as swarm:
        task = (await ask(swarm, "a secret plan")).task
        (event,) = await ci.until(taken=1)
        posted, body = ci.taken[0]
        now = swarm.store.clock.now().timestamp()
    signed, secret = posted.headers["Waggle-Signature"], SECRET.reveal()
    assert posted.method == "POST"
    assert posted.path == "/hook"
    assert genuine(secret, signed, body, now)
    assert not genuine("another", signed, body, now)
    assert not genuine(secret, signed, body + b" ", now)
    assert not genuine(secret, signed, body, now + 3_600)
    assert not genuine(secret, "v1=0", body, now)
    assert event["sort"] == posted.headers["Waggle-Event"] == "ended"
    assert str(event["id"]) == posted.headers["Waggle-Id"]
    assert event["task"] == {
        "number": task,
        "kind": "task",
        "state": "done",
        "waits_for": None,
        "failure": None,
        "surface": "terminal",
        "cost_micros": 40,
    }
    assert event["about"] == {"outcome": "done"}
    assert b"plan" not in body
    assert secret.encode() not in body


async def test_what_was_asked_and_answered_goes_along_only_where_it_is_said(
    tmp_path: Path,
) -> None:
    async with (
        system() as ci,
        awake(tmp_path, ScriptedModel(), **ci.settings(texts=True)) as swarm,
    ):
        await ask(swarm, "a plan")
        (event,) = await ci.until(taken=1)
    assert event["task"]["request"] == "a plan"
    assert event["task"]["result"] == "ok 1: a plan"


async def test_what_was_not_taken_is_posted_again_with_the_same_number(tmp_path: Path) -> None:
    async with system(500, 429, 302) as ci:
        async with awake(tmp_path, ScriptedModel(), **ci.settings()) as swarm:
            await ask(swarm, "one")
            for tried in range(1, 4):
                await ci.until(asked=tried)
                await postponed(swarm, tried)
                await swarm.outbox.again(WEBHOOK)
            (event,) = await ci.until(taken=1)
            assert ci.asked >= 4
        assert [posted.path for posted, _ in ci.taken] == ["/hook"]  # no redirect was followed
        async with awake(tmp_path, **ci.settings()) as swarm:
            assert await hooks(swarm) == [("ended", "sent")]
            await ask(swarm, "list files")
            events = await ci.until(taken=2)
    assert events[1]["id"] > event["id"]


async def test_an_answer_that_is_lost_is_posted_again_with_the_same_number(tmp_path: Path) -> None:
    gate = Gate()
    async with system(gate) as ci:
        async with awake(tmp_path, ScriptedModel(), **ci.settings()) as swarm:
            await ask(swarm, "one")
            await gate.reached.wait()  # it has it, and the swarm is killed before it says so
            await swarm.store.read(lambda rows: None)
        async with awake(tmp_path, **ci.settings()) as swarm:
            (event,) = await ci.until(taken=1)
        gate.open()
    assert ci.asked == 2
    assert ci.numbers == [str(event["id"])] * 2


async def test_one_that_hangs_holds_up_neither_people_nor_other_systems(tmp_path: Path) -> None:
    gate, courier = Gate(), MemoryCourier()
    async with system(gate) as slow, system() as quick:
        both = {
            "webhooks": {
                **slow.settings("slow")["webhooks"],
                **quick.settings("quick")["webhooks"],
            },
            "egress": {"allow": (f"127.0.0.1:{slow.port}", f"127.0.0.1:{quick.port}")},
        }
        async with awake(tmp_path, ScriptedModel(), courier=courier, **both) as swarm:
            await finish(swarm, courier, "one")
            await gate.reached.wait()
            await finish(swarm, courier, "two")
            await quick.until(taken=2)
            await slow.until(taken=1)  # the second of them
            gate.open()
            await slow.until(taken=2)


@virtual
async def test_after_a_day_it_is_given_up_and_the_owner_told_once(tmp_path: Path) -> None:
    hook = {"url": "http://127.0.0.1:9/hook", "secret": SECRET}  # where egress does not let it go
    async with night(tmp_path, webhooks={"ci": hook}) as here:
        desk = here.owner
        tasks = [await here.asks(desk, f"number {n}") for n in range(2)]
        await here.until(hour=13)
        assert await hooks(here.swarm) == [("ended", "pending")] * 2
        text = await said(desk, "/webhook")
        assert "127.0.0.1" in text
        assert "egress" in text
        await here.until(day=2, hour=14)
        assert await hooks(here.swarm) == [("ended", "failed")] * 2
        assert len(here.got("undelivered")) == 1
        await here.asks(desk, "another")
        await here.until(day=4, hour=14)
        assert len(here.got("undelivered")) == 1
        assert "failed" in await said(desk, "/outbox")
    assert tasks == [TaskId(1), TaskId(2)]


@virtual
async def test_pauses_grow_to_an_hour_and_differ_from_event_to_event(tmp_path: Path) -> None:
    hook = {"url": "http://127.0.0.1:9/hook", "secret": SECRET}
    async with night(tmp_path, webhooks={"ci": hook}) as here:
        for n in range(4):
            await here.asks(here.owner, f"number {n}")
        await here.until(day=2, hour=11)
        found = await here.swarm.store.read(
            lambda rows: rows.execute("select tries, next from outbox").fetchall()
        )
    assert len({at for _, at in found}) == 4
    assert {34 <= tries < 45 for tries, _ in found} == {True}


@virtual
async def test_with_too_many_waiting_what_comes_is_given_up_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose, "MOST_WAITING", 2)
    hook = {"url": "http://127.0.0.1:9/hook", "secret": SECRET}
    async with night(tmp_path, webhooks={"ci": hook}) as here:
        for n in range(4):
            await here.asks(here.owner, f"number {n}")
            await asyncio.sleep(1)
        states = [state for _, state in await hooks(here.swarm)]
        assert states == ["pending", "pending", "failed", "failed"]
        assert len(here.got("undelivered")) == 1


@virtual
async def test_only_what_a_system_wants_is_posted_and_what_is_off_hears_nothing(
    tmp_path: Path,
) -> None:
    at = {"url": "http://127.0.0.1:9/hook", "secret": SECRET}
    wanted = {
        "failures": {**at, "events": ("failed",)},
        "decisions": {**at, "events": ("asked", "decided")},
        "off": {**at, "enabled": False},
    }
    async with night(tmp_path, webhooks=wanted) as here:
        ana = await here.operator()
        await here.asks(ana, "one")
        await here.asks(ana, "two fail")
        await said(ana, "/budget raise day 1")
        await here.until(hour=13)
        found = await here.swarm.store.read(
            lambda rows: rows.execute(
                "select space, kind from notices where surface = 'webhook' order by id"
            ).fetchall()
        )
    assert sorted(found) == [("decisions", "asked"), ("failures", "ended")]


async def test_a_decision_is_posted_without_what_one_decides_with(tmp_path: Path) -> None:
    async with system() as ci, awake(tmp_path, ScriptedModel(), **ci.settings()) as swarm:
        actor = await swarm.members.arrived(surface="chat", space="10", account="7")
        await said(desk(swarm), "/people role chat/7 operator --space chat/10")
        actor = await swarm.members.arrived(surface="chat", space="10", account="7")
        ana = Desk(
            swarm=swarm,
            actor=actor,
            place=msgspec.structs.replace(TERMINAL, surface="chat", space="10"),
            messages=Messages.load(strict=True),
        )
        await said(ana, "/budget raise day 1")
        (event,) = await ci.until(taken=1)
        (approval,) = await swarm.deciding.open_ones()
    assert event["task"] is None
    assert event["about"]["approval"] == "raise"
    assert approval.id.encode() not in ci.taken[0][1]


async def test_a_test_event_says_what_came_back(tmp_path: Path) -> None:
    async with (
        system(204, 500) as ci,
        awake(tmp_path, ScriptedModel(), **ci.settings()) as swarm,
    ):
        owner = desk(swarm)
        assert "never" in await said(owner, "/webhook")
        assert "answered 204" in await said(owner, "/webhook test ci")
        assert "did not take" in await said(owner, "/webhook test ci")
        (event,) = await ci.until(taken=1)
        assert event["sort"] == "test"
        with pytest.raises(NotFound):
            await said(owner, "/webhook test cj")
        assert await hooks(swarm) == []
        assert "has taken none yet" in await said(owner, "/doctor")


async def test_an_address_inside_is_refused_unless_it_is_named(tmp_path: Path) -> None:
    async with system() as ci:
        shut = {**ci.settings(), "egress": {}}
        async with awake(tmp_path, ScriptedModel(), **shut) as swarm:
            owner = desk(swarm)
            assert "was not reached" in await said(owner, "/webhook test ci")
            await ask(swarm, "one")
            await postponed(swarm)
            assert "does not take events" in await said(owner, "/doctor")
        assert ci.asked == 0


async def test_the_owner_alone_sees_and_tries_them(tmp_path: Path) -> None:
    async with system() as ci, awake(tmp_path, ScriptedModel(), **ci.settings()) as swarm:
        await swarm.members.arrived(surface="chat", space="10", account="7")
        await said(desk(swarm), "/people role chat/7 admin --space chat/10")
        actor = await swarm.members.arrived(surface="chat", space="10", account="7")
        other = msgspec.structs.replace(TERMINAL, surface="chat", space="10")
        ana = Desk(swarm=swarm, actor=actor, place=other, messages=Messages.load(strict=True))
        for line in ("/webhook", "/webhook test ci"):
            with pytest.raises(NotAllowed):
                await said(ana, line)
        assert ci.asked == 0


async def test_who_was_shown_an_end_does_not_take_it_from_other_systems(tmp_path: Path) -> None:
    gate = Gate()
    async with system(gate) as ci, awake(tmp_path, ScriptedModel(), **ci.settings()) as swarm:
        task = (await ask(swarm, "one")).task
        await over(swarm, task)
        await swarm.outbox.shown(task)
        gate.open()
        await ci.until(taken=1)


def test_a_signature_is_of_the_time_and_the_body() -> None:
    first = signature(SECRET, 1_700_000_000, b"{}")
    assert first.startswith("t=1700000000,v1=")
    assert first.partition(",")[2] != signature(SECRET, 1_700_000_001, b"{}").partition(",")[2]
    assert first != signature(SECRET, 1_700_000_000, b"[]")


async def test_a_reload_puts_other_systems_and_hours_in_force(tmp_path: Path) -> None:
    async with system() as ci:
        given = ci.settings()
        async with awake(tmp_path, ScriptedModel(), egress=given["egress"]) as swarm:
            hook = WebhookSettings.model_validate(given["webhooks"]["ci"])
            notices = Notices.model_validate({"quiet_hours": None})
            wanted = {"webhooks": {"ci": hook}, "notices": notices}
            await swarm.reloading.apply(swarm.settings.model_copy(update=wanted))
            await ask(swarm, "one")
            await ci.until(taken=1)
            assert swarm.mine.preferences(OWNER).quiet == ""
            await swarm.reloading.apply(swarm.settings.model_copy(update={"webhooks": {}}))
            task = (await ask(swarm, "two")).task
            await over(swarm, task)
            assert await hooks(swarm) == [("ended", "sent")]
