"""`/budget`, as it is typed: tables, caps set and raised, the chart, warnings in words."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import msgspec
import pytest

from bot.commands import views
from bot.surface import LocalDoor
from swarm_core.kernel import errors
from swarm_core.kernel.money import MicroUSD
from swarm_core.people import TERMINAL
from swarm_core.steps.model import Answer, Tokens
from swarm_core.testing import OWNER, FakeClock, ScriptedModel, finish
from tests.cli.programs import waggle
from tests.commands.desks import desk, said, typed
from tests.worlds import UNSHARED, ask, parked


async def test_budget_tells_caps_spent_held_free_and_forecast(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel(), clock=FakeClock()) as (at, courier):
        await finish(at.swarm, courier, "spend")
        text = await said(at, "/budget")
        view = (await typed(at, "/budget")).view
    assert "Forecast" in text
    assert "$50.00" in text
    assert isinstance(view, views.Budget)
    day = view.accounts[2]
    assert (day.spent, day.forecast, view.free[2]) == (40, 80, 4_999_960)
    assert b'"forecast":80' in msgspec.json.encode(view)


async def answered(_: object, n: int) -> Answer:
    """A call whose tokens were counted."""
    return Answer(text="ok", cost=MicroUSD(40), model="big-1", tokens=Tokens(input=5, output=n))


@pytest.mark.parametrize("what", ["workers", "models", "people", "categories"])
async def test_who_spent_what_is_a_table(tmp_path: Path, what: str) -> None:
    counted = ScriptedModel(play=answered)
    async with desk(tmp_path, counted, clock=FakeClock()) as (at, courier):
        await finish(at.swarm, courier, "spend")
        today = await said(at, f"/budget {what}")
        assert "Today" in today
        assert "The last 7 days" in await said(at, f"/budget {what} --days 7")
    told = {"workers": "scripted", "people": "you", "categories": "share for work"}
    assert told.get(what, "big-1") in today
    assert "$0.00004" in today


async def test_a_cap_is_set_and_shown_and_lifted(tmp_path: Path) -> None:
    async with desk(tmp_path) as (at, _):
        assert "$2.00" in await said(at, "/budget set day 2")
        told = await said(at, "/budget")
        assert "day is $2.00, set by you" in told
        assert "configured is $5.00" in told
        await said(at, "/budget set day 5")
        assert "set by" not in await said(at, "/budget")
        assert "none" in await said(at, "/budget set person_day none")


async def test_a_parked_card_says_what_makes_room_and_that_line_does(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel(), budget={"day": 120}) as (at, courier):
        task = (await ask(at.swarm, "work")).task
        await parked(courier, task)
        door = LocalDoor(at.swarm, OWNER, TERMINAL, at.messages)
        (card,) = await at.swarm.views.cards([task])
        *_, standing, itself, line = door.card(card).lines
        assert "short" in standing
        assert "goes on by itself" in itself
        command = line.split("`")[1]
        assert command.startswith("/budget raise day ")
        assert "until midnight" in await said(at, command)
        await courier.ended(task)


@pytest.mark.parametrize("cap", ["total", "month", "session"])
async def test_what_cannot_be_raised_for_a_day_is_set(tmp_path: Path, cap: str) -> None:
    async with desk(tmp_path, ScriptedModel(), budget={cap: 30}) as (at, courier):
        task = (await ask(at.swarm, "work")).task
        await parked(courier, task)
        door = LocalDoor(at.swarm, OWNER, TERMINAL, at.messages)
        (card,) = await at.swarm.views.cards([task])
        command = door.card(card).lines[-1].split("`")[1]
        assert command == f"/budget set {cap} 0.0001"
        await said(at, command)
        await courier.ended(task)


async def test_a_task_is_raised_by_its_number(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel()) as (at, courier):
        task = (await ask(at.swarm, "dear", cap=MicroUSD(60))).task
        await parked(courier, task)
        assert "It goes on." in await said(at, f"/budget raise #{task} 0.001")
        await courier.ended(task)
        assert "raised its cap by $0.001" in (await said(at, f"/why {task}")).replace("\n", " ")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("/budget set", errors.MissingArgument),
        ("/budget set day", errors.MissingArgument),
        ("/budget set day lots", errors.BadArgument),
        ("/budget set task 5", errors.NotFound),
        ("/budget raise day none", errors.BadArgument),
        ("/budget raise day 0", errors.BadArgument),
        ("/budget raise month 1", errors.NoRaise),
        ("/budget nonsense", errors.BadArgument),
        ("/budget workers --days 0", errors.BadArgument),
    ],
)
async def test_what_is_wrong_is_told(tmp_path: Path, line: str, error: type[Exception]) -> None:
    async with desk(tmp_path) as (at, _):
        with pytest.raises(error):
            await typed(at, line)


async def test_warnings_and_freezes_have_their_words(tmp_path: Path) -> None:
    dear = ScriptedModel(hold=MicroUSD(40), price=MicroUSD(90))
    async with desk(tmp_path, dear, budget={"day": 200}) as (at, courier):
        task = (await ask(at.swarm, "dear")).task
        await courier.until(lambda all_: any(d.kind == "frozen" for d in all_))
        door = LocalDoor(at.swarm, OWNER, TERMINAL, at.messages)
        (told,) = [d for d in courier.delivered if d.kind == "frozen"]
        (notice,) = (await door.outcome(told)).parts
        assert f"#{task} was $0.00009" in notice.text  # type: ignore[union-attr]
        assert "frozen" in await said(at, "/budget")
        assert "allowed again" in await said(at, "/resume budget")
        await finish(at.swarm, courier, "again")
        (told,) = [d for d in courier.delivered if d.kind == "warned"]
        (notice,) = (await door.outcome(told)).parts
        assert "90% of the budget of the day" in notice.text  # type: ignore[union-attr]


@pytest.mark.slow
async def test_the_chart_is_a_picture_with_a_description_and_its_numbers(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel(), clock=FakeClock()) as (at, courier):
        await finish(at.swarm, courier, "spend")
        answer = await typed(at, "/budget chart --days 10")
        assert isinstance(answer.view, views.Chart)
        file = Path(answer.view.file)
        assert "matplotlib" in sys.modules
    picture = file.read_bytes()  # noqa: ASYNC240  the swarm is closed
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    assert width > height > 100
    assert b"A bar for each day from 2025-12-23 to 2026-01-01" in picture
    assert "2026-01-01" in str(answer.reply.parts[1])


async def test_the_suggested_raise_makes_room_also_under_a_cap_below_what_is_spent(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, ScriptedModel(), clock=FakeClock(), budget=UNSHARED) as (at, courier):
        await finish(at.swarm, courier, "spend")
        await said(at, "/budget set day 0.00001")
        task = (await ask(at.swarm, "work")).task
        await parked(courier, task)
        shown = await said(at, f"/show {task}", width=300)
        command = shown.split("`")[1]
        assert command == "/budget raise day 0.00013"
        await said(at, command)
        await courier.ended(task)


@pytest.mark.slow
def test_a_cap_is_raised_and_set_with_no_swarm_running(tmp_path: Path) -> None:
    raised = waggle(tmp_path, "budget", "raise", "day", "1")
    assert raised.returncode == 0
    assert "$6.00" in raised.stdout
    assert waggle(tmp_path, "budget", "set", "day", "2").returncode == 0
    assert "$3.00" in waggle(tmp_path, "budget").stdout
    nothing = waggle(tmp_path, "cancel", "1")
    assert nothing.returncode == 3
    assert "--wait" not in nothing.stderr
