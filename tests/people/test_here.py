"""A conversation goes on in another place of the same person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.commands import link_views, views
from bot.commands.desk import Desk
from bot.reply import Buttons
from swarm_core.kernel import errors
from swarm_core.testing import ScriptedProvider
from tests.commands.models import LARGE, SMALL, Held
from tests.people.several import at, digest, linked, listening, member
from tests.people.test_company import Company, asked, company, say, seen, told
from tests.worlds import Custom, over

ANA, ANNA, BEN = "discord/7", "telegram/70", "discord/8"


class World:
    """A company whose one model keeps what it was shown."""

    def __init__(self, here: Company, vendor: ScriptedProvider) -> None:
        self.here, self.vendor = here, vendor

    async def ask(self, desk: Desk, text: str) -> int:
        task = await asked(desk, text)
        await over(self.here.swarm, task)
        return task

    @property
    def shown(self) -> str:
        return str(self.vendor.prompts[-1].messages)


async def _never(*_: Any) -> Any:
    raise AssertionError("nothing is for this one")


@asynccontextmanager
async def talking(folder: Path, vendor: ScriptedProvider | None = None) -> AsyncIterator[World]:
    vendor = vendor or ScriptedProvider(*["so"] * 20, name="vendor", models=(SMALL, LARGE))
    nobody = Custom(_never, words=("nothing starts like this",))
    async with company(folder, nobody, providers={"vendor": vendor}) as here:
        await member(here, ANA, "10")
        await linked(here, ANA, ANNA)
        yield World(here, vendor)
        await digest(here)


async def carried(desk: Desk, task: int) -> link_views.Carried:
    view = (await say(desk, f"/here {task}")).view
    assert isinstance(view, link_views.Carried)
    return view


async def test_what_follows_in_the_new_place_knows_what_was_said_before(tmp_path: Path) -> None:
    async with talking(tmp_path) as world:
        there, here = await at(world.here, ANA, "10", "55"), await at(world.here, ANNA)
        await world.ask(here, "the weather of yesterday")
        await world.ask(there, "the colour is ultramarine")
        last = await world.ask(there, "the number is eleven")
        view = await carried(here, last)
        assert view.turns == 2
        await world.ask(here, "what colour?")
        assert "ultramarine" in world.shown
        assert "eleven" in world.shown
        assert "weather" not in world.shown
        assert "3 questions" in await told(here, "/memory")
        # Where it was asked it goes on by itself, and does not hear of this.
        await world.ask(there, "and there?")
        assert "ultramarine" in world.shown
        assert "what colour" not in world.shown
        await say(here, "/new")
        await world.ask(here, "and now?")
        assert "ultramarine" not in world.shown


async def test_to_say_it_twice_loses_nothing_that_was_said_in_between(tmp_path: Path) -> None:
    async with talking(tmp_path) as world:
        there, here = await at(world.here, ANA), await at(world.here, ANNA)
        task = await world.ask(there, "one is ultramarine")
        await carried(here, task)
        await world.ask(here, "two is scarlet")
        assert (await carried(here, task)).turns == 2
        await world.ask(here, "which?")
        assert "ultramarine" in world.shown
        assert "scarlet" in world.shown


async def test_there_and_back_again_and_a_third_time(tmp_path: Path) -> None:
    async with talking(tmp_path) as world:
        there, here = await at(world.here, ANA), await at(world.here, ANNA)
        task = await world.ask(there, "one is ultramarine")
        await carried(here, task)
        task = await world.ask(here, "two is scarlet")
        await carried(there, task)
        task = await world.ask(there, "three is ochre")
        assert all(word in world.shown for word in ("ultramarine", "scarlet", "ochre"))
        await carried(here, task)
        await world.ask(here, "which ones?")
        assert world.shown.count("ultramarine") == world.shown.count("scarlet") == 1


async def test_its_answer_comes_to_the_new_place_and_it_stays_where_it_was_asked(
    tmp_path: Path,
) -> None:
    vendor = Held("later")
    vendor.models = (SMALL, LARGE)
    async with talking(tmp_path, vendor) as world:
        swarm = world.here.swarm
        couriers = await listening(swarm, "discord", "telegram")
        there, here = await at(world.here, ANA, "10", "55"), await at(world.here, ANNA)
        task = await asked(there, "a long question")
        await vendor.gate.reached.wait()
        answer = await say(here, f"/here {task}")
        assert answer.reply.receipt == task
        vendor.gate.open()
        await couriers["telegram"].until(
            lambda got: any(d.kind == "ended" and d.task == task for d in got)
        )
        (end,) = [d for d in couriers["telegram"].delivered if d.kind == "ended"]
        assert (end.place.space, end.place.thread) == ("dm", "70")
        assert not [d for d in couriers["discord"].delivered if d.kind == "ended"]
        # Whoever sees what is asked in that server still does.
        assert task in await seen(await member(world.here, "discord/9", "10", "admin"))


async def test_it_goes_on_where_nobody_else_reads_and_for_whoever_asked_alone(
    tmp_path: Path,
) -> None:
    async with talking(tmp_path) as world:
        private, server = await at(world.here, ANA), await at(world.here, ANA, "10", "55")
        mine = await world.ask(server, "about the garden")
        other = await at(world.here, ANA, "10", "56")
        with pytest.raises(errors.NotAlone):
            await say(other, f"/here {mine}")
        secret = await world.ask(private, "about the secret")
        with pytest.raises(errors.NotFound):
            await say(other, f"/here {secret}")
        boss = await member(world.here, BEN, "dm", "admin")
        for task in (mine, secret):
            with pytest.raises((errors.NotFound, errors.NotAllowed)):
                await say(boss, f"/here {task}")
        with pytest.raises(errors.NotFound):
            await say(world.here.owner, f"/here {mine}")


async def test_without_a_number_ones_own_last_ones_are_offered(tmp_path: Path) -> None:
    async with talking(tmp_path) as world:
        server, here = await at(world.here, ANA, "10", "55"), await at(world.here, ANNA)
        assert "nothing that you have asked elsewhere" in await told(here, "/here")
        mine = await world.ask(server, "about the garden")
        await world.ask(await member(world.here, BEN, "10"), "about the wall")
        await world.ask(here, "what is said here already")
        reply = (await say(here, "/here")).reply
        (buttons,) = [part for part in reply.parts if isinstance(part, Buttons)]
        assert [each.command for each in buttons.buttons] == [f"/here {mine}"]
        assert "Others read along" in await told(server, "/here")


async def test_of_a_conversation_begun_anew_only_that_task_goes_on(tmp_path: Path) -> None:
    async with talking(tmp_path) as world:
        there, here = await at(world.here, ANA), await at(world.here, ANNA)
        await world.ask(there, "one is ultramarine")
        old = await world.ask(there, "two is scarlet")
        await say(there, "/new")
        await world.ask(there, "three is ochre")
        assert (await carried(here, old)).turns == 1
        await world.ask(here, "which?")
        assert "scarlet" in world.shown
        assert "ochre" not in world.shown


async def test_forgetting_it_here_forgets_all_of_it(tmp_path: Path) -> None:
    async with talking(tmp_path) as world:
        there, here = await at(world.here, ANA), await at(world.here, ANNA)
        task = await world.ask(there, "one is ultramarine")
        await carried(here, task)
        await say(here, "/memory forget")
        assert (await world.here.swarm.views.task(task)).task.text is None


async def test_what_two_accounts_cost_is_one_row(tmp_path: Path) -> None:
    async with talking(tmp_path) as world:
        await world.ask(await at(world.here, ANA), "one is ultramarine")
        await world.ask(await at(world.here, ANNA), "two is scarlet")
        view = (await say(world.here.owner, "/budget people")).view
        assert isinstance(view, views.Spending)
        assert [row.calls for row in view.rows] == [2]
