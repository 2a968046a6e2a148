"""Identities bound to models, as a source of workers for routing.

A plain question goes to the general assistant; work goes to whom its words fit, the assistant
among them. Each is offered with up to one model of each kind (local, cheap, dear), so that routing
can take the cheapest that will do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from swarm_core.identities import NAMED, Identity, Roster
from swarm_core.kernel.errors import UnknownModel, UnknownPrice
from swarm_core.providers.card import ModelCard
from swarm_core.providers.card import Tier as Sort
from swarm_core.providers.estimate import estimate_tokens
from swarm_core.providers.images import about_tokens
from swarm_core.providers.model import Block, Message, Prompt, Text
from swarm_core.providers.registry import Registry
from swarm_core.routing.model import Obstacle, Offer, Tier, Wanted, Worker
from swarm_core.tasks.model import Complexity, Labels, TaskKind
from swarm_core.workers.attached import parts_of
from swarm_core.workers.overheard import Room
from swarm_core.workers.ports import Assignment, Character, Tools
from swarm_core.workers.prompts import Prompts
from swarm_core.workers.shown import NONE, shown

ASSISTANT = "assistant"
"""Who answers whatever nobody else is asked for."""

_TIERS: dict[Sort, Tier] = {"local": Tier.LOCAL, "cheap": Tier.CHEAP, "dear": Tier.DEAR}
_HARDER: dict[Complexity, Complexity] = {"low": "medium", "medium": "high", "high": "high"}
MOST_MODELS = 4
"""The model a run begins with, and up to three to fall back on."""


class RoutingTable(msgspec.Struct, frozen=True, kw_only=True):
    """What is expected of models before there is a record. `success` per mille by complexity and
    kind of model; `routine` are tags of work that needs no long prompt."""

    success: dict[Complexity, dict[Sort, int]]
    routine: frozenset[str]

    @classmethod
    def read(cls, file: Path) -> RoutingTable:
        """Raises OSError, or `msgspec.ValidationError` when it is not complete."""
        found = tomllib.loads(file.read_text(encoding="utf-8"))
        return msgspec.convert(
            {"success": found["success"], "routine": found["routine"]["tags"]}, cls
        )


class Outputs(msgspec.Struct, frozen=True, kw_only=True):
    """How long one answer may be, in tokens, by kind of task."""

    ask: int
    task: int

    def of(self, kind: TaskKind, identity: Identity) -> int:
        """The lower one binds."""
        most = self.ask if kind == "ask" else self.task
        return min(most, identity.max_output or most)


def _about(wanted: Wanted) -> int:
    """The tokens of what is asked, files included."""
    seen = (about_tokens(file.width, file.height) for file in wanted.files if file.picture)
    read = (estimate_tokens(f.content or "") for f in wanted.files if not f.picture)
    return estimate_tokens(wanted.text) + sum(seen) + sum(read)


class WorkerSource:
    """Who the swarm's model workers are, and what they can be given."""

    def __init__(
        self,
        roster: Roster,
        models: Registry,
        tools: Tools,
        table: RoutingTable,
        outputs: Outputs,
        prompts: Prompts,
    ) -> None:
        self._roster = roster
        self._models = models
        self._tools = tools
        self._table = table
        self._outputs = outputs
        self._prompts = prompts
        self._usable: tuple[ModelCard, ...] = ()
        """The models that what follows was worked out from."""
        self._bound: dict[str, tuple[ModelCard, ...]] = {}
        """The models of each identity."""
        self._workers: tuple[Worker, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody who works once there is a provider; nobody without one."""
        return tuple(self._roster.identities) if self._models.providers else ()

    def workers(self) -> tuple[Worker, ...]:
        """See `Source.workers`."""
        self._follow_models()
        if self._workers is None:
            self._workers = tuple(self._worker(self._roster.identities[n]) for n in self.names)
        return self._workers

    def _worker(self, identity: Identity) -> Worker:
        cards = self._cards(identity)
        usual = cards[0] if cards else None
        return Worker(
            name=identity.name,
            model=usual.name if usual else "",
            tier=_TIERS[usual.tier] if usual else Tier.CHEAP,
            summary=identity.summary,
            examples=identity.examples,
        )

    def offers(self, wanted: Wanted) -> tuple[Offer, ...]:
        """See `Source.offers`. Raises `UnknownModel`, `UnknownPrice` for a model that was asked
        for by name."""
        if not self.names:
            return ()
        return tuple(
            offer for one in self._fitting(wanted) for offer in self._offered(wanted, *one)
        )

    def _fitting(self, wanted: Wanted) -> Iterator[tuple[Identity, int, str]]:
        """Who could do it, how closely it fits them, and by which words."""
        for identity in self._roster.identities.values():
            fit = identity.fit(wanted.text)
            if identity.name == wanted.worker:
                yield identity, NAMED, "asked for by name"
            elif fit and (fit.specific >= NAMED or wanted.kind == "task"):
                yield identity, fit.specific, ", ".join(fit.words)
            elif identity.name == ASSISTANT:
                yield identity, 0, "anything"

    def _offered(
        self, wanted: Wanted, identity: Identity, specific: int, because: str
    ) -> Iterator[Offer]:
        cards = self._cards(identity)
        if wanted.model is not None:
            cards = (self._models.card(wanted.model),)
        elif wanted.pictures:
            cards = self._with_eyes(cards)
        if not cards:
            worker = self._worker(identity)
            yield Offer(
                worker=worker, specific=specific, because=because, success=0, obstacle="paused"
            )
        for card in cards:
            yield Offer(
                worker=self._worker(identity),
                specific=specific,
                because=because,
                most=self._models.most(card, self._first(wanted, identity, card)),
                success=self._success(identity, card, wanted.labels),
                model=card.name,
                tier=_TIERS[card.tier],
                obstacle=self._obstacle(card, wanted),
            )

    def _with_eyes(self, cards: tuple[ModelCard, ...]) -> tuple[ModelCard, ...]:
        """`cards`, and one that sees pictures when none of them does and there is one."""
        if any(card.skills.images for card in cards):
            return cards
        seeing = [card for card in self._models.catalogue.usable() if card.skills.images]
        return (*cards, *sorted(seeing, key=lambda card: (_TIERS[card.tier], card.name))[:1])

    def _cards(self, identity: Identity) -> tuple[ModelCard, ...]:
        """The models it may be given: those it wishes for, else one of each kind."""
        self._follow_models()
        if identity.name not in self._bound:
            self._bound[identity.name] = self._choose_cards(identity)
        return self._bound[identity.name]

    def _follow_models(self) -> None:
        """Forget what was worked out from other models than there are now."""
        usable = self._models.catalogue.usable()
        if usable is not self._usable:
            self._usable, self._bound, self._workers = usable, {}, None

    def _choose_cards(self, identity: Identity) -> tuple[ModelCard, ...]:
        catalogue = self._models.catalogue
        usable = {card.name: card for card in catalogue.usable()}
        wished = [self._found(wish) for wish in (*identity.models, *identity.fallbacks)]
        named = [card for card in wished if card and card.name in usable]
        wanted = [catalogue.wanted(sort) for sort in ("local", "cheap", "dear")]
        if identity.tier == "free":
            wanted = [card for card in wanted if card and card.free] or wanted
        each = dict.fromkeys(card.name for card in (*named, *(c for c in wanted if c)))
        return tuple(usable[name] for name in each if name in usable)

    def _found(self, wish: str) -> ModelCard | None:
        try:
            return self._models.card(wish)
        except (UnknownModel, UnknownPrice):
            return None  # a wish, not a demand: other swarms have other models

    def _success(self, identity: Identity, card: ModelCard, labels: Labels) -> int:
        hard = labels.complexity
        if identity.tier == "dear":
            hard = _HARDER[hard]
        return self._table.success[hard][card.tier]

    def _obstacle(self, card: ModelCard, wanted: Wanted) -> Obstacle | None:
        if wanted.pictures and not card.skills.images:
            return "blind"
        if self._models.health(card.provider).state == "open":
            return "paused"
        return "too_small" if _about(wanted) > card.window // 2 else None

    def _first(self, wanted: Wanted, identity: Identity, card: ModelCard) -> Prompt:
        """About what the first call will be."""
        form = self._form(identity, wanted.labels, card)
        tools = shown(self._tools, identity.tools) if card.skills.tools else NONE
        files = parts_of(wanted.files, self._prompts)
        room = Room(wanted.room, wanted.asker, self._prompts)
        heard = (Text(room.text(len(room))),) if len(room) else ()
        return Prompt(
            model=card.id,
            system=(Block(form),),
            tools=tools.specs,
            messages=(Message("user", (*heard, Text(wanted.text), *files)),),
            max_output=min(self._outputs.of(wanted.kind, identity), card.max_output),
        )

    def _form(self, identity: Identity, labels: Labels, card: ModelCard | None) -> str:
        """The short form for routine work and for models nearby, whose windows are small."""
        routine = bool(labels.tags) and self._table.routine.issuperset(labels.tags)
        return identity.compact() if routine or (card and card.local) else identity.full()

    def character(self, assignment: Assignment) -> Character:
        """Who the worker of `assignment` is in this run. Raises `NotFound`."""
        identity = self._roster.get(assignment.worker)
        first = self._found(assignment.model) if assignment.model else None
        # Who asked for a model by name gets that one, or is told.
        cards = () if assignment.model_wish else self._cards(identity)
        if any(file.picture for file in assignment.files):
            cards = tuple(card for card in cards if card.skills.images)
        names = dict.fromkeys(card.name for card in (*((first,) if first else ()), *cards))
        return Character(
            prompt=self._form(identity, assignment.labels, first or next(iter(cards), None)),
            tools=identity.tools,
            models=tuple(names)[:MOST_MODELS],
            max_output=self._outputs.of(assignment.kind, identity),
            effort=identity.effort,
        )
