"""What is said in which order, whatever fails."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.messages import Messages
from bot.render.terminal import render
from bot.reply import Reply
from bot.surface import Door, LocalDoor
from bot.terminal.conversation import Conversation
from swarm_core import TERMINAL, CardView, Delivery, errors
from swarm_core.tasks.events import TaskEnded
from swarm_core.testing import OWNER, ScriptedModel, request, swarm
from tests.terminal.doors import ScriptedDoor, SwarmDoor, ended, said
from tests.terminal.virtual import run
from tests.worlds import LONGEST

GREETING = said("hello")


class Paper:
    """What was shown, in order; `gone` when the terminal was closed."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.gone = False
        self._more = asyncio.Condition()

    async def show(self, reply: Reply) -> None:
        if self.gone:
            raise OSError("input/output error")
        async with self._more:
            self.shown.append(render(reply, width=80, styled=False))
            self._more.notify_all()

    async def sheets(self, count: int) -> None:
        """Wait until so much was shown."""
        async with self._more:
            await self._more.wait_for(lambda: len(self.shown) >= count)


def talk(door: Door, paper: Paper) -> Conversation:
    return Conversation(door, Messages.load(strict=True), paper.show)


def test_lines_are_carried_out_and_answered_one_after_another() -> None:
    async def slow_first(line: str) -> Reply:
        await asyncio.sleep(0.5 if line == "first" else 0)
        return said(f"heard {line}", receipt=1)

    async def main() -> None:
        door, paper = ScriptedDoor(slow_first), Paper()
        conversation = talk(door, paper)
        async with conversation.held(GREETING), asyncio.TaskGroup() as running:
            running.create_task(conversation.run("first"))
            running.create_task(conversation.run("second"))
        assert paper.shown == ["hello", "heard first", "heard second"]
        assert [reply.receipt for reply in door.receipts] == [1, 1]

    run(main())


def test_an_answer_comes_after_the_receipt_of_its_line_even_when_it_was_quicker() -> None:
    async def main() -> None:
        paper = Paper()

        async def answer(line: str) -> Reply:
            door.post(ended(1))
            await asyncio.sleep(0.5)
            return said("#1 accepted", receipt=1)

        door = ScriptedDoor(answer)
        conversation = talk(door, paper)
        async with conversation.held(GREETING):
            await conversation.run("work")
            await asyncio.gather(*door.background)
        assert paper.shown == ["hello", "#1 accepted", "answer of #1"]

    run(main())


def test_a_line_that_waits_for_an_answer_does_not_hold_it_up() -> None:
    async def main() -> None:
        paper = Paper()

        async def answer(line: str) -> Reply:
            await door.post(ended(1))
            return said("that was it")

        door = ScriptedDoor(answer)
        conversation = talk(door, paper)
        async with conversation.held(GREETING):
            await conversation.run("wait for it")
        assert paper.shown == ["hello", "answer of #1", "that was it"]

    run(main())


def test_an_end_that_the_reply_told_is_not_told_again_but_a_later_one_is() -> None:
    async def main() -> None:
        paper = Paper()

        async def answer(line: str) -> Reply:
            door.post(ended(1))
            await asyncio.sleep(0)
            return said("#1 failed at once", receipt=1, ending=1)

        door = ScriptedDoor(answer)
        conversation = talk(door, paper)
        async with conversation.held(GREETING):
            await conversation.run("impossible")
            await asyncio.gather(*door.background)
            await conversation.over()
            await door.post(ended(1, notice=2))
        assert paper.shown == ["hello", "#1 failed at once", "answer of #1"]

    run(main())


def test_answers_appear_in_the_order_in_which_they_came() -> None:
    class Uneven(ScriptedDoor):
        async def outcome(self, delivery: Delivery) -> Reply:
            await asyncio.sleep(1.0 / delivery.task)
            return await super().outcome(delivery)

    async def main() -> None:
        door, paper = Uneven(), Paper()
        async with talk(door, paper).held(GREETING):
            await asyncio.gather(*(door.post(ended(n)) for n in range(1, 6)))
        assert paper.shown[1:] == [f"answer of #{n}" for n in range(1, 6)]

    run(main())


def test_what_waited_is_shown_under_one_line_that_says_so() -> None:
    async def main() -> None:
        door, paper = ScriptedDoor(), Paper()
        door.waiting = [ended(1), ended(2)]
        async with talk(door, paper).held(GREETING):
            await door.post(ended(3))
        assert paper.shown == [
            "hello",
            "While nobody was here:\n\nanswer of #1",
            "answer of #2",
            "answer of #3",
        ]

    run(main())


def test_nothing_is_said_to_have_waited_when_nothing_did() -> None:
    async def main() -> None:
        door, paper = ScriptedDoor(), Paper()
        async with talk(door, paper).held(GREETING):
            await door.post(ended(3))
        assert paper.shown == ["hello", "answer of #3"]

    run(main())


