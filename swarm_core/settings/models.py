"""Sections about models: who serves them, what is known of each, which ones are wanted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from swarm_core.kernel.money import MicroUSD
from swarm_core.kernel.secret import Secret
from swarm_core.settings.endpoints import Address, Day, FromVariable, is_near
from swarm_core.settings.kinds import Choice, Duration, Flag, Many, Money, Text, Whole
from swarm_core.settings.section import About, Section

_TOKENS = 100_000_000
_MODEL = Text(200, "a model's id")
_AS_KNOWN = "what is known of it"


class ProviderSettings(Section):
    """Who serves models, under a name of your choice. `ANTHROPIC_API_KEY` or `OPENAI_API_KEY` in
    the environment makes a provider `anthropic` or `openai` without an entry here."""

    kind: Annotated[
        Literal["anthropic", "openai", "openai-compatible"],
        Choice("anthropic", "openai", "openai-compatible"),
        About("How it is spoken to. Entries called `anthropic` or `openai` need not say it."),
    ]
    key: Annotated[
        Secret | None,
        FromVariable(),
        About("The variable of the environment that holds its key; never the key itself."),
    ] = None
    base_url: Annotated[
        str | None,
        Address(),
        About("Where it is. `openai-compatible` needs it; without https only nearby hosts."),
    ] = None
    models: Annotated[
        tuple[str, ...],
        Many(_MODEL),
        About("The only models to use of it; none listed: those Waggle knows or it names itself."),
    ] = ()
    free: Annotated[
        bool, Flag(), About("Whether everything it serves costs nothing. Only your word makes it.")
    ] = False
    requests_per_minute: Annotated[
        int | None, Whole(1, 1_000_000, none="no limit"), About("Most calls in a minute.")
    ] = None
    tokens_per_minute: Annotated[
        int | None, Whole(1, 10**9, none="no limit"), About("Most tokens in a minute.")
    ] = None
    timeout: Annotated[
        timedelta,
        Duration(timedelta(seconds=1), timedelta(hours=1)),
        About("How long it may be silent within one call."),
    ] = timedelta(minutes=10)
    enabled: Annotated[bool, Flag(), About("Whether it is used at all.")] = True

    @property
    def near(self) -> bool:
        """Whether its address is this machine or a private network."""
        return self.base_url is not None and is_near(self.base_url)

    @property
    def local(self) -> bool:
        """Whether its models run nearby. A paid vendor reached through a proxy here does not."""
        return self.near and (self.free or self.kind == "openai-compatible")


class ModelSettings(Section):
    """What you know better of a model than Waggle does. The name is the model's id, or
    `provider/id` for one provider's. Prices are dollars for a million tokens, given whole:
    whatever is not given is charged like `input` or `output`."""

    input: Annotated[
        MicroUSD | None, Money(_AS_KNOWN), About("Price of input. Give `output` as well.")
    ] = None
    output: Annotated[MicroUSD | None, Money(_AS_KNOWN), About("Price of output.")] = None
    cached: Annotated[
        MicroUSD | None, Money("as `input`"), About("Price of input read from its cache.")
    ] = None
    written: Annotated[
        MicroUSD | None, Money("as `input`"), About("Price of input written to its cache.")
    ] = None
    priced: Annotated[
        date | None, Day("not said"), About("The day on which you looked these prices up.")
    ] = None
    free: Annotated[bool, Flag(), About("Whether it costs nothing. Only your word makes it.")] = (
        False
    )
    transcribes: Annotated[
        bool,
        Flag(),
        About("Whether it puts speech into words. Workers are not given it then."),
    ] = False
    per_minute: Annotated[
        MicroUSD | None,
        Money(_AS_KNOWN),
        About("Price of a minute of speech, of a model that puts it into words."),
    ] = None
    window: Annotated[
        int | None,
        Whole(1, _TOKENS, none=_AS_KNOWN),
        About("Most tokens of input and output together."),
    ] = None
    max_output: Annotated[
        int | None, Whole(1, _TOKENS, none=_AS_KNOWN), About("Most tokens of one answer.")
    ] = None
    tier: Annotated[
        Literal["local", "cheap", "dear"] | None,
        Choice("local", "cheap", "dear", none=_AS_KNOWN),
        About("What it counts as when one is chosen."),
    ] = None
    tools: Annotated[bool | None, Flag(_AS_KNOWN), About("Whether it calls tools.")] = None
    images: Annotated[bool | None, Flag(_AS_KNOWN), About("Whether it sees images.")] = None
    formats: Annotated[
        bool | None, Flag(_AS_KNOWN), About("Whether it holds its answer to a schema.")
    ] = None
    reasoning: Annotated[
        bool | None, Flag(_AS_KNOWN), About("Whether it reasons before it answers.")
    ] = None


class Routing(Section):
    """Which models may be used, and which are wanted."""

    preset: Annotated[
        Literal["free", "local", "paid"] | None,
        Choice("free", "local", "paid", none="paid with a provider that costs money, else free"),
        About("Models that may be used: those that cost nothing, those nearby, or all."),
    ] = None
    strategy: Annotated[
        Literal["value", "least_loaded"],
        Choice("value", "least_loaded"),
        About("Take the cheapest that will do, or the best of success and idleness."),
    ] = "value"
    bar: Annotated[
        int,
        Whole(0, 1_000, "per mille"),
        About("How likely to succeed a model has to be, to be preferred for being cheap."),
    ] = 700
    cheap: Annotated[
        str | None,
        Text(200, "a model's id", none="the first cheap one there is"),
        About("The model for ordinary work."),
    ] = None
    dear: Annotated[
        str | None,
        Text(200, "a model's id", none="the first dear one there is"),
        About("The model for hard work."),
    ] = None
