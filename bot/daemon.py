"""`waggle up`: the composition root of the people's side, and the life of the process.

Settings, the swarm, the control socket, the surfaces, one line that says it is ready; then until
a signal, or the chat, ends it. The first signal lets work under way finish, the second ends the
process at once: what was accepted is kept either way.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from bot.commands.desk import Desk
from bot.control.server import serve
from bot.logs import in_file
from bot.messages import Messages
from bot.opening import open_desk, prepare, settings_of
from bot.program import Program
from bot.reply import Notice, Reply
from bot.surface import LocalDoor
from swarm_core import StatusView, settle_in

SIGNALS = (signal.SIGINT, signal.SIGTERM)
HISTORY = "history"
"""The file of typed lines, in the state folder."""


def up(program: Program, *, headless: bool) -> int:
    """Run the swarm until it is ended; returns the exit code.

    Raises what stands in the way: settings, the state folder, the socket.
    """
    prepare(program)
    headless = headless or not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty())
    return asyncio.run(_up(program, headless=headless))


async def _up(program: Program, *, headless: bool) -> int:
    settings = settings_of(program)
    told_to_end = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with open_desk(program, settings, serving=True) as desk:
        for number in SIGNALS:
            loop.add_signal_handler(number, _end, program, desk, told_to_end)
        async with serve(desk, program.environment.runtime):
            _name_problems(program, desk)
            settle_in()
            await _surface(program, desk, told_to_end, headless=headless)
    return 0


async def _surface(
    program: Program, desk: Desk, told_to_end: asyncio.Event, *, headless: bool
) -> None:
    """The chat in this terminal, or none, until it or a signal ends it."""
    say, folder = program.screen.say, desk.swarm.store.folder
    if headless:
        program.screen.write(say("start.headless", pid=os.getpid(), folder=str(folder)))
        await told_to_end.wait()
        return
    # Loaded here: a service has no use for it.
    from bot.terminal.chat import chat

    door = LocalDoor(desk.swarm, desk.actor, desk.place, desk.messages)
    talk = chat(
        door,
        history=folder / HISTORY,
        styled=not program.environment.no_color,
        greeting=_greeting(say, await desk.swarm.views.status()),
        say=say,
    )
    chatting = asyncio.create_task(talk, name="chat")
    waiting = asyncio.create_task(told_to_end.wait())
    with in_file(folder):
        await asyncio.wait((chatting, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not chatting.done():
            chatting.cancel()
            await asyncio.wait((chatting,))
            return
    chatting.result()


def _greeting(say: Messages, status: StatusView) -> Reply:
    left = sum(status.open.values())
    text = say("start.terminal_resumed", tasks=left) if left else say("start.terminal")
    return Reply(parts=(Notice(level="info", text=text, hint=say("status.no_model")),))


def _end(program: Program, desk: Desk, told_to_end: asyncio.Event) -> None:
    """The first signal; from now on the next one has its ordinary effect."""
    for number in SIGNALS:
        asyncio.get_running_loop().remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
    if desk.swarm.pool.leases():
        program.screen.note("end.closing")
    told_to_end.set()


def _name_problems(program: Program, desk: Desk) -> None:
    for problem in (*desk.swarm.book.problems, *desk.swarm.roster.problems):
        program.screen.remark([Notice(level="warn", text=program.screen.say.error(problem))])
