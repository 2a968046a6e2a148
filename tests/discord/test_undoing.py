"""A task that costs waits for a moment in a chat, so that it can be undone for nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.ids import TaskId
from swarm_core.steps.model import Conclusion, Run
from tests.discord.bench import bench
from tests.discord.test_asking import echo
from tests.discord.test_edits import says
from tests.worlds import Custom, kinds, over

ONE, TWO = TaskId(1), TaskId(2)
LONG: Any = {"chat": {"undo": "10m"}}


async def never(assignment: Assignment, run: Run) -> Conclusion:
    raise AssertionError("it was undone")


def button(message: dict[str, Any], label: str) -> str:
    rows = [each for row in message["components"] for each in row["components"]]
    (found,) = [each["custom_id"] for each in rows if each["label"] == label]
    return str(found)


async def test_undone_it_never_began_and_cost_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(never), **LONG) as swarm:
        asked = await at.hand.command(at.channel, at.ana, "task", text="something dear")
        receipt = (await at.hand.answered(asked))["message"]
        assert "can be undone" in receipt["content"]
        pressed = button(receipt, "Undo")
        await at.hand.press(at.channel, receipt["id"], at.ana, pressed, stale=True)
        await over(swarm, ONE)
        task = (await swarm.views.task(ONE)).task
        facts = await kinds(swarm, ONE)
    assert (task.state, task.cost, task.attempts) == ("cancelled", 0, 0)
    assert "task.started" not in facts
    assert facts.count("notice.queued") == 1, "that it waits is told by its receipt alone"


async def test_what_is_free_a_question_and_what_comes_from_the_terminal_begin_at_once(
    tmp_path: Path,
) -> None:
    free = Custom(echo, "free", words=("free",), most=0)
    async with bench(tmp_path) as at, at.on_discord(free, Custom(echo), **LONG) as swarm:
        await at.hand.command(at.channel, at.ana, "task", text="free thing")
        await says(at, "You said: free thing")
        await at.hand.command(at.channel, at.ana, "ask", text="a question")
        await says(at, "You said: a question")
        parked = [kind for n in (ONE, TWO) for kind in await kinds(swarm, n)]
    assert "task.parked" not in parked


async def test_what_was_edited_or_deleted_while_it_was_away_counts_as_well(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        async with at.on_discord(Custom(never), **LONG):
            one = await at.hand.say(at.channel, at.ana, f"<@{at.bot}> /task buy milk")
            await says(at, "#1")
            two = await at.hand.say(at.channel, at.ana, f"<@{at.bot}> /task buy salt")
            await says(at, "#2")
        text = f"<@{at.bot}> /task buy bread"
        await at.hand.do("edit", channel=at.channel, message=one, text=text)
        await at.hand.do("delete", channel=at.channel, message=two)
        async with at.on_discord(Custom(never), **LONG) as swarm:
            await says(at, "as the message says now")
            await over(swarm, TWO)
            tasks = [(await swarm.views.task(n)).task for n in (ONE, TWO)]
    assert [(task.state, task.text) for task in tasks] == [
        ("waiting", "buy bread"),
        ("cancelled", "buy salt"),
    ]


async def test_the_wait_outlives_a_restart_and_an_edit(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        async with at.on_discord(Custom(never), **LONG) as swarm:
            said = await at.hand.say(at.channel, at.ana, f"<@{at.bot}> /task buy milk")
            await says(at, "#1")
            before = (await swarm.views.task(ONE)).task
        async with at.on_discord(Custom(echo), **LONG) as swarm:
            text = f"<@{at.bot}> /task buy bread"
            await at.hand.do("edit", channel=at.channel, message=said, text=text)
            await says(at, "as the message says now")
            after = (await swarm.views.task(ONE)).task
            await swarm.control.resume(swarm.members.directory.actor_of(after.person), ONE)
            await says(at, "You said: buy bread")
    assert before.until is not None
    assert (before.state, before.waiting) == ("waiting", "undoable")
    assert (after.state, after.until, after.text) == ("waiting", before.until, "buy bread")