def test_a_failing_line_is_one_sentence_and_the_next_one_works(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail_once(line: str) -> Reply:
        if line == "break":
            raise RuntimeError("a bug")
        return said("fine")

    async def main() -> None:
        door, paper = ScriptedDoor(fail_once), Paper()
        conversation = talk(door, paper)
        async with conversation.held(GREETING):
            await conversation.run("break")
            await conversation.run("go on")
        assert paper.shown[1].startswith(
            "error: Something failed that nobody foresaw: RuntimeError."
        )
        assert paper.shown[2:] == ["fine"]

    run(main())
    assert "RuntimeError: a bug" in caplog.text


def test_an_answer_without_words_says_where_to_look(caplog: pytest.LogCaptureFixture) -> None:
    class Speechless(ScriptedDoor):
        async def outcome(self, delivery: Delivery) -> Reply:
            raise RuntimeError("a bug")

    async def main() -> None:
        door, paper = Speechless(), Paper()
        async with talk(door, paper).held(GREETING):
            assert await door.post(ended(7)) == ""
        assert "/show 7" in paper.shown[1]

    run(main())
    assert "RuntimeError: a bug" in caplog.text


def test_what_cannot_be_shown_because_the_terminal_is_gone_counts_as_not_delivered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)

    async def main() -> None:
        door, paper = ScriptedDoor(), Paper()
        conversation = talk(door, paper)
        async with conversation.held(GREETING):
            paper.gone = True
            with pytest.raises(errors.TryAgain):
                await door.post(ended(1))
            await conversation.run("still here?")
        assert paper.shown == ["hello"]
        assert door.receipts == []

    run(main())


def test_leaving_tells_what_is_not_finished_and_takes_no_more(views: list[CardView]) -> None:
    async def main() -> None:
        door, paper = ScriptedDoor(), Paper()
        async with talk(door, paper).held(GREETING):
            door.open = views
        assert door.courier is None
        assert paper.shown[1].startswith("#1 and #2 are not finished. Nothing is lost: they go on")

    run(main())


def test_leaving_counts_what_it_does_not_name(views: list[CardView]) -> None:
    async def main() -> None:
        door, paper = ScriptedDoor(), Paper()
        async with talk(door, paper).held(GREETING):
            door.open, door.more = views, 9
        assert paper.shown[1].startswith("#1, #2 and 9 more are not finished.")

    run(main())


def test_leaving_says_nothing_more_when_nothing_is_open() -> None:
    async def main() -> None:
        door, paper = ScriptedDoor(), Paper()
        async with talk(door, paper).held(GREETING):
            pass
        assert paper.shown == ["hello"]

    run(main())


def test_it_is_over_when_everything_begun_here_was_answered() -> None:
    async def take(line: str) -> Reply:
        return said(f"#{line} accepted", receipt=int(line))

    async def main() -> None:
        door, paper = ScriptedDoor(take), Paper()
        conversation = talk(door, paper)
        async with conversation.held(GREETING):
            await conversation.over()
            await conversation.run("1")
            await conversation.run("2")
            await door.post(ended(1))
            over = asyncio.create_task(conversation.over())
            await asyncio.sleep(1)
            assert not over.done()
            await door.post(ended(2))
            await over
        assert paper.shown[-1] == "answer of #2"

    run(main())


async def test_a_task_of_a_real_swarm_is_acknowledged_and_answered_here(tmp_path) -> None:
    async with swarm(tmp_path, ScriptedModel()) as (opened, _):
        paper = Paper()
        conversation = talk(SwarmDoor(opened), paper)
        async with conversation.held(GREETING):
            await conversation.run("look after the bees")
            await conversation.over()
        accepted, answered = paper.shown[1:]
        assert accepted == "#1 accepted, for scripted."
        assert answered.startswith("ok 1: look after the bees")


async def test_an_answer_that_came_while_nobody_was_there_is_shown_on_arrival(tmp_path) -> None:
    async with swarm(tmp_path, ScriptedModel()) as (opened, courier):
        await opened.outbox.detach("terminal")
        done = asyncio.Event()
        opened.store.listen((TaskEnded,), lambda _: done.set())
        receipt = await opened.intake.submit(OWNER, request("work"))
        opened.outbox.replied(receipt.task)
        await done.wait()
        paper = Paper()
        async with talk(SwarmDoor(opened), paper).held(GREETING):
            pass
        assert paper.shown[1].startswith("While nobody was here:\n\nok 1: work")
        assert courier.delivered == []


async def test_a_task_that_was_looked_at_and_retried_is_answered_again(tmp_path) -> None:
    async def fail(assignment, n):
        raise errors.ToolCrashed(tool="hive", problem="empty")

    async with swarm(tmp_path, ScriptedModel(play=fail)) as (opened, _):
        paper = Paper()
        door = LocalDoor(opened, OWNER, TERMINAL, Messages.load(strict=True))
        conversation = talk(door, paper)
        async with conversation.held(GREETING):
            for line in ("work", "/show 1", "/retry 1"):
                await conversation.run(line)
                await conversation.over()
            async with asyncio.timeout(LONGEST):
                await paper.sheets(6)
        ends = [text.startswith("error: #1 failed") for text in paper.shown[1:]]
        assert ends == [False, True, False, False, True]


async def test_a_task_that_fails_at_once_is_told_once(tmp_path) -> None:
    async with swarm(tmp_path) as (opened, _):
        paper = Paper()
        door = LocalDoor(opened, OWNER, TERMINAL, Messages.load(strict=True))
        conversation = talk(door, paper)
        async with conversation.held(GREETING):
            await conversation.run("write a poem")
            await conversation.over()
        assert len(paper.shown) == 2
