"""Voice notes on Telegram: heard, shown, mended by a reply, asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from swarm_core.dispatch.model import Assignment
from swarm_core.settings import Settings
from swarm_core.steps.model import Conclusion, Run
from swarm_core.swarm import Swarm
from tests.fakes.models import FakeModels, serving
from tests.fakes.models.speech import recording
from tests.hearing.worlds import sections
from tests.telegram.bench import Bench, bench
from tests.worlds import Custom


@asynccontextmanager
async def hearing(folder: Path, **chat: Any) -> AsyncIterator[tuple[Bench, Swarm, FakeModels]]:
    async with serving() as fake, bench(folder) as at, at.on_telegram(Custom(echo)) as swarm:
        fake.script(keys=None)
        told = Settings.model_validate(sections(fake.url, {"undo": "0s", **chat}))
        wanted = {name: getattr(told, name) for name in ("providers", "models", "chat")}
        await swarm.reloading.apply(swarm.settings.model_copy(update=wanted))
        yield at, swarm, fake


async def echo(assignment: Assignment, run: Run) -> Conclusion:
    return Conclusion(state="done", text=f"You said: {assignment.text}")


async def test_a_voice_note_is_shown_mended_and_asked(tmp_path: Path) -> None:
    async with hearing(tmp_path) as (at, swarm, fake):
        await at.hand.voice(at.ana, at.ana, recording("book the drain"), duration=3)
        shown = await at.said(at.ana, "book the drain")
        labels = [each["text"] for row in shown["reply_markup"]["inline_keyboard"] for each in row]
        assert labels == ["Ask", "Fix…", "Drop"]
        assert not await swarm.views.listing()
        since = await at.hand.now()
        await at.press(shown, "Fix…", at.ana)
        asked = await at.said(at.ana, "book the drain", since=since)
        mended = "book the train"
        await at.hand.say(at.ana, at.ana, mended, reply_to=asked["message_id"])
        await at.said(at.ana, "You said: book the train")
        (task,) = await swarm.views.listing(states=())
        assert (task.place.space, task.person) == ("dm", f"telegram/dm/{at.ana}")
        assert fake.counts()["total"]["served"] == 1


async def test_in_a_group_only_who_spoke_decides(tmp_path: Path) -> None:
    async with hearing(tmp_path) as (at, _, fake):
        await at.hand.command(at.group, at.ben, "ask", "one")
        answer = await at.said(at.group, "You said: one")
        two = recording("and two")
        reply_to = answer["message_id"]
        await at.hand.voice(at.group, at.ben, two, duration=3, reply_to=reply_to)
        shown = await at.said(at.group, "and two")
        refused = await at.hand.answered(await at.press(shown, "Ask", at.ana))
        assert refused["alert"]
        await at.press(shown, "Ask", at.ben)
        await at.said(at.group, "You said: and two")
        assert fake.counts()["total"]["served"] == 1
