"""`waggle`: the command line. It asks the swarm that runs, and knows what to do when none does.

Exit codes: 0 done, 1 a failed task or an error, 2 wrong usage, 3 no swarm is running, 4 the
database is damaged or gone, 130 interrupted. It is also a door to a program that is used all
day, so nothing heavy is loaded on the way to an answer: the swarm's own modules come in only when
this process has to be one.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.commands.declared import VERBS, find
from bot.commands.declaring import bind, unknown_option
from bot.commands.parsing import Parsed, parse
from bot.messages import FALLBACK, Messages
from bot.program import (
    DAMAGED,
    DONE,
    FAILED,
    INTERRUPTED,
    NOT_RUNNING,
    WRONG_USAGE,
    Invocation,
    Program,
)
from bot.screen import Screen
from bot.version import VERSION
from swarm_core import (
    Environment,
    WaggleError,
    env_file,
    errors,
    process_environment,
    with_env_file,
)

_USAGE = (
    errors.UnknownCommand,
    errors.UnknownOption,
    errors.BadArgument,
    errors.MissingArgument,
)


_CHECKOUT = {"bench": "bot.bench", "chaos": "bot.chaos", "verify": "bot.verify"}
"""Words whose work is done by the tests, with arguments of their own."""


_OWN = {
    "up": "bot.daemon:up_as",
    "down": "bot.ending:down",
    "restart": "bot.ending:restart",
    "logs": "bot.logbook:logs",
    "service": "bot.unit:service",
    "init": "bot.init:init",
    "identity": "bot.identity:author",
    "simulate-week": "bot.rehearsing:simulate_week",
}
"""Words of the command line alone: where each is carried out."""

_SHORT = {"logs": {"-f": "--follow", "-n": "--lines"}}
"""Options that people know by a letter from elsewhere."""


def main() -> None:
    """The entry of the program; ends the process with its exit code."""
    sys.exit(call(sys.argv[1:]))


def call(words: Sequence[str]) -> int:
    """Carry out one command line and return its exit code."""
    environment = process_environment()
    as_json = "--json" in words
    say = Messages.load(environment.language or FALLBACK)
    screen = Screen(say, environment, as_json=as_json)
    verbose = False
    try:
        invocation = read(words)
        verbose = invocation.verbose
        environment = _completed(environment, invocation)
        program = Program(
            screen=screen, environment=environment, cwd=Path.cwd(), invocation=invocation
        )
        return _call(program)
    except WaggleError as error:
        screen.error(error)
        return exit_code(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  it is told, with its traceback on demand
        # The outer edge of the process: a fault becomes a sentence.
        screen.crash(error, traceback=verbose)
        return FAILED


def exit_code(error: WaggleError) -> int:
    if isinstance(error, errors.NotRunning):
        return NOT_RUNNING
    if isinstance(error, errors.DamagedStore | errors.StoreGone):
        return DAMAGED
    return WRONG_USAGE if isinstance(error, _USAGE) else FAILED


def _completed(environment: Environment, invocation: Invocation) -> Environment:
    """The environment with the file of keys that lies beside the configuration. What explains
    and mends, and what looks and ends, does without one that cannot be used."""
    cwd = Path.cwd()
    try:
        return with_env_file(environment, env_file(invocation.config, environment, cwd))
    except errors.UnsafeEnvFile:
        if invocation.help or invocation.version or invocation.words[:1] in _EXPLAINING:
            return environment
        raise


_EXPLAINING = ((), ("help",), ("doctor",), ("down",), ("logs",), ("status",))


_FLAGS = {
    "--verbose": "verbose",
    "-v": "verbose",
    "--json": "json",
    "--help": "help",
    "-h": "help",
    "--version": "version",
}
_VALUES = {"--config": "config", "--state": "state"}


def read(words: Sequence[str]) -> Invocation:
    """The options before the command's name. Raises `UnknownOption` or `MissingArgument`."""
    found: dict[str, Any] = {}
    rest = list(words)
    while rest and rest[0].startswith("-"):
        name, given, value = rest.pop(0).partition("=")
        if name in _FLAGS and not given:
            found[_FLAGS[name]] = True
        elif name in _VALUES:
            if not given and rest:
                value = rest.pop(0)
            if not value:
                example = f"waggle {name} {'waggle.yaml' if name == '--config' else 'data/state'}"
                raise errors.MissingArgument(command="waggle", name=name, example=example)
            found[_VALUES[name]] = Path(value)
        else:
            unknown = unknown_option(find("help"), name)
            raise errors.UnknownOption(
                command="", name=unknown.data["name"], near=(), example="waggle --help"
            )
    return Invocation(**found, words=tuple(_readable(word) for word in rest))


