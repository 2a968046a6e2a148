"""The door of a surface in the swarm's own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.messages import Messages
from bot.render.terminal import render
from bot.reply import Reply
from bot.surface import Cards, Door, LocalDoor
from swarm_core.people import TERMINAL
from swarm_core.testing import OWNER, MemoryCourier, ScriptedModel
from tests.worlds import awake


@asynccontextmanager
async def door(folder: Path, *workers: Any, **how: Any) -> AsyncIterator[LocalDoor]:
    async with awake(folder, *workers, **how) as swarm:
        yield LocalDoor(swarm, OWNER, TERMINAL, Messages.load(strict=True))


def shown(reply: Reply) -> str:
    return render(reply, width=100, styled=False)


async def test_it_is_what_a_surface_needs(tmp_path: Path) -> None:
    async with door(tmp_path) as opened:
        asked: Door = opened
        assert asked


@pytest.mark.parametrize(
    ("plain", "says"),
    [("ask", "#1 accepted"), ("task", "#1 accepted"), ("off", "does nothing here")],
)
async def test_a_plain_line_is_what_the_settings_say(plain: str, says: str, tmp_path: Path) -> None:
    async with door(tmp_path, ScriptedModel(), chat={"plain_text": plain}) as opened:
        assert says in shown(await opened.run("tell me"))
        assert "the line is empty" in shown(await opened.run("   "))


async def test_an_error_is_a_reply_for_the_asker_alone(tmp_path: Path) -> None:
    async with door(tmp_path) as opened:
        for line in ("/shwo 1", "/show 7", "/task", "/task x --priorty 1", "/up", "/etc/hosts ?"):
            reply = await opened.run(line)
            assert reply.private
            assert shown(reply).startswith("error: ")


async def test_help_on_a_command_can_be_asked_by_an_option(tmp_path: Path) -> None:
    async with door(tmp_path) as opened:
        assert shown(await opened.run("/task --help")).startswith("/task <text>")


async def test_a_result_comes_after_its_receipt(tmp_path: Path) -> None:
    order: list[str] = []

    class Screen:
        async def deliver(self, delivery: Any) -> str:
            order.append(shown(await opened.outcome(delivery)))
            arrived.set()
            return ""

    arrived = asyncio.Event()
    async with door(tmp_path, ScriptedModel()) as opened:
        await opened.attach(Screen())
        reply = await opened.run("/task now")
        order.append(shown(reply))
        await opened.receipt_shown(reply)
        await arrived.wait()
    assert order[0] == "#1 accepted, for scripted.\n  This may cost up to $0.0001."
    assert order[1].startswith("ok: #1 is done.")


async def test_an_end_that_the_reply_told_is_not_told_again(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with door(tmp_path, ScriptedModel(words=("model",))) as opened:
        await opened.attach(courier)
        failed = await opened.run("/task a poem")
        assert failed.ending == 1
        await opened.receipt_shown(failed)
        await opened.receipt_shown(await opened.run("/task model"))
        await courier.ended(2)  # type: ignore[arg-type]
    assert [delivery.task for delivery in courier.delivered] == [2]


async def test_what_nobody_saw_is_told_with_a_label_after_a_kill(tmp_path: Path) -> None:
    async with door(tmp_path, ScriptedModel()) as opened:
        await opened.run("/stop all")
        await opened.run("/task one")
    courier = MemoryCourier()
    async with door(tmp_path, ScriptedModel()) as opened:
        await opened.attach(courier)
        await courier.until(lambda all_: any(d.kind == "accepted" for d in all_))
        said = shown(await opened.outcome(courier.delivered[0]))
        assert said.startswith(
            "#1 was accepted and is ready. Its receipt may not have reached you."
        )
        assert "may be a repeat" in said


async def test_watching_wakes_and_ends(tmp_path: Path) -> None:
    changed = asyncio.Event()
    async with door(tmp_path, ScriptedModel()) as opened:
        end = opened.watch(changed.set)
        await opened.run("/stop all")
        await opened.run("/task one")
        await changed.wait()
        (card,) = (await opened.cards()).views
        assert opened.card(card).title == "#1 one"
        end()
        changed.clear()
        await opened.run("/cancel 1")
        assert await opened.cards() == Cards()
        assert not changed.is_set()


async def test_cards_beyond_the_few_are_counted(tmp_path: Path) -> None:
    async with door(tmp_path, ScriptedModel()) as opened:
        await opened.run("/stop all")
        for n in range(12):
            await opened.run(f"/task number {n}")
        found = await opened.cards()
    assert [view.task.id for view in found.views] == [12, 11, 10, 9, 8]
    assert found.more == 7


def texts(found: Any) -> list[str]:
    return [completion.text for completion in found]


async def test_a_line_is_completed(tmp_path: Path) -> None:
    async with door(tmp_path, ScriptedModel()) as opened:
        await opened.run("/stop all")
        await opened.run("/task one")
        await opened.cards()
        assert texts(opened.complete("/st")) == ["/stop", "/status"]
        assert texts(opened.complete("/task x --pri")) == ["--priority"]
        assert texts(opened.complete("/task x --complexity ")) == ["low", "medium", "high"]
        assert texts(opened.complete("/show ")) == ["1"]
        assert texts(opened.complete("/stop ")) == ["all", "me", "1"]
        assert "scripted" in texts(opened.complete("/ask scr"))
        assert texts(opened.complete("/help sho")) == ["show"]
        assert opened.complete("/show 1")[0].start == 6
        for line in ("", "plain", "/nothing ", "/status x", "/up "):
            assert texts(opened.complete(line)) == []


def every_prefix() -> Iterator[str]:
    for line in (
        "/task fix --needs 1 --worker a",
        "/cancel 1 2",
        "/tasks --state done",
        "/ask a b",
    ):
        yield from (line[:n] for n in range(len(line) + 1))


async def test_no_line_upsets_completion(tmp_path: Path) -> None:
    async with door(tmp_path) as opened:
        for line in every_prefix():
            assert all(c.start <= len(line) for c in opened.complete(line))
