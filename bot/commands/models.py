"""Models and who serves them: what is known without asking, and what asking brings."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date

from bot.commands import model_views, views
from bot.commands.asking import Given
from bot.commands.desk import Desk
from swarm_core import ModelRow, Swarm, WaggleError, errors, to_micros

ASK_SECONDS = 15.0
"""How long a provider may take to say what it serves, with the loading of its library."""


async def models(desk: Desk, given: Given) -> views.View:  # noqa: ARG001
    """Every model in use. Providers that did not answer before are asked again."""
    swarm = desk.swarm
    await ask(swarm, tuple(swarm.models.problems))
    rows = await models_of(swarm)
    return model_views.Models(
        models=rows, providers=providers(swarm, rows), problems=await problems(swarm, rows)
    )


async def status_problems(desk: Desk) -> tuple[model_views.Failed, ...]:
    """What stands in the way of models, for a glance: nothing is loaded to find out."""
    swarm = desk.swarm
    if not desk.serving:
        return _failed(swarm.settings.missing_keys)
    await ask(swarm, tuple(swarm.models.problems))
    return await problems(swarm, await models_of(swarm))


def store_problems(desk: Desk) -> tuple[model_views.Failed, ...]:
    """What keeps the store from being written now."""
    health = desk.swarm.store.health
    return _failed([error for error in (health.broken, health.short) if error][:1])


async def ask(swarm: Swarm, names: Sequence[str]) -> None:
    """Ask providers what they serve, which costs nothing and shows whether they take the key;
    why one does not say it is kept in `swarm.models.problems`."""
    await asyncio.gather(*(_ask(swarm, name) for name in names))


async def _ask(swarm: Swarm, name: str) -> None:
    registry = swarm.models
    try:
        async with asyncio.timeout(ASK_SECONDS):
            served = await registry.providers[name].models()
    except WaggleError as error:
        registry.problems[name] = error
    except TimeoutError:
        slow = f"no answer within {ASK_SECONDS:.0f} seconds"
        registry.problems[name] = errors.ProviderUnreachable(provider=name, problem=slow)
    else:
        registry.problems.pop(name, None)
        if name in registry.catalogue.wants_to_learn():
            registry.catalogue.learn(name, served)


async def problems(swarm: Swarm, rows: Iterable[ModelRow]) -> tuple[model_views.Failed, ...]:
    """Keys that are missing, providers that do not answer, wishes that name no model."""
    found = [*swarm.settings.missing_keys, *swarm.models.problems.values()]
    learnt = {row.provider for row in rows}
    if learnt.issuperset(swarm.models.catalogue.wants_to_learn()):
        found += await asyncio.to_thread(swarm.models.catalogue.unmet)
    return _failed(found)


def _failed(found: Iterable[WaggleError]) -> tuple[model_views.Failed, ...]:
    return tuple(model_views.Failed(code=error.code, data=dict(error.data)) for error in found)


async def models_of(swarm: Swarm) -> tuple[ModelRow, ...]:
    """Every model in use, priced or not."""
    if not swarm.models.providers:
        return ()
    # The price library is loaded by the first question.
    return await asyncio.to_thread(swarm.models.catalogue.rows)


def providers(swarm: Swarm, rows: Iterable[ModelRow]) -> tuple[model_views.Provider, ...]:
    """How each provider stands, with the oldest day of its prices."""
    prices: dict[str, list[tuple[date | None, str]]] = {}
    for row in rows:
        if row.input is not None and not row.free:
            prices.setdefault(row.provider, []).append((row.priced, row.source))
    return tuple(_provider(swarm, name, prices.get(name, [])) for name in swarm.models.providers)


def _provider(
    swarm: Swarm, name: str, prices: Sequence[tuple[date | None, str]]
) -> model_views.Provider:
    health, problem = swarm.models.health(name), swarm.models.problems.get(name)
    error = health.error or problem
    state = {"open": "paused", "half-open": "trying"}.get(health.state, "well")
    if state == "well" and problem:
        state = "failing"
    return model_views.Provider(
        name=name,
        state=state,
        seconds=health.seconds,
        since=to_micros(health.since) if health.since else None,
        why=health.why,
        failure=model_views.Failed(code=error.code, data=dict(error.data)) if error else None,
        priced=min((day for day, _ in prices if day), default=None),
        source=", ".join(dict.fromkeys(source for _, source in prices if source)),
    )
