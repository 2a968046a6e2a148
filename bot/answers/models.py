"""Models, and who serves them, in words."""

from __future__ import annotations

from collections.abc import Iterable

from bot.answers.words import Words
from bot.commands.model_views import Failed, Models, Provider
from bot.reply import Notice, Part, Reply, Table
from swarm_core import ModelRow


def models(words: Words, view: Models) -> Reply:
    say = words.say
    if not view.models and not view.providers:
        none = Notice(level="info", text=say("models.none"), hint=say("models.add"))
        return Reply(parts=(*problems(words, view.problems), none))
    stands = {provider.name: provider.state for provider in view.providers}
    names = ("model", "price_in", "price_out", "window", "answer", "tier", "used")
    table = Table(
        columns=tuple(say(f"column.{name}") for name in names),
        align=tuple("right" if name in names[1:5] else "left" for name in names),
        rows=tuple(
            (
                row.name,
                _price(words, row, row.input),
                _price(words, row, row.output),
                _tokens(row.window),
                _tokens(row.max_output),
                say(f"models.tier.{row.tier}"),
                _used(words, row, stands.get(row.provider, "well")),
            )
            for row in view.models
        ),
        empty=say("models.not_said"),
    )
    dearer = [
        Notice(
            level="info",
            text=say(
                "models.dearer",
                model=row.name,
                above=row.above,
                input=row.input_above,
                output=row.output_above,
            ),
        )
        for row in view.models
        if row.above is not None
    ]
    legend = Notice(level="info", text=say("models.legend"))
    parts: list[Part] = [table, *((legend,) if view.models else ()), *dearer]
    parts += [_providers(words, view.providers), *problems(words, view.problems)]
    return Reply(parts=tuple(parts))


def problems(words: Words, found: Iterable[Failed]) -> list[Part]:
    """What stands in the way of models that were configured, each with its mend."""
    return [Notice(level="warn", text=words.failure(each.code, each.data)) for each in found]


def _providers(words: Words, providers: Iterable[Provider]) -> Table:
    say = words.say
    return Table(
        columns=tuple(say(f"column.{name}") for name in ("provider", "state", "prices")),
        rows=tuple((each.name, standing(words, each), _prices(words, each)) for each in providers),
    )


def standing(words: Words, provider: Provider) -> str:
    """Whether calls reach a provider; else since when not, for how long, and why."""
    say = words.say
    if provider.state == "well":
        return say("models.state.well")
    since = words.clock(provider.since) if provider.since is not None else ""
    failure = provider.failure
    reason = words.failure(failure.code, failure.data) if failure else provider.why
    return say(
        f"models.state.{provider.state}",
        since=since,
        wait=words.length(provider.seconds * 1_000_000),
        reason=reason,
    )


def _prices(words: Words, provider: Provider) -> str:
    if not provider.source:
        return words.say("models.free")
    day = provider.priced.isoformat() if provider.priced else ""
    return words.say("models.prices", source=provider.source, day=day)


def _price(words: Words, row: ModelRow, amount: int | None) -> str:
    if row.free:
        return words.say("models.free")
    return words.say("models.unknown") if amount is None else words.usd(amount)


def _tokens(count: int) -> str:
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if count >= size:
            return f"{count / size:.1f}".removesuffix(".0") + unit
    return str(count)


def _used(words: Words, row: ModelRow, state: str) -> str:
    if row.input is None and not row.free:
        return words.say("models.used.no_price")
    if not row.used:
        return words.say("models.used.left_out")
    return words.say("models.used.paused" if state == "paused" else "models.used.yes")
