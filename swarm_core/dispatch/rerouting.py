"""Giving a task that has not begun to somebody else, with the price of that asked about anew."""

from __future__ import annotations

from swarm_core.dispatch.cheaper import cheaper_than
from swarm_core.dispatch.consent import Consent
from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.kernel.errors import FixInput, NotFound
from swarm_core.kernel.ids import TaskId
from swarm_core.routing.model import Candidate, Route, Wanted
from swarm_core.routing.router import Router, routed
from swarm_core.store import Tx
from swarm_core.tasks import files, queue, room
from swarm_core.tasks.model import Startable
from swarm_core.tasks.tasks import Tasks


class Rerouting:
    """Routes stored tasks again, inside a write."""

    def __init__(self, tasks: Tasks, router: Router, consent: Consent) -> None:
        self._tasks = tasks
        self._router = router
        self.consent = consent

    def route(self, tx: Tx, task: Startable, *, wishes: bool = True) -> Route:
        """Who could do `task` now; nobody when its words are not understood any more."""
        limits = self.consent.limits
        wanted = Wanted(
            text=tx.body(task.text_body) or "",
            kind=task.kind,
            labels=queue.labels_of(tx, task.id),
            worker=task.wish if wishes else None,
            model=task.model_wish if wishes else None,
            files=files.of_task(tx, task.id),
            room=room.of_task(tx, task.id),
            asker=task.person,
            plain=bool(limits and limits.barred(task.person, task.model_wish)),
        )
        try:
            return self._router.choose(wanted, {})
        except (FixInput, NotFound):
            return Route(chosen=None, reason="nobody", candidates=())

    def move(self, tx: Tx, actor: Actor, task: TaskId, *, wishes: bool = True) -> bool:
        """Give `task` to whoever can do it now; False when nobody can."""
        found = queue.startable(tx, task)
        wish = found.wish if wishes else None
        route = self.route(tx, found, wishes=wishes)
        tx.append(routed(route, wish), SWARM, task=task)
        if route.chosen is None:
            return False
        self._tasks.move(tx, task, route.chosen.worker, route.chosen.model)
        self.consent.price(tx, actor, task, route.chosen, route.candidates)
        return True

    def cheaper(self, tx: Tx, task: Startable) -> Candidate | None:
        """The next clearly cheaper one that can begin now; whoever has begun keeps its worker."""
        candidates = self.route(tx, task).candidates
        bound = task.worker if task.run is not None else task.wish
        now = [c for c in candidates if (c.worker, c.model) == (task.worker, task.model)]
        if not now:
            return None
        able = [c for c in candidates if bound in (None, c.worker)]
        return cheaper_than(now[0].most, task.worker, able)
