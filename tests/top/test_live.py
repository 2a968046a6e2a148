"""What one sees and does in the live view. Everything is real but the terminal: the swarm, its
socket, the commands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from bot.control.client import Client
from bot.control.server import serve
from bot.messages import Messages
from bot.top.link import Link
from bot.top.live import Live
from bot.top.screens import Confirm, Page
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import TaskState
from swarm_core.testing import ScriptedModel
from tests.commands.desks import desk, said
from tests.worlds import Gate, answer, ask, over

NEVER = 3600.0
"""Seconds between two looks by itself: a test looks when it wants to."""
BREATH = 0.005
DEAR = MicroUSD(600_000)
LONGEST = 60.0


class Bench:
    """A live view on a swarm whose worker waits at a gate."""

    def __init__(self, app: Live, pilot: Pilot[None], swarm: Swarm, gate: Gate) -> None:
        self.app = app
        self.pilot = pilot
        self.swarm = swarm
        self.gate = gate

    async def until(self, seen: Callable[[], bool]) -> None:
        async with asyncio.timeout(LONGEST):
            while not seen():
                await self.app.look()
                await asyncio.sleep(BREATH)

    async def state(self, task: int, state: str) -> None:
        """Wait until the board shows a task in this state."""
        await self.until(
            lambda: any(
                one.task.id == task and one.task.state == state
                for one in (*self.app.seen.board.tasks, *self.app.seen.board.ended)
            )
        )

    async def shows(self, name: str, text: str) -> None:
        await self.until(lambda: text in self.text(name))

    def text(self, name: str) -> str:
        return str(self.app.screen_stack[0].query_one(name, Static).content)

    def rows(self) -> list[str]:
        grid = self.app.panes.query_one("#tasks")
        return [" ".join(str(c) for c in grid.get_row_at(n)) for n in range(grid.row_count)]  # type: ignore[attr-defined]


@asynccontextmanager
async def live(
    folder: Path, *texts: str, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Bench]:
    gate = Gate()

    async def play(*_: Any) -> Any:
        await gate()
        return answer("honey")

    async with desk(folder, ScriptedModel(play=play)) as (at, _), serve(at, None):
        for text in texts:
            await ask(at.swarm, text)
        link = Link(Client(at.swarm.store.folder))
        first = await asyncio.to_thread(link.look)
        app = Live(link, Messages.load(strict=True), first, every=NEVER)
        async with app.run_test(size=size) as pilot:
            yield Bench(app, pilot, at.swarm, gate)


async def test_the_board_shows_tasks_workers_money_and_news_as_they_change(tmp_path: Path) -> None:
    async with live(tmp_path, "count [red]bees[/red]") as bench:
        await bench.state(1, "running")
        assert any("#1" in row and "count [red]bees[/red]" in row for row in bench.rows())
        assert "the day" in bench.text("#sums")
        await bench.shows("#events", "#1 scripted began")
        await bench.shows("#head", "1 running")
        bench.gate.open()
        await bench.state(1, "done")
        await bench.shows("#events", "#1 It was done")
        await bench.shows("#head", "nothing to do")


async def test_a_task_is_cancelled_after_a_yes_only_and_tried_again(tmp_path: Path) -> None:
    async with live(tmp_path, "count bees") as bench:
        await bench.state(1, "running")
        await bench.pilot.press("c")
        await bench.until(lambda: isinstance(bench.app.screen, Confirm))
        await bench.pilot.press("n")
        await bench.until(lambda: not isinstance(bench.app.screen, Confirm))
        assert (await bench.swarm.views.task(TaskId(1))).task.state is TaskState.RUNNING
        await bench.pilot.press("c")
        await bench.until(lambda: isinstance(bench.app.screen, Confirm))
        await bench.pilot.press("y")
        await bench.state(1, "cancelled")
        await bench.pilot.press("c")
        await bench.shows("#said", "nothing here to cancel")
        await bench.pilot.press("r")
        await bench.state(1, "running")


async def test_everything_is_stopped_and_goes_on(tmp_path: Path) -> None:
    async with live(tmp_path, "count bees") as bench:
        await bench.state(1, "running")
        for key, seen in (("S", True), ("R", False)):
            await bench.pilot.press(key)
            await bench.until(lambda: isinstance(bench.app.screen, Confirm))
            await bench.pilot.press("y")
            await bench.until(lambda seen=seen: bool(bench.app.seen.board.stops) is seen)
        await bench.state(1, "running")


async def test_show_and_why_are_read_on_a_page_and_help_names_every_key(tmp_path: Path) -> None:
    async with live(tmp_path, "count bees") as bench:
        await bench.state(1, "running")
        for key, text in (("s", "count bees"), ("w", "considered"), ("question_mark", "Stop all")):
            await bench.pilot.press(key)
            await bench.until(lambda: isinstance(bench.app.screen, Page))
            page = bench.app.screen.query_one("#text", Static)
            await bench.until(lambda page=page, text=text: text in str(page.content))
            await bench.pilot.press("escape")
            await bench.until(lambda: not isinstance(bench.app.screen, Page))


async def test_filter_and_sort_choose_what_is_seen(tmp_path: Path) -> None:
    async with live(tmp_path, "count bees", "paint flowers") as bench:
        await bench.state(2, "running")
        await bench.pilot.press("slash", *"FLOW")
        await bench.until(lambda: len(bench.rows()) == 1)
        assert "paint flowers" in bench.rows()[0]
        await bench.pilot.press("enter")
        await bench.shows("#head", "only `FLOW`")
        assert bench.app.chosen is not None
        assert bench.app.chosen.task.id == 2
        await bench.pilot.press("escape")
        await bench.until(lambda: len(bench.rows()) == 2)
        await bench.pilot.press("o")
        await bench.until(lambda: "#2" in bench.rows()[0])


async def test_the_cursor_stays_with_its_task(tmp_path: Path) -> None:
    async with live(tmp_path, "count bees", "paint flowers") as bench:
        await bench.state(2, "running")
        await bench.pilot.press("down")
        assert bench.app.chosen is not None
        await bench.pilot.press("o")
        await bench.until(lambda: "#2" in bench.rows()[0])
        assert bench.app.chosen.task.id == 2


async def test_while_it_is_paused_nothing_moves(tmp_path: Path) -> None:
    async with live(tmp_path, "count bees") as bench:
        await bench.state(1, "running")
        await bench.pilot.press("p")
        await bench.shows("#head", "paused")
        bench.gate.open()
        await over(bench.swarm, TaskId(1))
        await bench.app.look()
        assert "1 running" in bench.text("#head")
        await bench.pilot.press("p")
        await bench.state(1, "done")


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
async def test_it_fits_terminals_of_any_size(size: tuple[int, int], tmp_path: Path) -> None:
    async with live(tmp_path, "請求書 " * 30, size=size) as bench:
        await bench.state(1, "running")
        small = size[0] < 100
        for key, name in (("1", "#tasks"), ("2", "#workers"), ("3", "#money"), ("4", "#news")):
            await bench.pilot.press(key)
            pane = bench.app.panes.query_one(name)
            await bench.until(lambda pane=pane: pane.region.height > 0)
            others = ("#tasks", "#workers", "#money", "#news")
            shown = [o for o in others if bench.app.panes.query_one(o).region.height > 0]
            assert shown == ([name] if small else list(others))
        await bench.pilot.press("tab")
        grid = bench.app.panes.query_one("#tasks")
        await bench.until(lambda: grid.region.width > 0)
        assert grid.virtual_size.width <= size[0]
        await bench.pilot.resize_terminal(60, 15)
        await bench.until(lambda: grid.region.width == 60)


async def test_a_swarm_that_goes_away_is_waited_for(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        async with desk(tmp_path, ScriptedModel()) as (at, _), serve(at, None):
            await over(at.swarm, (await ask(at.swarm, "count bees")).task)
            link = Link(Client(at.swarm.store.folder))
            first = await asyncio.to_thread(link.look)
            app = Live(link, Messages.load(strict=True), first, every=NEVER)
            pilot = await stack.enter_async_context(app.run_test(size=(120, 40)))
            bench = Bench(app, pilot, at.swarm, Gate())
            await bench.state(1, "done")
        await bench.shows("#away", "away")
        await pilot.press("r")
        await bench.shows("#said", "No swarm is running")
        async with desk(tmp_path, ScriptedModel()) as (at, _), serve(at, None):
            await ask(at.swarm, "paint flowers")
            await bench.state(2, "done")
            await bench.until(lambda: not bench.text("#away"))


async def test_a_price_is_approved_and_denied(tmp_path: Path) -> None:
    dear = ScriptedModel(hold=DEAR)
    async with desk(tmp_path, dear) as (at, _), serve(at, None):
        for text in ("count bees", "paint flowers"):
            await ask(at.swarm, text, cap=2 * DEAR)
        link = Link(Client(at.swarm.store.folder))
        first = await asyncio.to_thread(link.look)
        app = Live(link, Messages.load(strict=True), first, every=NEVER)
        async with app.run_test(size=(120, 40)) as pilot:
            bench = Bench(app, pilot, at.swarm, Gate())
            await bench.state(2, "waiting")
            await pilot.press("a")
            await bench.until(lambda: isinstance(app.screen, Confirm))
            await pilot.press("y")
            await bench.state(1, "done")
            await pilot.press("up")
            await bench.until(lambda: app.chosen is not None and app.chosen.task.id == 2)
            await pilot.press("d")
            await bench.until(lambda: isinstance(app.screen, Confirm))
            await pilot.press("y")
            await bench.until(lambda: any(one.task.id == 2 for one in app.seen.board.ended))
            await pilot.press("a")
            await bench.shows("#said", "does not wait for a decision")


async def test_without_a_live_view_one_page_tells_the_same(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel()) as (at, _):
        await over(at.swarm, (await ask(at.swarm, "count bees")).task)
        page = await said(at, "/top")
        assert "nothing to do" in page
        assert "#1 scripted began, attempt 1." in page
        assert "scripted" in page
