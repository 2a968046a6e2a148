"""Which model puts speech into words, and what it costs."""

from __future__ import annotations

from datetime import date

from swarm_core.kernel.errors import UnknownModel, UnknownPrice
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.kernel.text import nearest
from swarm_core.providers.prices import PriceLibrary
from swarm_core.providers.speech import SpeechCard
from swarm_core.settings import ModelSettings, ProviderSettings, Settings

_SPEAKS = ("openai", "openai-compatible")


def transcribes(settings: Settings, provider: str, model: str) -> bool:
    """Whether the settings say of a model that it puts speech into words, and so is none to work
    with."""
    if settings.chat.transcription in (model, f"{provider}/{model}"):
        return True
    return settings_of(settings, provider, model).transcribes


def settings_of(settings: Settings, provider: str, model: str) -> ModelSettings:
    """What `waggle.yaml` says of a model, of that of this provider before that of any."""
    ours = settings.models.get(f"{provider}/{model}")
    return ours or settings.models.get(model, ModelSettings())


def speech_card(settings: Settings, library: PriceLibrary, wish: str, day: date) -> SpeechCard:
    """The model that people call `wish`: `provider/id`, or its id where one provider alone can be
    meant. Raises `UnknownModel`, or `UnknownPrice` when nobody knows what it costs: nothing is
    asked of it then."""
    speaking = {
        name: entry
        for name, entry in settings.providers.items()
        if entry.enabled and entry.kind in _SPEAKS
    }
    provider, _, model = wish.partition("/")
    if provider not in speaking or not model:
        listing = [name for name, entry in speaking.items() if wish in entry.models]
        meant = listing or list(speaking)
        if len(meant) != 1:
            raise UnknownModel(name=wish, near=nearest(wish, [f"{n}/{wish}" for n in meant]))
        (provider,), model = meant, wish
    ours, entry = settings_of(settings, provider, model), speaking[provider]
    if entry.free or ours.free:
        return SpeechCard(provider=provider, id=model, hour=ZERO, free=True)
    if ours.per_minute is not None:
        return SpeechCard(provider=provider, id=model, hour=MicroUSD(ours.per_minute * 60))
    return _listed(library, entry, provider, model, day)


def _listed(
    library: PriceLibrary, entry: ProviderSettings, provider: str, model: str, day: date
) -> SpeechCard:
    found = None if entry.local else library.hour(entry.kind, entry.base_url, model, day)
    if found is None:
        raise UnknownPrice(provider=provider, model=model)
    hour, least = found
    return SpeechCard(provider=provider, id=model, hour=hour, least=least)
