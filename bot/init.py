"""`waggle init`: a few questions, each key tried at its service, then a commented `waggle.yaml`
and a private file of keys. Nothing is written before the last question is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from bot.asking import Asker, Known
from bot.chats import Chats
from bot.joining import Joining
from bot.joining_telegram import JoiningTelegram
from bot.program import DONE, INTERRUPTED, Program
from bot.questions import Plan, Questions
from bot.screen import is_terminal
from swarm_core import (
    WaggleError,
    env_file,
    errors,
    load,
    preview_edit,
    read_env,
    sample_settings,
    try_provider,
    write_edit,
    write_env,
)

EXAMPLE = "waggle init --provider anthropic --key-from ANTHROPIC_API_KEY --cap 5 --yes"


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What `init --json` says."""

    file: str | None
    backup: str | None
    keys: str | None
    """The file that keys were written to."""
    changed: tuple[str, ...]


def init(program: Program, given: Mapping[str, Any]) -> int:
    """Ask, try, write; returns the exit code. Raises what stands in the way; an interrupt leaves
    everything as it was."""
    quiet = bool(given.get("yes"))
    if not quiet and not is_terminal():
        raise errors.NoTerminal(command="init", example=EXAMPLE)
    asker = Asker(program.screen.say, quiet=quiet)
    path, cwd, environ = program.invocation.config, program.cwd, program.environment.variables
    keys = env_file(path, program.environment, cwd)
    settings = load(path, environ=environ, cwd=cwd)
    known = Known(settings=settings, given=given, variables=environ, typed=read_env(keys))
    questions = Questions(asker, known)
    if not quiet:
        asker.tell("init.welcome")
    try:
        changes = questions.owner()
        plan = _provider(program, asker, questions, given)
        joining = Joining(asker, known)
        chats = Chats(asker, joining, JoiningTelegram(asker, known))
        joined = chats.ask(quiet=quiet)
        changes |= plan.changes | joined.changes | questions.cap()
    except KeyboardInterrupt:
        asker.write("")
        asker.tell("init.left")
        return INTERRUPTED
    plan.changes, plan.keys = changes, plan.keys | joined.keys
    _write(program, plan)
    if unsaid := joining.greet():
        program.screen.error(unsaid)
    return DONE


def _provider(
    program: Program, asker: Asker, questions: Questions, given: Mapping[str, Any]
) -> Plan:
    """Ask for one until it answers, or is wanted although it does not, or is not wanted."""
    while True:
        plan = questions.provider()
        if not plan.provider:
            return plan
        error = _try(program, asker, plan)
        if error is None or given.get("unchecked"):
            return plan
        if given.get("yes"):
            raise error
        asker.write(program.screen.say.error(error))
        questions.wants_key = isinstance(error, errors.WrongKey)
        said = asker.ask("init.after_failure", str.casefold, "", "again", "again")
        if said.startswith("k"):
            return plan
        if said.startswith("s"):
            return Plan()


def _try(program: Program, asker: Asker, plan: Plan) -> WaggleError | None:
    """Whether the provider answers with what was just said of it; why not."""
    environ = {**program.environment.variables, **plan.keys}
    path, cwd = program.invocation.config, program.cwd
    asker.tell("init.trying", provider=plan.provider)
    try:
        settings = preview_edit(path, plan.changes, environ=environ, cwd=cwd).settings
        for missing in settings.missing_keys:
            if missing.data["provider"] == plan.provider:
                return missing
        count = asyncio.run(try_provider(settings, plan.provider))
    except WaggleError as error:
        return error
    keyed = settings.providers[plan.provider].key is not None
    asker.tell("init.tried", provider=plan.provider, keyed=keyed, count=count)
    return None


def _write(program: Program, plan: Plan) -> None:
    """Keys first: settings that name one which is nowhere would say so at the next start."""
    path, cwd = program.invocation.config, program.cwd
    environ = {**program.environment.variables, **plan.keys}
    edited = preview_edit(path, plan.changes, environ=environ, cwd=cwd, head=sample_settings())
    keys = env_file(path, program.environment, cwd)
    if plan.keys:
        write_env(keys, plan.keys)
    new = edited.after != edited.before
    backup = write_edit(edited, datetime.now(UTC))
    screen = program.screen
    if new:
        screen.note("init.wrote", file=str(edited.file), backup=str(backup) if backup else None)
    if plan.keys:
        screen.note("init.wrote_keys", path=str(keys))
    if not new and not plan.keys:
        screen.note("init.nothing")
    screen.note("init.next")
    if screen.as_json:
        written = Written(
            file=str(edited.file) if new else None,
            backup=str(backup) if backup else None,
            keys=str(keys) if plan.keys else None,
            changed=tuple(plan.changes),
        )
        screen.object(written)
