"""The models of a swarm: who serves which, what each costs, and which may be used.

Three sources speak, the nearer to the owner the louder: `waggle.yaml`, then what ships with
Waggle, then the price library. No model is called whose price nobody knows, unless a person said
in so many words that it costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

from swarm_core.kernel.errors import UnknownModel, UnknownPrice
from swarm_core.kernel.text import nearest
from swarm_core.providers.card import ModelCard, ModelRow, Tier
from swarm_core.providers.drawing import OURS, Asked, Sketch, draw, row
from swarm_core.providers.known import Known
from swarm_core.providers.prices import PriceLibrary
from swarm_core.providers.speech import SpeechCard
from swarm_core.providers.transcribing import settings_of, speech_card, transcribes
from swarm_core.settings import ProviderSettings, Settings

_ORDER: tuple[Tier, ...] = ("local", "cheap", "dear")


class Catalogue:
    """Answers for the models of the providers that are switched on.

    The first question about a paid model imports the price library, half a second once: ask off
    the event loop. Prices are those of `today`, so a price that changes on a day is followed.
    """

    def __init__(self, settings: Settings, known: Known, today: Callable[[], date]) -> None:
        self._providers = {n: p for n, p in settings.providers.items() if p.enabled}
        self._settings = settings
        self._known = known
        self._today = today
        self._wishes = {"cheap": settings.routing.cheap, "dear": settings.routing.dear}
        self._library = PriceLibrary()
        self._learnt: dict[str, tuple[str, ...]] = {}
        self._day: date | None = None
        self._cards: dict[tuple[str, str], ModelCard | Sketch] = {}
        self._usable: tuple[ModelCard, ...] | None = None

    @classmethod
    def read(cls, settings: Settings, data: Path, today: Callable[[], date]) -> Catalogue:
        """With what ships in the folder `data`."""
        return cls(settings, Known.read(data), today)

    @property
    def preset(self) -> str:
        """The preset that holds: the one that was chosen, else the widest that makes sense."""
        paid = any(not provider.free for provider in self._providers.values())
        return self._settings.routing.preset or ("paid" if paid else "free")

    def serves(self, provider: str) -> tuple[str, ...]:
        """The ids of the models of `provider` that are in use: those its entry lists, else those
        it said it has where we know none of its kind, else those that ship as its kind's."""
        entry = self._providers[provider]
        return entry.models or self._learnt.get(provider) or self._shipped(entry)

    def wants_to_learn(self) -> tuple[str, ...]:
        """The providers that have to be asked what they serve."""
        return tuple(
            name
            for name, entry in self._providers.items()
            if not entry.models and not self._shipped(entry)
        )

    def learn(self, provider: str, models: Iterable[str]) -> None:
        """`provider` was asked and serves `models`."""
        self._learnt[provider] = tuple(models)
        self._usable = None

    def card(self, provider: str, model: str) -> ModelCard:
        """What is known of `model` at `provider`, in use or not. Raises `UnknownModel` when there
        is no such provider, `UnknownPrice` when nobody knows what it costs."""
        if provider not in self._providers:
            name = f"{provider}/{model}"
            raise UnknownModel(name=name, near=nearest(name, self._names()))
        drawn = self._draw(provider, model)
        if isinstance(drawn, Sketch):
            raise UnknownPrice(provider=provider, model=model)
        return drawn

    def find(self, name: str) -> ModelCard:
        """The model in use that people call `name`: its id, or `provider/id`. Raises as `card`."""
        for provider, model in self._all():
            if name in (model, f"{provider}/{model}"):
                return self.card(provider, model)
        raise UnknownModel(name=name, near=nearest(name, self._names()))

    def charging(self, card: ModelCard, answered: str) -> ModelCard:
        """The card an answer is billed by when `answered` is the model that really gave it: its
        own if its price is known, else that of the model which was asked. What the owner said of
        the one that was asked holds for whatever answers, a dated snapshot above all."""
        if card.source == OURS:
            return card
        drawn = self._draw(card.provider, answered)
        return card if isinstance(drawn, Sketch) else drawn

    def usable(self) -> tuple[ModelCard, ...]:
        """The models that members of the swarm may be given, by tier (local, cheap, dear), the
        wanted one of a tier first and then in the order of the configuration. The same tuple as
        long as nothing has changed."""
        self._follow_day()
        if self._usable is None:
            self._usable = self._choose_usable()
        return self._usable

    def _choose_usable(self) -> tuple[ModelCard, ...]:
        cards = [
            drawn
            for provider, model in self._all()
            if isinstance(drawn := self._draw(provider, model), ModelCard) and self._allowed(drawn)
        ]
        return tuple(sorted(cards, key=lambda card: (_ORDER.index(card.tier), self._wish(card))))

    def wanted(self, tier: Tier) -> ModelCard | None:
        """The model to take for work of `tier`: the one wished for, of whatever tier it is, else
        the first there is."""
        usable = self.usable()
        wish = self._wishes.get(tier)
        wished = (card for card in usable if wish in (card.id, card.name))
        return next(wished, next((card for card in usable if card.tier == tier), None))

    def unmet(self) -> tuple[UnknownModel, ...]:
        """The wishes of `routing` that name no usable model; to be told when everything that is
        served is known."""
        usable = self.usable()
        return tuple(
            UnknownModel(name=wish, near=nearest(wish, self._names()))
            for wish in self._wishes.values()
            if wish and not any(wish in (card.id, card.name) for card in usable)
        )

    def rows(self) -> tuple[ModelRow, ...]:
        """Every model in use, priced or not, for people to look at."""
        usable = {card.name for card in self.usable()}
        return tuple(row(self._draw(provider, model), usable) for provider, model in self._all())

    def speech(self, wish: str) -> SpeechCard:
        """The model that puts speech into words and is called `wish`. Raises as `card`."""
        return speech_card(self._settings, self._library, wish, self._today())

    def _all(self) -> Iterator[tuple[str, str]]:
        for provider in self._providers:
            for model in self.serves(provider):
                if not transcribes(self._settings, provider, model):
                    yield provider, model

    def _names(self) -> set[str]:
        return {n for provider, model in self._all() for n in (model, f"{provider}/{model}")}

    def _shipped(self, entry: ProviderSettings) -> tuple[str, ...]:
        return () if entry.local else self._known.offered(entry.kind)

    def _allowed(self, card: ModelCard) -> bool:
        sorts = self._known.presets[self.preset]
        return (
            (card.free and "free" in sorts)
            or (card.local and "local" in sorts)
            or (not card.free and "priced" in sorts)
        )

    def _wish(self, card: ModelCard) -> int:
        return 0 if self._wishes.get(card.tier) in (card.id, card.name) else 1

    def _draw(self, provider: str, model: str) -> ModelCard | Sketch:
        day = self._follow_day()
        key = provider, model
        if key not in self._cards:
            entry = self._providers[provider]
            ours = settings_of(self._settings, provider, model)
            self._cards[key] = draw(Asked(*key, day), entry, ours, self._known, self._library)
        return self._cards[key]

    def _follow_day(self) -> date:
        """Today; with a new day what was known of prices is forgotten."""
        day = self._today()
        if day != self._day:
            self._day, self._cards, self._usable = day, {}, None
        return day
