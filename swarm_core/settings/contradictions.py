"""What no single key can be wrong about: entries whose keys do not go together."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from swarm_core.settings.models import ModelSettings, ProviderSettings
from swarm_core.settings.notices import WebhookSettings
from swarm_core.settings.priorities import PrioritySettings
from swarm_core.settings.schema import Settings
from swarm_core.settings.surfaces import surface_names

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class Contradiction(msgspec.Struct, frozen=True):
    loc: tuple[str, ...]
    problem: str
    expected: str


def contradictions(settings: Settings) -> list[Contradiction]:
    found = list(_shares(settings))
    for name, provider in settings.providers.items():
        found += _provider(("providers", name), provider)
    for name, model in settings.models.items():
        found += _model(("models", name), model)
    for name, hook in settings.webhooks.items():
        found += _webhook(("webhooks", name), hook)
    for name, priority in settings.priorities.items():
        found += _priority(("priorities", name), priority)
    for name in sorted(surface_names()):
        for clash in settings.section(name).clashes():
            found.append(Contradiction((name, clash.key), clash.problem, clash.expected))
    return found


def _priority(loc: tuple[str, ...], priority: PrioritySettings) -> Iterator[Contradiction]:
    if not _NAME.fullmatch(loc[-1]):
        yield Contradiction(
            loc, "the name is not plain", "a name of small letters, digits, - and _, at most 40"
        )
    for clash in priority.clashes():
        place = (*loc, clash.key) if clash.key else loc
        yield Contradiction(place, clash.problem, clash.expected)


def _webhook(loc: tuple[str, ...], hook: WebhookSettings) -> Iterator[Contradiction]:
    if not _NAME.fullmatch(loc[-1]):
        yield Contradiction(
            loc, "the name is not plain", "a name of small letters, digits, - and _, at most 40"
        )
    if hook.secret is None and hook.enabled:
        yield Contradiction(loc, "it has no secret", "a secret, like $WAGGLE_WEBHOOK_SECRET")


def _shares(settings: Settings) -> Iterator[Contradiction]:
    together = sum(settings.budget.shares.values())
    if together != 100:
        yield Contradiction(
            ("budget",),
            f"the shares of the day make {together}% together",
            "identity_share, work_share, personal_share and headroom_share that make 100%",
        )


def _provider(loc: tuple[str, ...], provider: ProviderSettings) -> Iterator[Contradiction]:
    if not _NAME.fullmatch(loc[-1]):
        yield Contradiction(
            loc, "the name is not plain", "a name of small letters, digits, - and _, at most 40"
        )
    if provider.enabled and provider.kind == "openai-compatible" and not provider.base_url:
        yield Contradiction(
            loc, "it does not say where it is", "a base_url, like http://localhost:1234/v1"
        )


def _model(loc: tuple[str, ...], model: ModelSettings) -> Iterator[Contradiction]:
    if not 0 < len(loc[-1]) <= 200 or not loc[-1].isprintable():
        yield Contradiction(loc, "this is no model's id", "the id as its provider writes it")
    prices = (model.input, model.output, model.cached, model.written)
    if model.free and any(price is not None for price in prices):
        yield Contradiction(
            (*loc, "free"), "it is free and has a price", "one of the two, and take the other out"
        )
    elif any(price is not None for price in prices) and None in (model.input, model.output):
        yield Contradiction(loc, "its price is not whole", "input and output, both")
    if model.window and model.max_output and model.max_output > model.window:
        yield Contradiction(
            (*loc, "max_output"), "it is more than the window", "at most as many as window"
        )
