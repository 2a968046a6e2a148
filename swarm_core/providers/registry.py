"""The models of a swarm joined to who serves them: what a worker asks, pays and waits by."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from swarm_core.kernel.errors import NoSuchModel, WaggleError
from swarm_core.kernel.money import MicroUSD
from swarm_core.providers import bounds
from swarm_core.providers.card import ModelCard
from swarm_core.providers.catalogue import Catalogue
from swarm_core.providers.model import Health, Prompt, Provider, Usage
from swarm_core.providers.speech import SpeechCard, Transcriber, listening

log = logging.getLogger(__name__)

LEARN_SECONDS = 2.0
"""How long a start waits for providers to say what they serve; they are asked on after it."""
AGAIN_SECONDS = 30.0
"""After how long one that did not answer is asked again."""

_WELL = Health(state="closed")


class Registry:
    """Every model by the name people and steps use (`provider/id`)."""

    def __init__(self, catalogue: Catalogue, providers: Mapping[str, Provider]) -> None:
        self.catalogue = catalogue
        self.providers = dict(providers)
        self.problems: dict[str, WaggleError] = {}
        """Why a provider has not said what it serves."""
        self._learning: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Load what is known, and ask those providers that have to say themselves what they
        serve. One that does not answer at once is asked again in the background."""
        if not self.providers:
            return
        await asyncio.to_thread(self.catalogue.usable)
        names = self.catalogue.wants_to_learn()
        self._learning = [asyncio.create_task(self._learn(n), name=f"learn-{n}") for n in names]
        if self._learning:
            await asyncio.wait(self._learning, timeout=LEARN_SECONDS)

    async def close(self) -> None:
        for task in self._learning:
            task.cancel()
        await asyncio.gather(*self._learning, return_exceptions=True)
        await asyncio.gather(*(provider.close() for provider in self.providers.values()))

    async def _learn(self, name: str) -> None:
        while True:
            try:
                self.catalogue.learn(name, await self.providers[name].models())
                self.problems.pop(name, None)
                return
            except WaggleError as error:
                if name not in self.problems:
                    log.warning("%s did not say what it serves: %s", name, error)
                self.problems[name] = error
            await asyncio.sleep(AGAIN_SECONDS)

    def card(self, name: str) -> ModelCard:
        """Raises `UnknownModel`, `UnknownPrice`."""
        return self.catalogue.find(name)

    def provider(self, name: str) -> Provider:
        """Who serves the model. Raises `UnknownModel`, `UnknownPrice`, `NoSuchModel`."""
        card = self.card(name)
        if card.provider not in self.providers:
            raise NoSuchModel(provider=card.provider, model=card.id)
        return self.providers[card.provider]

    def transcriber(self, wish: str) -> tuple[SpeechCard, Transcriber]:
        """The model that puts speech into words, and who serves it. May import the price library:
        ask off the event loop. Raises as `provider`, and `ProviderRejected`."""
        card = self.catalogue.speech(wish)
        if card.provider not in self.providers:
            raise NoSuchModel(provider=card.provider, model=card.id)
        return card, listening(self.providers[card.provider])

    def health(self, provider: str) -> Health:
        """Whether calls reach it."""
        health: Health = getattr(self.providers.get(provider), "health", _WELL)
        return health

    def most(self, card: ModelCard, prompt: Prompt, tokens: int | None = None) -> MicroUSD:
        """What a call may cost at worst; `tokens` is its input as the provider counted it."""
        return bounds.most(card, prompt, tokens=tokens)

    def quote(self, card: ModelCard, prompt: Prompt, tokens: int | None = None) -> bounds.Quote:
        """The terms of a call, for holds of more than one length; `tokens` as for `most`."""
        return bounds.quote(card, prompt, tokens=tokens)

    def bill(self, card: ModelCard, answered: str, usage: Usage) -> MicroUSD:
        """What a call to `card` cost that the model `answered` really gave."""
        return bounds.bill(self.catalogue.charging(card, answered), usage)
