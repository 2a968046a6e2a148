"""`waggle up`: the composition root of the people's side, and the life of the process.

Settings, the swarm, the control socket, the surfaces, one line that says it is ready; then until
a signal, the chat, or a store that cannot be written any more ends it. The first signal lets work
under way finish, the second ends the process at once: what was accepted is kept either way.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TextIO

from bot.answers.models import problems as problems_in_words
from bot.answers.service import background
from bot.background import Parent, leave
from bot.commands.desk import Desk
from bot.commands.models import ask, models_of, problems
from bot.commands.service_views import Background, Reload
from bot.control.server import serve
from bot.life import Life
from bot.logs import LOG, in_file, only_files, quiet_terminal
from bot.messages import Messages
from bot.opening import open_desk, prepare, settings_of
from bot.program import Program
from bot.reply import Notice, Reply
from bot.running import words
from bot.services import Services
from bot.surface import LocalDoor
from swarm_core import StatusView, settle_in

log = logging.getLogger(__name__)

SIGNALS = (signal.SIGINT, signal.SIGTERM)
MOST_FILES = 16_384
"""Files that a swarm asks to be allowed to have open."""
HISTORY = "history"
"""The file of typed lines, in the state folder."""


def up_as(program: Program, given: Mapping[str, Any]) -> int:
    """`up`, as it was typed."""
    return up(program, headless=bool(given.get("headless")), daemon=bool(given.get("daemon")))


def up(program: Program, *, headless: bool, daemon: bool = False) -> int:
    """Run the swarm until it is ended; returns the exit code. With `daemon` it runs in a process
    of its own, and this returns once that is ready or has failed.

    Raises what stands in the way: settings, the state folder, the socket.
    """
    parent: Parent | None = None
    if daemon:
        here = leave()
        if isinstance(here, int):
            return here
        parent = here
    prepare(program)
    _open_files()
    headless = headless or daemon or not (_is_terminal(sys.stdin) and _is_terminal(sys.stdout))
    return asyncio.run(_up(program, parent, headless=headless))


def _open_files() -> None:
    """Many shells allow 1024 files, while the machine would allow more for the asking."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


async def _up(program: Program, parent: Parent | None, *, headless: bool) -> int:
    settings = settings_of(program)
    async with open_desk(program, settings, serving=True) as bare:
        folder = bare.swarm.store.folder
        health = bare.swarm.store.health
        with in_file(folder, settings.log.level) as log_at:
            life = Life(program, bare.swarm, folder / LOG, log_at)
            desk = replace(bare, life=life)
            _heed_signals(program, life, headless=headless)
            health.watch(lambda: _on_health(program, desk, life, headless=headless))
            async with serve(desk, program.environment.runtime):
                await _serve(program, desk, life, parent, headless=headless)
    if health.broken:
        # After the chat has gone: this is the last that stands on the terminal.
        raise health.broken
    return 0


async def _serve(
    program: Program, desk: Desk, life: Life, parent: Parent | None, *, headless: bool
) -> None:
    """Until the end is asked for, and then until what runs has finished or its time is over:
    the socket answers throughout."""
    _name_problems(program, desk)
    settle_in()
    beating = asyncio.create_task(life.notifier.keep_alive(), name="watchdog")
    looking = asyncio.create_task(_model_problems(desk), name="model-problems")
    services = _services(program, desk, life, headless=headless and parent is None)
    try:
        life.ready()
        if parent:
            _settle_in_background(program, desk, parent)
        await _surface(program, desk, life, looking, headless=headless, quiet=parent is not None)
        if left := await life.drain():
            program.screen.note("end.left", tasks=[f"#{task}" for task in left])
    except Exception:
        log.exception("the swarm ends for a fault")
        desk.swarm.telemetry.end("error")
        raise
    finally:
        beating.cancel()
        looking.cancel()
        await services.close()


def _services(program: Program, desk: Desk, life: Life, *, headless: bool) -> Services:
    """What they have to say stands in the log, and on a terminal that has no chat."""

    def tell(notice: Notice) -> None:
        if headless:
            program.screen.remark([notice])

    services = Services(desk, tell)
    services.adopt(program.environment)
    life.reread = services.adopt
    return services


def _settle_in_background(program: Program, desk: Desk, parent: Parent) -> None:
    """Tell whoever waits for the start, and go on without a terminal: the log is the file's."""
    folder = desk.swarm.store.folder
    view = Background(pid=os.getpid(), folder=str(folder), log=str(folder / LOG))
    program.screen.answer(view, background(program.screen.say, view))
    only_files()
    parent.let_go(folder / LOG)


