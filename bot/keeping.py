"""`waggle backup|erase|export|restore|rebuild`: what the command line does besides asking."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from bot.answers import keeping as answers
from bot.commands import keeping_views as views
from bot.commands.parsing import Parsed
from bot.control.client import Client
from bot.exporting import Wanted, exported, wanted
from bot.opening import open_desk, prepare, settings_of, somebody_serves
from bot.program import DONE, Program
from bot.waiting import show
from swarm_core import errors, has_state, make_anew, put_back

Ask = Callable[[Program, Parsed], int]


def run(program: Program, parsed: Parsed, given: Mapping[str, Any], ask: Ask) -> int:
    """Carry out one of them; `ask` asks the swarm that runs, or looks without one."""
    match parsed.command.name:
        case "backup":
            return ask(program, _with_path(program, parsed, "to"))
        case "erase":
            return _erase(program, parsed, ask)
        case "export":
            return _export(program, given)
        case "restore":
            return _restore(program, given)
        case _:
            return _rebuild(program)


def _with_path(program: Program, parsed: Parsed, name: str) -> Parsed:
    """A path counts from where the command was called, not from where the swarm runs."""
    if name not in parsed.given:
        return parsed
    path = str(program.cwd / Path(parsed.given[name]).expanduser())
    return msgspec.structs.replace(parsed, given={**parsed.given, name: path})


def _erase(program: Program, parsed: Parsed, ask: Ask) -> int:
    """Without `--yes`: tell what there is, and ask whoever is at the terminal."""
    code = ask(program, parsed)
    if code != DONE or parsed.given.get("yes"):
        return code
    if program.screen.ask("erase.sure") not in ("y", "yes"):
        return code
    return ask(program, msgspec.structs.replace(parsed, given={**parsed.given, "yes": True}))


def _restore(program: Program, given: Mapping[str, Any]) -> int:
    prepare(program)
    to = program.cwd / Path(given["to"]).expanduser() if "to" in given else program.state()
    file = program.cwd / Path(given["file"]).expanduser()
    back = put_back(file, to, replace=bool(given.get("replace")))
    view = views.Restoration(put_back=back)
    return show(program, msgspec.to_builtins(view), answers.restored(program.screen.say, view))


def _rebuild(program: Program) -> int:
    prepare(program)
    folder = program.state()
    made = make_anew(folder)
    view = views.Rebuilt(folder=str(folder), facts=made.facts, rows=made.rows, begin=made.begin)
    return show(program, msgspec.to_builtins(view), answers.rebuilt(program.screen.say, view))


def _export(program: Program, given: Mapping[str, Any]) -> int:
    """Through the swarm that runs, else from what is stored."""
    prepare(program)
    ask = wanted(given)
    out = program.cwd / Path(given["out"]).expanduser() if "out" in given else None
    client, state = Client(program.state()), program.state()
    with _target(out) as (write, flush):
        if somebody_serves(state):
            for piece in client.export(ask.what, ask.format, ask.since):
                write(piece)
        else:
            if not has_state(state):
                raise errors.NoState(folder=str(state))
            asyncio.run(_stored(program, ask, write))
        flush()
    if out is None:
        return DONE
    view = views.Exported(file=str(out), size=out.stat().st_size)
    return show(program, msgspec.to_builtins(view), answers.exported(program.screen.say, view))


async def _stored(program: Program, ask: Wanted, write: Callable[[bytes], Any]) -> None:
    async with open_desk(program, settings_of(program), serving=False) as desk:
        async for piece in exported(desk, ask):
            write(piece)


@contextmanager
def _target(out: Path | None) -> Iterator[tuple[Callable[[bytes], Any], Callable[[], None]]]:
    """Where it is written: standard output, or a file that is there when it is whole."""
    if out is None:
        yield _on_stdout(sys.stdout.buffer)
        return
    part = out.with_name(f".{out.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:

            def flush() -> None:
                file.flush()
                os.fsync(file.fileno())

            yield file.write, flush
        part.replace(out)
    except OSError as error:
        problem = error.strerror or str(error)
        raise errors.FileUnwritable(file=str(out), problem=problem) from None
    finally:
        part.unlink(missing_ok=True)


def _on_stdout(stream: IO[bytes]) -> tuple[Callable[[bytes], Any], Callable[[], None]]:
    gone = False

    def write(piece: bytes) -> None:
        nonlocal gone
        if gone:
            return
        try:
            stream.write(piece)
        except BrokenPipeError:
            # Whoever read it has seen enough.
            gone = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

    def flush() -> None:
        write(b"")
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

    return write, flush
