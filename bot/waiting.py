"""A command through the socket, shown; and when asked for, what comes of its task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.control.client import Client
from bot.program import DONE, FAILED, INTERRUPTED, Program
from bot.reply import Buttons, Card, Reply
from bot.speaking import Speaking
from swarm_core import errors


def ask_and_show(
    program: Program,
    client: Client,
    name: str,
    given: Mapping[str, Any],
    *,
    wait: bool,
    stream: bool = False,
) -> int:
    """One command through the socket, and with `wait` what comes of its task, as it comes where
    somebody sits there or with `stream`."""
    speaking = Speaking(program.screen, stream=stream)
    answered = client.run(name, given, words=wait and speaking.on)
    if not wait:
        return show(program, answered.view, answered.reply)
    if answered.reply.ending is not None:
        program.screen.outcome(answered.view, answered.reply)
        return code_of(answered.view)
    program.screen.remark(answered.reply.parts)
    task = answered.view.get("id")
    if task is None:  # nothing was decided that is to be done now
        return code_of(answered.view)
    if answered.reply.asks:
        code = _decide(program, client, answered.reply)
        if code is not None:
            return code
    try:
        return _follow(program, client, task, speaking)
    except errors.NotRunning:
        # It was there when it accepted this: asking again elsewhere could do it twice.
        raise errors.AnswerLost(what=f"#{task}", problem="the swarm has ended") from None
    except KeyboardInterrupt:
        program.screen.note("end.left_running", id=task)
        return INTERRUPTED


def _decide(program: Program, client: Client, asked: Reply) -> int | None:
    """Ask whoever is at the terminal; None when it goes on. Nobody there: it stays as it is."""
    less = any(
        "--cheaper" in button.command
        for part in asked.parts
        if isinstance(part, Buttons)
        for button in part.buttons
    )
    said = program.screen.ask("ask.yes_no_cheaper" if less else "ask.yes_no")
    if said is None:
        program.screen.note("ask.not_here", id=asked.asks)
        return FAILED
    given = {"id": asked.asks}
    if said in ("y", "yes") or (less and said in ("c", "cheaper")):
        cheaper = {"cheaper": True} if said.startswith("c") else {}
        program.screen.remark(client.run("approve", {**given, **cheaper}).reply.parts)
        return None
    denied = client.run("deny", given)
    program.screen.outcome(denied.view, denied.reply)
    return code_of(denied.view)


def _follow(program: Program, client: Client, task: int, speaking: Speaking) -> int:
    said = ""
    for event in client.wait(task, progress=True, words=speaking.on):
        if event.reply:
            speaking.outcome(event.view, event.reply)
            return code_of(event.view)
        if event.words is not None:
            speaking.hear(event.words, anew=event.anew)
        for part in event.progress.parts if event.progress else ():
            if isinstance(part, Card) and part.state != said:
                said = part.state
                speaking.pause()
                program.screen.state(part)
    raise errors.AnswerLost(what=f"#{task}", problem="the swarm has ended")


def show(program: Program, view: Any, reply: Reply) -> int:
    """An answer that is complete, and its exit code."""
    program.screen.answer(view, reply)
    return code_of(view)


def code_of(view: Any) -> int:
    """1 for a failed or cancelled task and for a checkup that is not well."""
    if not isinstance(view, dict):
        return DONE
    bad = view.get("failure") is not None or view.get("ok") is False
    return FAILED if bad else DONE
