"""Composition: who works in a swarm and with what, made from settings. Part of `build`.

All of it is made anew when settings are reloaded, beside what runs, and then takes its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from swarm_core.dispatch.model import Runner
from swarm_core.identities import Roster, load_roster
from swarm_core.kernel.clock import Clock
from swarm_core.playbooks import Assignment, Book, PlaybookRunner, load_book
from swarm_core.playbooks.source import PlaybookSource
from swarm_core.providers.model import Provider
from swarm_core.providers.registry import Registry
from swarm_core.routing.model import Rules, Source
from swarm_core.settings import Settings
from swarm_core.staffing import open_models, staff
from swarm_core.tasks.talk import Ears
from swarm_core.tools import Toolbox, ToolContext
from swarm_core.workers.streams import Streams


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to make it from besides the settings; the same for every reload."""

    data: Path
    playbooks: tuple[Path, ...]
    identities: tuple[Path, ...]
    providers: Mapping[str, Provider] | None
    extra: tuple[tuple[Source, Mapping[str, Runner]], ...]
    clock: Clock
    toolbox: Toolbox
    ears: Ears
    streams: Streams


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """Who works, by what settings; `talkers` are those who are given the conversation."""

    settings: Settings
    book: Book
    scripts: Mapping[str, bytes]
    """A digest of the file of each playbook."""
    roster: Roster
    models: Registry
    sources: tuple[Source, ...]
    runners: Mapping[str, Runner]
    talkers: frozenset[str]
    routing: Rules


def set_up(settings: Settings, stock: Stock, models: Registry | None = None) -> Setup:
    """Everybody the settings name. `models` are used when given, else opened; files that are
    wrong are left out and named in `book.problems` and `roster.problems`."""
    toolbox = stock.toolbox
    book = load_book([*stock.playbooks, *settings.playbooks.folders], toolbox)
    for name in settings.playbooks.disabled:
        book.playbooks.pop(name, None)
    roster = load_roster(
        [*stock.identities, *settings.identities.folders], disabled=settings.identities.disabled
    )
    playbook_runner = PlaybookRunner(book, toolbox, _tool_context)
    runners: dict[str, Runner] = dict.fromkeys(book.playbooks, playbook_runner)
    if models is None:
        models = open_models(settings, stock.data, stock.clock, stock.providers)
    workers = staff(
        settings, stock.data, models, roster, toolbox, stock.ears, stock.streams, _tool_context
    )
    sources: list[Source] = [PlaybookSource(book), workers.source]
    runners.update(workers.runners)
    for source, its_runners in stock.extra:
        sources.append(source)
        runners.update(its_runners)
    return Setup(
        settings=settings,
        book=book,
        scripts={name: _digest(Path(found.file)) for name, found in book.playbooks.items()},
        roster=roster,
        models=models,
        sources=tuple(sources),
        runners=runners,
        talkers=frozenset(workers.runners),
        routing=Rules(strategy=settings.routing.strategy, bar=settings.routing.bar),
    )


def _digest(file: Path) -> bytes:
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError:
        return b""  # gone since it was read


def _tool_context(assignment: Assignment) -> ToolContext:
    return ToolContext(
        actor=assignment.actor,
        workspace=assignment.workspace,
        task=assignment.task,
        taints=assignment.taints,
        said=assignment.said,
    )
