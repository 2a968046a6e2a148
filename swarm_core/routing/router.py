"""The router: asks every source, chooses, keeps the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from swarm_core.kernel.errors import NotFound
from swarm_core.kernel.text import nearest
from swarm_core.routing.events import TaskRouted
from swarm_core.routing.model import Candidate, Offer, Route, Source, Worker
from swarm_core.routing.rules import choose
from swarm_core.tasks.model import TaskKind


class Router:
    """Chooses a worker for words. Pure but for its list of sources."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)

    def workers(self) -> dict[str, Worker]:
        """Everybody there is, by name."""
        return {worker.name: worker for source in self._sources for worker in source.workers()}

    def choose(self, text: str, kind: TaskKind, wish: str | None, busy: Mapping[str, int]) -> Route:
        """The route for `text`; `busy` is how many runs each worker has now.

        Raises `NotFound` for a wish nobody is called, `FixInput` from a source.
        """
        if wish is not None and wish not in self.workers():
            near = nearest(wish, self.workers())
            raise NotFound(kind="worker", name=wish, near=near)
        candidates = tuple(
            _candidate(offer, busy)
            for source in self._sources
            for offer in source.offers(text, kind)
        )
        return choose(candidates, wish)


def _candidate(offer: Offer, busy: Mapping[str, int]) -> Candidate:
    worker = offer.worker
    return Candidate(
        worker=worker.name,
        model=worker.model,
        tier=int(worker.tier),
        because=offer.because,
        specific=offer.specific,
        most=offer.most,
        busy=busy.get(worker.name, 0),
    )


def routed(route: Route, wish: str | None) -> TaskRouted:
    """The fact that records `route`."""
    return TaskRouted(
        worker=route.chosen.worker if route.chosen else None,
        reason=route.reason,
        wish=wish,
        candidates=route.candidates,
    )
