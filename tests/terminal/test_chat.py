"""Keys in, lines out: the interactive chat on a made-up terminal."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input

from bot.surface import Completion
from bot.terminal import chat
from bot.terminal.completing import LineCompleter
from bot.terminal.prompt import Screen
from swarm_core import CardView
from tests.terminal.doors import ScriptedDoor, ended, said
from tests.worlds import LONGEST

ENTER, CTRL_C, CTRL_D, UP, ALT_ENTER = "\r", "\x03", "\x04", "\x1b[A", "\x1b\r"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """What is typed at it and what was written to it."""

    def __init__(self, keys: PipeInput, columns: int) -> None:
        self.keys = keys
        self._stream = io.StringIO()
        self.output = Screen(self._stream, lambda: Size(rows=24, columns=columns), enable_cpr=False)

    def type(self, keys: str) -> None:
        self.keys.send_text(keys)

    @property
    def written(self) -> str:
        return ESCAPES.sub("", self._stream.getvalue())

    @property
    def raw(self) -> str:
        return self._stream.getvalue()

    async def shows(self, text: str) -> None:
        while text not in self.written:  # noqa: ASYNC110 the terminal has no event to wait for
            await asyncio.sleep(0.005)


@asynccontextmanager
async def chatting(
    door: ScriptedDoor, folder: Path, *, columns: int = 80, leave: str = CTRL_D
) -> AsyncIterator[Terminal]:
    with create_pipe_input() as keys:
        terminal = Terminal(keys, columns)
        talk = asyncio.create_task(
            chat(
                door,
                history=folder / "history",
                styled=False,
                greeting=said("hello"),
                input=keys,
                output=terminal.output,
            )
        )
        await door.attached.wait()
        async with asyncio.timeout(LONGEST):
            yield terminal
            if leave:
                terminal.type(leave)
            await talk


async def test_a_typed_line_is_carried_out_and_its_reply_printed(tmp_path: Path) -> None:
    door = ScriptedDoor()
    async with chatting(door, tmp_path) as terminal:
        terminal.type(f"  count the bees {ENTER}")
        await door.answered(1)
    assert door.lines == ["count the bees"]
    assert terminal.written.startswith("hello\n\n")
    assert "heard count the bees\n\n" in terminal.written


async def test_pasted_lines_are_one_message(tmp_path: Path) -> None:
    door = ScriptedDoor()
    async with chatting(door, tmp_path) as terminal:
        terminal.type(f"look: \x1b[200~one\r\n  two\rthree\n\x1b[201~{ENTER}")
        await door.answered(1)
    assert door.lines == ["look: one\n  two\nthree"]


async def test_alt_enter_begins_another_line(tmp_path: Path) -> None:
    door = ScriptedDoor()
    async with chatting(door, tmp_path) as terminal:
        terminal.type(f"one{ALT_ENTER}two{ENTER}")
        await door.answered(1)
    assert door.lines == ["one\ntwo"]


async def test_an_empty_line_does_nothing(tmp_path: Path) -> None:
    door = ScriptedDoor()
    async with chatting(door, tmp_path) as terminal:
        terminal.type(f"{ENTER}   {ENTER}")
    assert door.lines == []


async def test_ctrl_c_clears_the_line(tmp_path: Path) -> None:
    door = ScriptedDoor()
    async with chatting(door, tmp_path) as terminal:
        terminal.type(f"not this{CTRL_C}but this{ENTER}")
        await door.answered(1)
    assert door.lines == ["but this"]


@pytest.mark.parametrize(
    "keys", [CTRL_C * 2, f"abc{CTRL_C * 3}", CTRL_D, f"/quit{ENTER}", f" /exit {ENTER}"]
)
async def test_the_ways_to_leave(keys: str, tmp_path: Path) -> None:
    door = ScriptedDoor()
    async with chatting(door, tmp_path, leave=keys):
        pass
    assert door.lines == []
    assert door.courier is None


async def test_a_closed_terminal_is_left(tmp_path: Path) -> None:
    door = ScriptedDoor()
    async with chatting(door, tmp_path, leave="") as terminal:
        terminal.keys.close()
    assert door.courier is None


async def test_one_ctrl_c_says_how_to_leave_and_typing_goes_on(tmp_path: Path) -> None:
    door = ScriptedDoor()
    async with chatting(door, tmp_path) as terminal:
        terminal.type(CTRL_C)
        await terminal.shows("Ctrl-C again leaves; what runs goes on.")
        terminal.type(f"x{CTRL_C}{CTRL_C}still here{ENTER}")
        await door.answered(1)
    assert door.lines == ["still here"]


async def test_a_line_sent_before_leaving_is_still_answered(tmp_path: Path) -> None:
    door = ScriptedDoor()
    async with chatting(door, tmp_path, leave="") as terminal:
        terminal.type(f"last wish{ENTER}{CTRL_D}")
    assert door.lines == ["last wish"]
    assert "heard last wish" in terminal.written


async def test_an_answer_does_not_disturb_what_is_being_typed(tmp_path: Path) -> None:
    door = ScriptedDoor()
    async with chatting(door, tmp_path) as terminal:
        terminal.type("half a ")
        await terminal.shows("half a")
        await door.post(ended(7))
        assert "answer of #7\n\n" in terminal.written
        terminal.type(f"line{ENTER}")
        await door.answered(1)
    assert door.lines == ["half a line"]


async def test_what_was_typed_last_time_can_be_had_again(tmp_path: Path) -> None:
    async with chatting(ScriptedDoor(), tmp_path) as terminal:
        terminal.type(f"count the bees{ENTER}")
    door = ScriptedDoor()
    async with chatting(door, tmp_path) as terminal:
        # The file is read beside the typing, so the key may come too early.
        while "count the bees" not in terminal.written:
            terminal.type(UP)
            await asyncio.sleep(0.005)
        terminal.type(ENTER)
        await door.answered(1)
    assert door.lines == ["count the bees"]


async def test_a_history_that_cannot_be_written_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "history").mkdir()
    door = ScriptedDoor()
    async with chatting(door, tmp_path) as terminal:
        terminal.type(f"one{ENTER}two{ENTER}")
        await door.answered(2)
    assert door.lines == ["one", "two"]


async def test_a_command_is_completed_while_it_is_typed(tmp_path: Path) -> None:
    door = ScriptedDoor()
    async with chatting(door, tmp_path, columns=40, leave=f"{CTRL_C * 3}") as terminal:
        terminal.type("/he")
        await terminal.shows("about /help")
        terminal.type("\x7f" * 2)
        await terminal.shows("about /tasks")


async def test_the_terminal_is_never_asked_where_its_cursor_is(tmp_path: Path) -> None:
    door = ScriptedDoor()
    async with chatting(door, tmp_path) as terminal:
        terminal.type(f"hello{ENTER}")
        await door.answered(1)
    assert "\x1b[6n" not in terminal.raw


def test_leaving_tells_what_goes_on(tmp_path: Path, views: list[CardView]) -> None:
    async def main() -> None:
        door = ScriptedDoor()
        async with chatting(door, tmp_path) as terminal:
            door.open = views
        assert "#1 and #2 are not finished." in terminal.written

    asyncio.run(main())


def completions(door: ScriptedDoor, line: str) -> list[tuple[str, int, str]]:
    document = Document(line)
    found = LineCompleter(door).get_completions(document, CompleteEvent())
    return [(one.text, one.start_position, one.display_meta_text) for one in found]


def test_a_completion_takes_the_place_of_what_it_completes() -> None:
    class Door(ScriptedDoor):
        def complete(self, line: str) -> Sequence[Completion]:
            return [Completion(text="142", start=6, meta="count\nthe bees")]

    assert completions(Door(), "/show 1") == [("142", -1, "count the bees")]


def test_a_failing_completion_completes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Door(ScriptedDoor):
        def complete(self, line: str) -> Sequence[Completion]:
            raise RuntimeError("a bug")

    assert completions(Door(), "/sh") == []
    assert "RuntimeError: a bug" in caplog.text