def _readable(word: str) -> str:
    """`word` as text: where the locale knows no UTF-8, Python hands its bytes on as surrogates."""
    try:
        typed = word.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        typed = word.encode("utf-8", "replace")
    return typed.decode("utf-8", "replace")


def _call(program: Program) -> int:
    invocation = program.invocation
    if invocation.version:
        program.screen.write(f"waggle {VERSION}")
        return DONE
    if invocation.help or not invocation.words:
        return _help(program, invocation.words[0] if invocation.words else None)
    name, *rest = invocation.words
    if name == "simulate" and rest[:1] == ["week"]:
        name, *rest = "simulate-week", *rest[1:]
    if name in _CHECKOUT:
        code: int = importlib.import_module(_CHECKOUT[name]).main(rest)
        return code
    parsed = parse(name, [_SHORT.get(name, {}).get(word, word) for word in rest], program=True)
    command = parsed.command
    if parsed.help:
        return _help(program, command.name)
    given = bind(command, parsed.given)
    if command.name == "help":
        return _help(program, given.get("command"))
    if command.name in _OWN:
        home, function = _OWN[command.name].split(":")
        own: int = getattr(importlib.import_module(home), function)(program, given)
        return own
    if command.name == "config" and given.get("key") in VERBS:
        from bot.alone import configured

        return configured(program, given)
    if command.name in ("backup", "erase", "export", "restore", "rebuild"):
        from bot import keeping

        return keeping.run(program, parsed, given, _ask)
    if command.name == "top" and program.screen.live:
        from bot.top.watching import watch

        return watch(program)
    return _ask(program, parsed)


def _help(program: Program, name: str | None) -> int:
    from bot.answers.helping import LAUNCHER, help_on

    if name is not None and name not in LAUNCHER:
        name = find(name.removeprefix("/"), program=True).name
    program.screen.answer({"command": name}, help_on(program.screen.say, name, program=True))
    return DONE


def _ask(program: Program, parsed: Parsed) -> int:
    """Ask the swarm that runs; without one, look for oneself or be one for a task."""
    from bot.commands.paths import from_here
    from bot.control.client import Client
    from bot.waiting import ask_and_show

    command, given = parsed.command, dict(parsed.given)
    stream = bool(given.pop("stream", False))
    wait = bool(given.pop("wait", False)) or stream
    given = from_here(given, program.cwd)
    client = Client(program.state())
    try:
        return ask_and_show(program, client, command.name, given, wait=wait, stream=stream)
    except errors.NotRunning:
        if not (command.looks(given) or command.writes_down(given) or command.alone or wait):
            if any(param.name == "wait" for param in command.params):
                raise
            raise errors.NoSwarmToDoIt(folder=str(program.state())) from None
    from bot import alone
    from bot.opening import somebody_serves

    try:
        if wait:
            return alone.once(program, command.name, given, stream=stream)
        return alone.look(program, command.name, given)
    except errors.StoreLocked:
        # A swarm has started in between: ask it; nobody who answers is a holder we cannot ask.
        if not somebody_serves(program.state()):
            raise
        return ask_and_show(program, client, command.name, given, wait=wait, stream=stream)


if __name__ == "__main__":
    main()
