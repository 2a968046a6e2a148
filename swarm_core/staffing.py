"""Composition: everything about models, from settings to workers. Part of `build`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from swarm_core.dispatch.model import Runner
from swarm_core.identities import Roster
from swarm_core.kernel.clock import Clock
from swarm_core.providers.catalogue import Catalogue
from swarm_core.providers.model import Provider
from swarm_core.providers.opening import Access, open_provider
from swarm_core.providers.registry import Registry
from swarm_core.providers.wire import Timeouts
from swarm_core.settings import ProviderSettings, Settings
from swarm_core.tasks.model import TaskKind
from swarm_core.tasks.talk import Ears
from swarm_core.tools import Toolbox
from swarm_core.workers.guard import GuardRules
from swarm_core.workers.job import Ways
from swarm_core.workers.prompts import read_prompts
from swarm_core.workers.runner import ModelRunner, Seams
from swarm_core.workers.source import Outputs, RoutingTable, WorkerSource
from swarm_core.workers.streams import Streams


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """The workers that are models: where they come from, and who carries out their runs."""

    source: WorkerSource
    runners: Mapping[str, Runner]


def open_models(
    settings: Settings, data: Path, clock: Clock, given: Mapping[str, Provider] | None
) -> Registry:
    """The models of the providers that are switched on; `given` stand in for those of the
    settings by name. Nothing is connected."""
    catalogue = Catalogue.read(settings, data, lambda: clock.now().date())
    providers: dict[str, Provider] = {
        name: open_provider(access_of(name, entry))
        for name, entry in settings.providers.items()
        if entry.enabled and name not in (given or {})
    }
    return Registry(catalogue, {**providers, **(given or {})})


def access_of(name: str, entry: ProviderSettings) -> Access:
    """How the provider that the settings call `name` is reached."""
    return Access(
        name=name,
        kind=entry.kind,
        base_url=entry.base_url or "",
        key=entry.key,
        variable=entry.key.variable if entry.key else "",
        timeouts=Timeouts(read=entry.timeout.total_seconds()),
        rpm=entry.requests_per_minute or 0,
        tpm=entry.tokens_per_minute or 0,
    )


async def try_provider(settings: Settings, name: str, seconds: float = 15.0) -> int:
    """How many models the provider called `name` says it serves; see `providers.trying`."""
    from swarm_core.providers import trying

    return await trying.try_provider(access_of(name, settings.providers[name]), seconds)


def staff(
    settings: Settings,
    data: Path,
    models: Registry,
    roster: Roster,
    toolbox: Toolbox,
    ears: Ears,
    streams: Streams,
    context: Any,
) -> Staff:
    """Everybody who works with a model."""
    limits, prompts = settings.limits, read_prompts(data / "prompts")
    source = WorkerSource(
        roster,
        models,
        toolbox,
        RoutingTable.read(data / "routing.toml"),
        Outputs(ask=limits.ask_output, task=limits.task_output),
        prompts,
    )
    tokens: dict[TaskKind, int] = {"ask": limits.ask_tokens, "task": limits.task_tokens}
    runner = ModelRunner(
        Ways(
            models=models,
            tools=toolbox,
            prompts=prompts,
            guards={
                kind: GuardRules(
                    calls=limits.tool_calls,
                    same=limits.equal_calls,
                    errors=limits.failed_calls,
                    tokens=most,
                )
                for kind, most in tokens.items()
            },
            asks=settings.confirm.dearer_fallback,
        ),
        Seams(
            character=source.character,
            context=context,
            heard=ears.heard,
            watch=streams.sink,
            silence=streams.ended,
        ),
    )
    return Staff(
        source=source,
        runners=dict.fromkeys(source.names, runner),
    )
