"""An answer over the control socket while it comes, and on a screen without saying it twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.control.client import Client
from bot.control.server import serve
from bot.messages import Messages
from bot.reply import Notice, Reply, Text
from bot.screen import Screen
from bot.speaking import Speaking
from swarm_core import process_environment
from tests.commands.desks import desk
from tests.commands.models import Held


async def test_words_come_before_the_end_and_the_end_after_all_of_them(tmp_path: Path) -> None:
    vendor = Held("the **sea** is wide")
    async with desk(tmp_path, providers={"vendor": vendor}) as (at, _), serve(at, None):
        client = Client(at.swarm.store.folder)
        loop, heard = asyncio.get_running_loop(), asyncio.Event()

        def wait() -> list[Any]:
            seen = []
            task = client.run("ask", {"text": "tell me of the sea"}, words=True).view["id"]
            for event in client.wait(task, progress=False, words=True):
                seen.append(event)
                if event.words:
                    loop.call_soon_threadsafe(heard.set)
            return seen

        waiting = asyncio.create_task(asyncio.to_thread(wait))
        await heard.wait()
        vendor.gate.open()
        *words, last = await waiting
        assert "".join(event.words for event in words) == "the **sea** is wide"
        assert words[0].anew
        assert last.view["result"] == "the **sea** is wide"


DONE = Reply(parts=(Notice(level="ok", text="#1 is done."), Text("one two three")))


def speaking(*, stream: bool = True, as_json: bool = False) -> Speaking:
    screen = Screen(Messages.load(strict=True), process_environment(), as_json=as_json)
    return Speaking(screen, stream=stream)


def view(result: str) -> dict[str, Any]:
    return {"state": "done", "result": result}


def test_what_was_written_is_not_written_again(capsys: pytest.CaptureFixture[str]) -> None:
    speaker = speaking()
    for at, piece in enumerate(("\n one", " two ", "three\n")):
        speaker.hear(piece, anew=not at)
    speaker.outcome(view("one two three"), DONE)
    out, err = capsys.readouterr()
    assert out == "one two three\n"
    assert "#1 is done." in err


def test_what_follows_the_answer_is_added_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    speaker = speaking()
    speaker.hear("one two", anew=True)
    speaker.outcome(view("one two three"), DONE)
    assert capsys.readouterr().out == "one two three\n"


def test_another_answer_than_was_written_stands_whole(capsys: pytest.CaptureFixture[str]) -> None:
    speaker = speaking()
    speaker.hear("I shall look", anew=True)
    speaker.hear("hm", anew=True)
    speaker.outcome(view("one two three"), DONE)
    assert capsys.readouterr().out == "I shall look\n\nhm\n\none two three\n"


def test_escapes_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    speaker = speaking()
    speaker.hear("a\x1b", anew=True)
    speaker.hear("]0;title\x07b\x9b31m", anew=False)
    assert not {"\x1b", "\x07", "\x9b"} & set(capsys.readouterr().out)


def test_a_pipe_and_a_program_get_it_once(capsys: pytest.CaptureFixture[str]) -> None:
    for speaker, out in (
        (speaking(stream=False), "one two three\n"),
        (speaking(as_json=True), '{"state": "done", "result": "one two three"}\n'),
    ):
        speaker.hear("one", anew=True)
        speaker.outcome(view("one two three"), DONE)
        assert capsys.readouterr().out == out
