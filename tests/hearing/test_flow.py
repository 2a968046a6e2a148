"""A voice note as a request: shown first, mended, carried out, let go of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.commands import views
from bot.commands.desk import Desk
from bot.commands.line import parse_line
from bot.hearing import hear
from bot.messages import Messages
from bot.render.terminal import render
from bot.reply import BLANK, Button, Buttons, Reply
from bot.running import Answer, run
from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import NotAllowed
from swarm_core.steps.model import Conclusion, Run
from swarm_core.testing import OWNER, MemoryCourier
from tests.fakes.models import FakeModels
from tests.hearing.worlds import ROOM, Said, listening, money
from tests.worlds import Custom

BEN = Actor(surface="discord", space="10", person="8", roles=frozenset({"member"}))


@asynccontextmanager
async def desk(
    folder: Path, *workers: Any, **how: Any
) -> AsyncIterator[tuple[Desk, FakeModels, MemoryCourier]]:
    courier = MemoryCourier()
    async with listening(folder, *workers, **how) as (swarm, fake):
        await swarm.outbox.attach(ROOM.surface, courier)
        say = Messages.load(strict=True)
        yield Desk(swarm=swarm, actor=OWNER, place=ROOM, messages=say), fake, courier


def shown(reply: Reply) -> str:
    return render(reply, width=200, styled=False)


def buttons(reply: Reply) -> dict[str, Button]:
    found = [each for part in reply.parts if isinstance(part, Buttons) for each in part.buttons]
    return {each.label: each for each in found}


async def press(at: Desk, button: Button, **filled: str) -> Answer:
    """As a surface does: what is blank is filled in."""
    parsed = parse_line(button.command)
    return await run(at, parsed.command.name, {**parsed.given, **filled})


async def tasks(at: Desk) -> list[tuple[str | None, str]]:
    found = await at.swarm.views.listing(states=(), person=None, most=10)
    return [(task.text, str(task.state)) for task in reversed(found)]


async def heard(at: Desk, said: Said) -> Reply:
    return await hear(at, said.note, said.fetch)


async def test_nothing_paid_begins_before_its_words_were_shown(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _, _):
        reply = await heard(at, Said("book the *train*"))
        assert "🎙 Heard: “book the *train*”" in shown(reply)
        assert "$0.0003" in shown(reply)
        assert reply.private
        assert await tasks(at) == []
        pressed = buttons(reply)
        assert list(pressed) == ["Ask", "Fix…", "Drop"]
        assert pressed["Fix…"].typed == {"text": "book the *train*"}
        assert pressed["Fix…"].command.endswith(BLANK)


async def test_a_free_one_is_shown_first_too(tmp_path: Path) -> None:
    free: dict[str, Any] = {"models": {"whisper-1": {"free": True}}}
    async with desk(tmp_path, **free) as (at, _, _):
        reply = await heard(at, Said("who are you"))
        assert "cost" not in shown(reply)
        assert await tasks(at) == []


@pytest.mark.parametrize("plain", ["ask", "task"])
async def test_ask_carries_it_out_as_plain_text_once(plain: str, tmp_path: Path) -> None:
    chat = {"plain_text": plain}
    async with desk(tmp_path, chat=chat) as (at, _, _):
        ask = buttons(await heard(at, Said("say hello")))["Ask"]
        first = await press(at, ask)
        assert isinstance(first.view, views.Accepted)
        assert (first.view.task.kind, first.view.task.place) == (plain, ROOM)
        again = await press(at, ask)
        assert isinstance(again.view, views.Accepted)
        assert again.view.repeated
        assert [text for text, _ in await tasks(at)] == ["say hello"]


async def test_where_plain_text_is_off_a_press_asks(tmp_path: Path) -> None:
    async with desk(tmp_path, chat={"plain_text": "off"}) as (at, _, _):
        made = await press(at, buttons(await heard(at, Said("say hello")))["Ask"])
        assert isinstance(made.view, views.Accepted)
        assert made.view.task.kind == "ask"


async def test_fixed_words_are_asked_instead(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _, courier):
        fix = buttons(await heard(at, Said("book the drain")))["Fix…"]
        made = await press(at, fix, text="book the train")
        assert isinstance(made.view, views.Accepted)
        await courier.ended(made.view.task.id)
        assert await tasks(at) == [("book the train", "done")]


async def test_fixed_after_it_began_it_is_stopped_and_asked_anew(tmp_path: Path) -> None:
    async with desk(tmp_path, Custom(_never)) as (at, _, courier):
        pressed = buttons(await heard(at, Said("book the drain")))
        first = await press(at, pressed["Ask"])
        second = await press(at, pressed["Fix…"], text="book the train")
        assert isinstance(first.view, views.Accepted)
        assert isinstance(second.view, views.Accepted)
        await courier.ended(first.view.task.id)
        texts = await tasks(at)
        assert texts[0] == ("book the drain", "cancelled")
        assert texts[1][0] == "book the train"
        again = await press(at, pressed["Ask"])
        assert isinstance(again.view, views.Accepted)
        assert (again.view.repeated, again.view.task.id) == (True, second.view.task.id)


async def _never(assignment: Assignment, run: Run) -> Conclusion:
    await asyncio.Event().wait()
    raise AssertionError


async def test_dropped_it_does_nothing_and_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _, _):
        pressed = buttons(await heard(at, Said("never mind")))
        dropped = await press(at, pressed["Drop"])
        assert "Nothing was done with voice note 1." in shown(dropped.reply)
        assert await tasks(at) == []
        await press(at, pressed["Ask"])
        assert len(await tasks(at)) == 1


async def test_others_can_not_carry_it_out(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _, _):
        ask = buttons(await heard(at, Said("mine")))["Ask"]
        other = Desk(swarm=at.swarm, actor=BEN, place=ROOM, messages=at.messages)
        with pytest.raises(NotAllowed):
            await press(other, ask)
        assert await tasks(at) == []


async def test_run_begins_at_once_and_can_be_mended(tmp_path: Path) -> None:
    said = Said("book the drain")
    async with desk(tmp_path, chat={"voice": "run"}) as (at, fake, courier):
        reply = await heard(at, said)
        assert "🎙 Heard: “book the drain”" in shown(reply)
        assert "#1 accepted" in shown(reply)
        assert [text for text, _ in await tasks(at)] == ["book the drain"]
        again = await heard(at, said)
        assert "#1" in shown(again)
        made = await press(at, buttons(reply)["Fix…"], text="book the train")
        assert isinstance(made.view, views.Accepted)
        await courier.ended(made.view.task.id)
        assert [text for text, _ in await tasks(at)] == ["book the drain", "book the train"]
        assert fake.counts()["total"]["served"] == 1


async def test_run_asks_where_the_price_would_be_asked_about(tmp_path: Path) -> None:
    dear = Custom(_never, most=500_000)
    async with desk(tmp_path, dear, chat={"voice": "run"}) as (at, _, _):
        reply = await heard(at, Said("something dear"))
        assert list(buttons(reply)) == ["Ask", "Fix…", "Drop"]
        assert await tasks(at) == []


async def test_run_that_may_not_begin_still_shows_the_words(tmp_path: Path) -> None:
    how: dict[str, Any] = {"chat": {"voice": "run"}, "people": {"requests": 1}}
    async with desk(tmp_path, **how) as (at, _, _):
        ben = Desk(swarm=at.swarm, actor=BEN, place=ROOM, messages=at.messages)
        reply = await heard(ben, Said("one too many"))
        assert "one too many" in shown(reply)
        assert list(buttons(reply)) == ["Ask", "Fix…", "Drop"]


async def test_who_may_not_ask_is_told_as_themselves(tmp_path: Path) -> None:
    nobody = Actor(surface="discord", space="10", person="9")
    async with desk(tmp_path) as (at, _, _):
        reply = await heard(
            Desk(swarm=at.swarm, actor=nobody, place=ROOM, messages=at.messages), Said("me too")
        )
        assert "You may not do that" in shown(reply)


async def test_without_a_model_for_it_one_sentence_says_how(tmp_path: Path) -> None:
    async with desk(tmp_path, chat={"transcription": None}) as (at, _, _):
        reply = await heard(at, Said("hello?"))
        assert "chat.transcription: openai/whisper-1" in shown(reply)
        assert reply.private


async def test_what_went_wrong_is_a_reply(tmp_path: Path) -> None:
    said = Said("hello?")
    async with desk(tmp_path) as (at, fake, _):
        fake.fault(kind="status", status=503, wire="speech", count=1)
        assert "Nothing was charged" in shown(await heard(at, said))
        fake.fault(kind="reset", wire="speech", count=2)
        assert "no answer came" in shown(await heard(at, said))
        assert "no answer came" in shown(await heard(at, said))
        assert "sent to desk/whisper-1 2 times" in shown(await heard(at, said))
        assert await money(at.swarm) == (0, 600)


async def test_a_fetch_that_breaks_is_a_reply_too(tmp_path: Path) -> None:
    async def broken() -> bytes:
        raise RuntimeError("the wire is cut")

    async with desk(tmp_path) as (at, _, _):
        reply = await hear(at, Said("hello?").note, broken)
        assert "the wire is cut" in shown(reply)
        assert await money(at.swarm) == (0, 0)
