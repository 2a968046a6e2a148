"""The router: asks every source, chooses, keeps the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from swarm_core.kernel.errors import NobodySees, NotFound, NoWorker
from swarm_core.kernel.text import nearest
from swarm_core.routing.events import TaskRouted
from swarm_core.routing.model import Candidate, Offer, Route, Rules, Source, Wanted, Worker
from swarm_core.routing.rules import choose


class Router:
    """Chooses a worker for words. Pure but for its sources and rules."""

    def __init__(self, sources: Sequence[Source], rules: Rules = Rules()) -> None:  # noqa: B008
        self._sources = tuple(sources)
        self._rules = rules

    def adopt(self, sources: Sequence[Source], rules: Rules) -> None:
        """From here on these are the sources and rules."""
        self._sources, self._rules = tuple(sources), rules

    def workers(self) -> dict[str, Worker]:
        """Everybody there is, by name."""
        return {worker.name: worker for source in self._sources for worker in source.workers()}

    def choose(self, wanted: Wanted, busy: Mapping[str, int]) -> Route:
        """The route for what is `wanted`; `busy` is how many runs each worker has now.

        Raises `NotFound` for a wish nobody is called, `FixInput` from a source.
        """
        wish = wanted.worker
        if wish is not None and wish not in self.workers():
            near = nearest(wish, self.workers())
            raise NotFound(kind="worker", name=wish, near=near)
        candidates = tuple(
            _candidate(offer, busy) for source in self._sources for offer in source.offers(wanted)
        )
        return choose(candidates, wish, self._rules)


def _candidate(offer: Offer, busy: Mapping[str, int]) -> Candidate:
    worker = offer.worker
    return Candidate(
        worker=worker.name,
        model=offer.model or worker.model,
        tier=int(worker.tier if offer.tier is None else offer.tier),
        because=offer.because,
        specific=offer.specific,
        most=offer.most,
        busy=busy.get(worker.name, 0),
        success=offer.success,
        obstacle=offer.obstacle,
    )


def unserved(route: Route) -> str:
    """The code of the failure of a task that `route` found nobody for."""
    return NobodySees.code if route.reason == NobodySees.code else NoWorker.code


def routed(route: Route, wish: str | None) -> TaskRouted:
    """The fact that records `route`."""
    return TaskRouted(
        worker=route.chosen.worker if route.chosen else None,
        model=route.chosen.model if route.chosen else None,
        reason=route.reason,
        wish=wish,
        candidates=route.candidates,
    )
