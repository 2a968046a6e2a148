"""What a person wrote is nowhere any more, and the books still balance."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from swarm_core.buttons import Choice, Making
from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.errors import ButtonGone, NotAllowed, NotFound, PersonAtWork
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.model import Answer
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, FakeClock, ScriptedModel
from tests.worlds import ask, awake, over

SHORT, LONG = "zzcanaryshort", "zzcanarylong "
KEY = OWNER.key


def echo() -> ScriptedModel:
    async def play(assignment, n):  # type: ignore[no-untyped-def]
        return Answer(text=f"you said {assignment.text}", cost=MicroUSD(40))

    return ScriptedModel(play=play)


def holds(folder: Path, text: str) -> list[str]:
    """The files below `folder` in which `text` stands in the clear."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and text.encode() in path.read_bytes()
    ]


async def wrote(swarm: Swarm, text: str) -> TaskId:
    task = (await ask(swarm, text)).task
    await over(swarm, task)
    return task


async def test_erased_text_is_in_no_file_and_the_journal_is_whole(tmp_path: Path) -> None:
    async with awake(tmp_path, echo()) as swarm:
        for n in range(30):
            await wrote(swarm, f"{SHORT} {n} {LONG * (n * 15)}")
        await swarm.store.write(
            lambda tx: tx.execute(
                "insert into remembered values(?, 'book', 'k', ?, 1)", (KEY, f'"{SHORT}"')
            )
        )
        place = Place(surface="terminal", space="local")
        mine = Making(choices=(Choice(SHORT, f"/ask {SHORT}"),), place=place, person=KEY)
        anyones = Making(choices=mine.choices, place=place, task=TaskId(3))
        buttons = await swarm.buttons.put([mine, anyones])
        assert holds(tmp_path / "state", SHORT)

        done = await swarm.keeping.erasing.erase(OWNER, KEY)

        assert (done.done, done.tasks, done.remembered) == (True, 30, 1)
        assert holds(tmp_path / "state", "zzcanary") == []
        for button in buttons:
            with pytest.raises(ButtonGone):
                await swarm.buttons.take(button, OWNER, place)
        assert (await swarm.store.verify()).ok
        view = await swarm.views.task(TaskId(3))
        assert (view.task.text, view.task.result, view.task.cost) == (None, None, 40)
        assert (await swarm.keeping.erasing.look(OWNER, KEY)).texts == 0
    assert holds(tmp_path / "state", "zzcanary") == []


async def test_the_texts_of_others_stay(tmp_path: Path) -> None:
    async with awake(tmp_path, echo()) as swarm:
        mine = await wrote(swarm, f"{SHORT} of mine")
        ben = Actor(surface="discord", space="10", person="7")
        await swarm.store.write(
            lambda tx: tx.execute("update tasks set person = ? where id = ?", (ben.key, mine))
        )
        other = await wrote(swarm, "this one stays as it is")

        done = await swarm.keeping.erasing.erase(OWNER, "discord/7")

        assert done.people == (ben.key,)
        assert (await swarm.views.task(mine)).task.text is None
        assert (await swarm.views.task(other)).task.text == "this one stays as it is"


async def test_open_tasks_are_named_and_cancelled_when_asked(tmp_path: Path) -> None:
    async with awake(tmp_path, echo(), serve=False) as swarm:
        task = (await ask(swarm, f"{SHORT} waits")).task
        with pytest.raises(PersonAtWork) as caught:
            await swarm.keeping.erasing.erase(OWNER, KEY)
        assert caught.value.data["tasks"] == (f"#{task}",)
        assert (await swarm.views.task(task)).task.text

        await swarm.keeping.erasing.erase(OWNER, KEY, cancel=True)
        assert (await swarm.views.task(task)).task.text is None


async def test_copies_are_named_and_deleted_when_asked(tmp_path: Path) -> None:
    clock = FakeClock()
    async with awake(tmp_path, echo(), serve=False, clock=clock) as swarm:
        await ask(swarm, f"{SHORT} waits")
        kept = await swarm.keeping.backups.make(OWNER)
        # Named by the second: the new one must not be taken for it.
        clock.move(timedelta(seconds=1))
        look = await swarm.keeping.erasing.look(OWNER, KEY)
        assert look.copies == (kept.file,)
        assert not look.done

        await swarm.keeping.erasing.erase(OWNER, KEY, cancel=True, copies=True)
        (fresh,) = swarm.keeping.backups.all()
        assert fresh.file != kept.file


async def test_only_who_may_and_only_who_is_there(tmp_path: Path) -> None:
    stranger = Actor(surface="discord", space="10", person="7")
    async with awake(tmp_path, echo(), serve=False) as swarm:
        with pytest.raises(NotFound):
            await swarm.keeping.erasing.look(OWNER, "discord/9")
        with pytest.raises(NotAllowed):
            await swarm.keeping.erasing.erase(stranger, KEY)
        with pytest.raises(NotAllowed):
            await swarm.keeping.backups.make(stranger)
