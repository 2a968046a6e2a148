"""Commands when no swarm is running: look at what is stored, or be a swarm for one task."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from bot.answers.checkup import checkup as checkup_words
from bot.answers.configuring import config_changed, config_checked
from bot.commands import views
from bot.commands.checkup import python
from bot.commands.configuring import configure
from bot.commands.declared import find
from bot.commands.programs import plain
from bot.commands.surroundings import keys_file, mend
from bot.control.client import Client
from bot.opening import open_desk, prepare, settings_of
from bot.program import FAILED, INTERRUPTED, Program
from bot.running import Answer, run, told
from bot.waiting import ask_and_show, code_of, show
from swarm_core import EVERYTHING, Settings, WaggleError, env_file, errors, has_state

NOT_STORED = frozenset({"config", "discord", "doctor", "telegram", "workers"})
"""Commands whose answer is not about what is stored."""


def look(program: Program, name: str, given: Mapping[str, Any]) -> int:
    """Answer a command from what is stored: one that changes nothing, or one whose change is
    only written down. Looking at a folder where no swarm has ever been leaves it as it is."""
    prepare(program)
    keeps = find(name).writes_down(given)
    try:
        settings = settings_of(program)
        if find(name).alone and not has_state(settings.state):
            raise errors.NoState(folder=str(settings.state))
        if keeps or has_state(settings.state):
            answer = asyncio.run(_look(program, settings, name, given))
        else:
            if name not in NOT_STORED:
                program.screen.note("start.nothing_yet", folder=str(settings.state))
            with TemporaryDirectory(prefix="waggle-") as empty:
                looking = _look(program, settings, name, given, state=Path(empty))
                answer = asyncio.run(looking)
    except WaggleError as error:
        if name != "doctor":
            raise
        answer = _not_open(program, error, fix=bool(given.get("fix")))
    view = msgspec.to_builtins(plain(answer.view))
    if keeps:
        program.screen.note("start.kept")
    return show(program, view, answer.reply)


async def _look(
    program: Program,
    settings: Settings,
    name: str,
    given: Mapping[str, Any],
    *,
    state: Path | None = None,
) -> Answer:
    async with open_desk(program, settings, serving=False, state=state) as desk:
        answer = await run(desk, name, given)
        await told(desk, answer.reply)
        return answer


def _not_open(program: Program, error: WaggleError, *, fix: bool) -> Answer:
    """What a doctor can say and mend when the store does not open, or nothing can be read."""
    bad_settings = isinstance(error, errors.BadSettings | errors.UnreadableSettings)
    line = views.Line(
        what="config" if bad_settings else "store",
        level="error",
        finding="error",
        data={"text": program.screen.say.error(error)},
    )
    keys = env_file(program.invocation.config, program.environment, program.cwd)
    mended = [] if bad_settings or not fix else mend(settings_of(program), keys)
    view = views.Checkup(ok=False, lines=(*mended, python(), keys_file(keys), line))
    return Answer(view=view, reply=checkup_words(program.screen.say, view))


def once(program: Program, name: str, given: Mapping[str, Any], *, stream: bool = False) -> int:
    """Be a swarm until the one task of this command has ended."""
    prepare(program)
    return asyncio.run(_once(program, name, dict(given), stream=stream))


async def _once(program: Program, name: str, given: dict[str, Any], *, stream: bool) -> int:
    """The command goes through our own socket, like every other: one way for all of them.

    An interrupt closes the socket, which ends the wait; the task stays and resumes later.
    """
    from bot.control.server import serve

    settings = settings_of(program)
    interrupted = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with open_desk(program, settings, serving=True, alone=True) as desk:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, interrupted.set)
        program.screen.note("start.once")
        async with serve(desk, program.environment.runtime):
            client = Client(settings.state)
            stops = await desk.swarm.views.stops()
            if EVERYTHING in stops or desk.actor.key in stops:
                return await asyncio.to_thread(_leave, program, client, name, given)
            asking = asyncio.create_task(
                asyncio.to_thread(
                    ask_and_show, program, client, name, given, wait=True, stream=stream
                )
            )
            waiting = asyncio.create_task(interrupted.wait())
            await asyncio.wait((asking, waiting), return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        # The handlers stay: a second interrupt shall not take away the last word.
        if interrupted.is_set():
            await desk.swarm.pool.drain(0.0)
        try:
            return await asking
        except (errors.Closing, errors.AnswerLost, errors.NotRunning):
            if not interrupted.is_set():
                raise
            program.screen.note("end.left_waiting")
            return INTERRUPTED


def _leave(program: Program, client: Client, name: str, given: Mapping[str, Any]) -> int:
    """Have a task taken in while work is stopped: waiting for it here would never end."""
    answered = client.run(name, given)
    if answered.reply.ending is not None:
        program.screen.outcome(answered.view, answered.reply)
        return code_of(answered.view)
    program.screen.answer(answered.view, answered.reply)
    program.screen.note("end.left_stopped")
    return FAILED


def configured(program: Program, given: Mapping[str, Any]) -> int:
    """Carry out `config set`, `unset` or `check`: on the file, so that it can be mended too."""
    environ, cwd = program.environment.variables, program.cwd
    view = configure(given, program.invocation.config, environ=environ, cwd=cwd)
    say = program.screen.say
    if isinstance(view, views.ConfigChanged):
        reply = config_changed(say, view)
    else:
        reply = config_checked(say, view)
    return show(program, msgspec.to_builtins(view), reply)