def _heed_signals(program: Program, life: Life, *, headless: bool) -> None:
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, _end, program, life)
    # A chat ends with its terminal, and so does what was started in one: only who has none is
    # meant to live on, and is told so to read its settings.
    if headless and not any(_is_terminal(stream) for stream in (sys.stdin, sys.stdout, sys.stderr)):
        loop.add_signal_handler(signal.SIGHUP, _reload, life)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


_reloads: set[asyncio.Task[Reload]] = set()
"""Under way; the loop itself holds its tasks only weakly."""


def _reload(life: Life) -> None:
    task = asyncio.create_task(life.reload(), name="reload")
    _reloads.add(task)
    task.add_done_callback(_reloaded)


def _reloaded(task: asyncio.Task[Reload]) -> None:
    _reloads.discard(task)
    if not task.cancelled() and (error := task.exception()):
        log.error("a reload failed; the settings before it stay in force", exc_info=error)


async def _model_problems(desk: Desk) -> Reply:
    """Whether every provider answers and takes its key, once the swarm is ready: nobody has to
    wait for it, and a wrong key is not found out by the first question only."""
    swarm = desk.swarm
    await ask(swarm, tuple(swarm.models.providers))
    missing = {problem.data["provider"] for problem in swarm.settings.missing_keys}
    found = await problems(swarm, await models_of(swarm))
    # Those were told at the start.
    news = [each for each in found if each.data.get("provider") not in missing]
    return Reply(parts=tuple(problems_in_words(words(desk), news)))


async def _surface(
    program: Program,
    desk: Desk,
    life: Life,
    looking: asyncio.Task[Reply],
    *,
    headless: bool,
    quiet: bool,
) -> None:
    """The chat in this terminal, or none, until it or a signal ends it."""
    say, folder = program.screen.say, desk.swarm.store.folder
    if headless:
        if not quiet:
            program.screen.write(say("start.headless", pid=os.getpid(), folder=str(folder)))
        looking.add_done_callback(lambda found: _remark(program, found))
        await life.told_to_end.wait()
        return
    # Loaded here: a service has no use for it.
    from bot.terminal.chat import chat

    door = LocalDoor(desk.swarm, desk.actor, desk.place, desk.messages, life)
    talk = chat(
        door,
        history=folder / HISTORY,
        styled=not program.environment.no_color,
        greeting=_greeting(say, desk, await desk.swarm.views.status()),
        news=looking,
        say=say,
    )
    chatting = asyncio.create_task(talk, name="chat")
    waiting = asyncio.create_task(life.told_to_end.wait())
    with quiet_terminal():
        await asyncio.wait((chatting, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not chatting.done():
            chatting.cancel()
            await asyncio.wait((chatting,))
            return
    chatting.result()


def _on_health(program: Program, desk: Desk, life: Life, *, headless: bool) -> None:
    """A broken store ends the process, so that whoever watches over it knows. A full disk is
    said once, and once when it is over; in a chat every refusal and `/status` say it."""
    health = desk.swarm.store.health
    if health.broken:
        # Nothing that a run still does can be recorded.
        life.end(0.0)
    elif not headless:
        return
    elif health.short:
        program.screen.remark([Notice(level="warn", text=program.screen.say.error(health.short))])
    else:
        program.screen.note("start.room_again")


def _greeting(say: Messages, desk: Desk, status: StatusView) -> Reply:
    left = sum(status.open.values())
    text = say("start.terminal_resumed", tasks=left) if left else say("start.terminal")
    model = any(worker.tier > 0 for worker in desk.swarm.router.workers().values())
    hint = "" if model else f"{say('status.no_model')} {say('models.add')}"
    return Reply(parts=(Notice(level="info", text=text, hint=hint),))


def _remark(program: Program, found: asyncio.Task[Reply]) -> None:
    if found.cancelled():
        return
    if error := found.exception():
        log.error("the providers could not be looked at", exc_info=error)
    else:
        program.screen.remark(found.result().parts)


def _end(program: Program, life: Life) -> None:
    """The first signal; from now on the next one has its ordinary effect."""
    for number in SIGNALS:
        asyncio.get_running_loop().remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
    _, running = life.end()
    if running:
        program.screen.note("end.closing")


def _name_problems(program: Program, desk: Desk) -> None:
    swarm = desk.swarm
    left_out = (*swarm.book.problems, *swarm.roster.problems, *swarm.settings.missing)
    for problem in left_out:
        program.screen.remark([Notice(level="warn", text=program.screen.say.error(problem))])
