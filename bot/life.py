"""The life of the process that serves: how it is, how it takes other settings, how it ends.

What can go wrong: it is told to end while runs are under way, twice, or while it reloads; a new
file is wrong. So: ending is asked for once and the shortest time wins; from then on nothing new
begins, but what is asked for is still taken in and kept; what does not finish in time is
interrupted between what is recorded, and told. A file is read as a whole before anything changes.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from bot.commands.model_views import Failed
from bot.commands.service_views import Reload, Service
from bot.notify import Notifier
from bot.opening import settings_of
from bot.program import Program
from bot.version import VERSION
from swarm_core import (
    Environment,
    Reloaded,
    Settings,
    Swarm,
    TaskId,
    WaggleError,
    env_file,
    errors,
    process_environment,
    to_micros,
    with_env_file,
)

log = logging.getLogger(__name__)


class Life:
    """Of one process that serves `swarm`."""

    def __init__(
        self, program: Program, swarm: Swarm, log_file: Path, log_at: Callable[[str], None]
    ) -> None:
        self._program = program
        self._swarm = swarm
        self._log_file = log_file
        self._log_at = log_at
        self._started = to_micros(swarm.store.clock.now())
        self._within: float | None = None
        self._hurry = asyncio.Event()
        self.notifier = Notifier.of(program.environment)
        self.reread: Callable[[Environment], None] = lambda _environment: None
        """Called with the environment as a good reload has read it."""
        self.told_to_end = asyncio.Event()
        self.left: asyncio.Future[tuple[TaskId, ...]] = asyncio.get_running_loop().create_future()
        """The tasks that were interrupted, once it is known."""

    @property
    def service(self) -> Service:
        return Service(
            pid=os.getpid(),
            version=VERSION,
            started=self._started,
            draining=self.told_to_end.is_set(),
            managed=self._program.environment.notify is not None,
            log=str(self._log_file),
        )

    def ready(self) -> None:
        """Tell the service manager, and the log."""
        self.notifier.ready(self._program.screen.say("service.ready", pid=os.getpid()))
        self._swarm.telemetry.switch(self._swarm.settings.log.facts)
        log.info("ready", extra={"fields": {"pid": os.getpid(), "version": VERSION}})

    def end(self, within: float | None = None) -> tuple[float, list[TaskId]]:
        """End in order: runs get `within` seconds, by default what is set. Asked again, the
        shorter time counts. Returns that time, and the tasks at work."""
        given = self._swarm.settings.shutdown.within.total_seconds() if within is None else within
        self._within = given if self._within is None else min(given, self._within)
        if self._within == 0:
            self._hurry.set()
        self.told_to_end.set()
        return self._within, self._swarm.pool.running()

    async def drain(self) -> tuple[TaskId, ...]:
        """Begin nothing more, let runs finish, interrupt the rest. Returns whose those were."""
        within, running = self.end()
        say = self._program.screen.say
        self.notifier.stopping(say("service.stopping", count=len(running)))
        log.info("ending", extra={"fields": {"running": len(running), "within": within}})
        hurry = asyncio.create_task(self._hurry.wait())
        left = await self._swarm.dispatcher.close(within, hurry)
        hurry.cancel()
        log.info("ended", extra={"fields": {"left": list(left)}})
        self._swarm.telemetry.end("timeout" if left else "normal")
        self.left.set_result(tuple(left))
        return tuple(left)

    async def reload(self) -> Reload:
        """Read the settings anew and put them in force; refused as a whole when one is wrong."""
        self.notifier.reloading()
        try:
            return await self._reload()
        finally:
            self.notifier.ready(self._program.screen.say("service.ready", pid=os.getpid()))

    async def _reload(self) -> Reload:
        swarm = self._swarm
        try:
            environment, settings = await asyncio.to_thread(_settings_now, self._program)
        except (errors.BadSettings, errors.UnreadableSettings, errors.UnsafeEnvFile) as error:
            return self._refused(error)
        try:
            done = await swarm.reloading.apply(settings)
        except errors.BadPolicy as error:
            return self._refused(error)
        self._log_at(settings.log.level)
        swarm.telemetry.switch(settings.log.facts)
        changed = [change.key for change in done.changed]
        log.info("reloaded", extra={"fields": {"changed": changed}})
        self.reread(environment)
        left_out = (*swarm.book.problems, *swarm.roster.problems, *settings.missing)
        return Reload(
            ok=True,
            file=str(settings.file) if settings.file else None,
            done=done,
            problems=_failed(left_out),
        )

    def _refused(self, error: WaggleError) -> Reload:
        found = error.problems if isinstance(error, errors.BadSettings) else (error,)
        said = [self._program.screen.say.error(each) for each in found]
        log.error("a reload was refused", extra={"fields": {"problems": said}})
        file = self._swarm.settings.file
        return Reload(
            ok=False, file=str(file) if file else None, done=Reloaded(), problems=_failed(found)
        )


def _settings_now(program: Program) -> tuple[Environment, Settings]:
    """As a start would read them now: the file of keys may say something else, too."""
    environment, config = process_environment(), program.invocation.config
    whole = with_env_file(environment, env_file(config, environment, program.cwd))
    return whole, settings_of(msgspec.structs.replace(program, environment=whole))


def _failed(found: tuple[WaggleError, ...]) -> tuple[Failed, ...]:
    return tuple(Failed(code=error.code, data=dict(error.data)) for error in found)
