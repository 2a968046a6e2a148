"""Voice messages on Discord: heard, shown, asked, mended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.ids import TaskId
from swarm_core.settings import Settings
from swarm_core.steps.model import Conclusion, Run
from swarm_core.swarm import Swarm
from tests.discord.bench import Bench, bench
from tests.discord.decisions import ids, pressed, shows
from tests.fakes.models import FakeModels, serving
from tests.fakes.models.speech import recording
from tests.hearing.worlds import sections
from tests.worlds import Custom


@asynccontextmanager
async def hearing(folder: Path, **chat: Any) -> AsyncIterator[tuple[Bench, Swarm, FakeModels]]:
    async with serving() as fake, bench(folder) as at, at.on_discord(Custom(echo)) as swarm:
        fake.script(keys=None)
        told = Settings.model_validate(sections(fake.url, {"undo": "0s", **chat}))
        wanted = {name: getattr(told, name) for name in ("providers", "models", "chat")}
        await swarm.reloading.apply(swarm.settings.model_copy(update=wanted))
        yield at, swarm, fake


async def echo(assignment: Assignment, run: Run) -> Conclusion:
    return Conclusion(state="done", text=f"You said: {assignment.text}")


def private(at: Bench, who: str) -> str:
    """Their channel of direct messages."""
    return str(at.fake.service.world.dm_with(who)["id"])


async def test_a_voice_message_is_shown_mended_and_asked(tmp_path: Path) -> None:
    async with hearing(tmp_path) as (at, swarm, fake):
        room = private(at, at.ben)
        said = await at.hand.speak(room, at.ben, recording("book the drain"), 3.0)
        shown = await shows(at, "book the drain", channel=room)
        assert shown["message_reference"]["message_id"] == said
        assert list(ids(shown)) == ["Ask", "Fix…", "Drop"]
        assert not await swarm.views.listing()
        opened = await at.hand.press(room, shown["id"], at.ben, ids(shown)["Fix…"])
        form = await at.hand.answered(opened)
        assert "book the drain" in str(form["modal"])
        await at.hand.submit(opened, text="book the train")
        await shows(at, "You said: book the train", channel=room)
        (task,) = await swarm.views.listing(states=())
        assert (task.place.space, task.person) == ("dm", f"discord/dm/{at.ben}")
        assert fake.counts()["total"]["served"] == 1


async def test_in_a_server_it_is_heard_as_a_reply_and_pressed_by_its_speaker_alone(
    tmp_path: Path,
) -> None:
    async with hearing(tmp_path) as (at, swarm, _):
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> one")
        answer = await shows(at, "You said: one")
        await at.known(swarm, answer["id"])
        data = recording("and two")
        await at.hand.speak(at.channel, at.ben, data, 3.0, reply_to=answer["id"])
        shown = await shows(at, "and two", "🎙")
        other = await pressed(at, shown, at.ana, "Ask")
        assert other["ephemeral"]
        await pressed(at, shown, at.ben, "Ask")
        await shows(at, "You said: and two")
        first, second = [(await swarm.views.task(TaskId(n))).task for n in (1, 2)]
        assert first.place == second.place


async def test_run_begins_at_once_and_stays_mendable(tmp_path: Path) -> None:
    async with hearing(tmp_path, voice="run") as (at, _, _):
        room = private(at, at.ben)
        await at.hand.speak(room, at.ben, recording("say so"), 3.0)
        await shows(at, "You said: say so", channel=room)
        shown = await shows(at, "🎙", channel=room)
        assert "Fix…" in ids(shown)


async def test_what_is_too_long_is_told_and_not_fetched(tmp_path: Path) -> None:
    async with hearing(tmp_path) as (at, _, fake):
        room = private(at, at.ben)
        await at.hand.speak(room, at.ben, recording("much", 400.0), 400.0)
        await shows(at, "400 seconds", channel=room)
        assert not fake.counts()["total"]["received"]
