"""How a line may go on: commands, their options, tasks and workers. It waits for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from bot.commands.declared import BY_NAME, COMMANDS
from bot.commands.declaring import Command, Param
from bot.commands.desk import Desk
from bot.commands.kinds import Number, Numbers, Scope
from swarm_core import clip, errors

_ABOUT = 60
TASKS = (Number, Numbers, Scope)
"""Kinds that may name a task."""


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """One way to go on typing: `text` takes the place of the line from `start` on (0 is the
    line's begin); `meta` says in a few words what it is."""

    text: str
    start: int
    meta: str = ""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to name: numbers of tasks, workers and standing priorities, each with what it
    does."""

    tasks: Sequence[int] = ()
    workers: Mapping[str, str] = {}
    priorities: Mapping[str, str] = {}


def complete(line: str, known: Known) -> tuple[Completion, ...]:
    """What may follow `line`; nothing for plain text."""
    if not line.startswith("/"):
        return ()
    head, space, rest = line.partition(" ")
    if not space:
        return tuple(
            Completion(text=f"/{command.name}", start=0, meta=command.usage())
            for command in COMMANDS
            if not command.program and f"/{command.name}".startswith(head.lower())
        )
    command = BY_NAME.get(head[1:].lower())
    if command is None or command.program:
        return ()
    word = rest.rsplit(" ", 1)[-1]
    start = len(line) - len(word)
    found = _options(command, word) if word.startswith("-") else _values(command, rest, word, known)
    return tuple(Completion(text=text, start=start, meta=meta) for text, meta in found)


def _options(command: Command, word: str) -> Iterator[tuple[str, str]]:
    for param in command.options:
        if not param.program and param.option.startswith(word):
            yield param.option, param.kind.metavar


def _values(command: Command, rest: str, word: str, known: Known) -> Iterator[tuple[str, str]]:
    """Values of the option before, else of the place the word stands at."""
    before = rest[: len(rest) - len(word)].split()
    param = _awaited(command, before)
    if param is None:
        return
    for choice in param.kind.choices():
        if choice.startswith(word.lower()):
            yield choice, ""
    if isinstance(param.kind, TASKS):
        numbers = (str(task) for task in known.tasks)
        yield from ((each, "") for each in numbers if each.startswith(word.lstrip("#")))
    if param.name == "worker" or (command.name == "ask" and not before):
        yield from ((name, does) for name, does in known.workers.items() if name.startswith(word))
    if names_priorities(command, param) and len(before) == 1 and before != ["add"]:
        there = known.priorities.items()
        yield from ((name, does) for name, does in there if name.startswith(word))
    if param.name == "command":
        names = (each.name for each in COMMANDS if not each.program)
        yield from ((name, "") for name in names if name.startswith(word))


async def priorities_at(desk: Desk) -> dict[str, str]:
    """The standing priorities that whoever is at the desk may see, by name with what they do."""
    try:
        found = await desk.swarm.priorities.listing(desk.actor)
    except errors.NotAllowed:
        return {}
    return {each.priority.name: clip(each.priority.text, _ABOUT) for each in found}


def names_priorities(command: Command, param: Param) -> bool:
    """Whether an argument may name a standing priority."""
    return command.name == "priority" and param.name == "what"


def _awaited(command: Command, before: Sequence[str]) -> Param | None:
    if before and before[-1].startswith("--"):
        named = next((p for p in command.options if p.option == before[-1]), None)
        if named and not named.kind.switch:
            return named
    words = command.words
    return words[min(len(before), len(words) - 1)] if words else None
