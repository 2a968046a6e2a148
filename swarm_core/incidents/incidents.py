"""What people do about incidents: look at them, and say that they have one. Everything passes the
policy, and what was asked for elsewhere does not exist for whoever asks about it."""

from __future__ import annotations

from collections.abc import Iterator

from swarm_core.dispatch.seeing import Seeing, is_private
from swarm_core.incidents import streaks, tables
from swarm_core.incidents.book import IncidentBook
from swarm_core.incidents.model import Cause, Incident, IncidentShown, Moment
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import NotFound
from swarm_core.kernel.ids import LARGEST, TaskId
from swarm_core.policy import Action, Policy, Resource
from swarm_core.steps import tables as steps
from swarm_core.store import Rows, Store, Tx, read_body
from swarm_core.tasks import queries

MOST_CLOSED = 10
MOST_LINES = 10
"""Lines of what a task has left that are shown with an incident."""
_LONGEST = 200
"""Characters of one of them."""


class Incidents:
    """The incidents, as far as whoever asks may see them."""

    def __init__(self, store: Store, policy: Policy, seeing: Seeing, book: IncidentBook) -> None:
        self._store = store
        self._policy = policy
        self._seeing = seeing
        self.book = book

    async def listing(self, actor: Actor) -> tuple[tuple[Incident, ...], tuple[Incident, ...]]:
        """What is wrong now, and what was last, newest first. Raises `NotAllowed`."""
        self._policy.authorize(actor, Action.READ_INCIDENTS, Resource("incidents"))

        def read(rows: Rows) -> tuple[list[Incident], list[Incident]]:
            return tables.open_ones(rows), tables.closed_ones(rows, 10 * MOST_CLOSED)

        now, before = await self._store.read(read)
        closed = [each for each in before if self._sees(actor, each)][:MOST_CLOSED]
        return tuple(each for each in now if self._sees(actor, each)), tuple(closed)

    async def show(self, actor: Actor, number: int) -> IncidentShown:
        """One of them, with all that is known of it. Raises `NotFound`, `NotAllowed`."""
        found = await self._find(actor, number)
        self._policy.authorize(actor, Action.READ_INCIDENTS, self._resource(actor, found))
        return await self.whole(found.id)

    async def acknowledge(self, actor: Actor, number: int) -> tuple[Incident, bool]:
        """The actor has it; returns how it stands, and whether that is new. What is over, or what
        somebody has, stays as it is. Raises `NotFound`, `NotAllowed`."""
        found = await self._find(actor, number)
        self._policy.authorize(actor, Action.TAKE_INCIDENT, self._resource(actor, found))
        after, new = await self._store.write(
            lambda tx: self.book.acknowledge(tx, actor, found.id), first=True
        )
        return after or found, new

    async def whole(self, number: int) -> IncidentShown:
        """An incident for whoever tells people of it, or may see it. Raises `NotFound`."""
        shown = await self._store.read(lambda rows: _shown(rows, number))
        if shown is None:
            raise _unknown(number)
        return shown

    def between(self, rows: Rows | Tx, actor: Actor, since: Micros, upto: Micros) -> list[Incident]:
        """What is wrong now, and what was over in that time, as far as the actor may see it."""
        over = tables.closed_ones(rows, 10 * MOST_CLOSED)
        found = (*tables.open_ones(rows), *(e for e in over if since < (e.closed or 0) <= upto))
        return [each for each in found if self._sees(actor, each)]

    async def _find(self, actor: Actor, number: int) -> Incident:
        if number > LARGEST:
            raise _unknown(number)
        found = await self._store.read(lambda rows: tables.get(rows, number))
        if found is None or not self._sees(actor, found):
            raise _unknown(number)
        return found

    def _sees(self, actor: Actor, incident: Incident) -> bool:
        """Of a place what is told there, and in private what is one's own; of the swarm itself
        whoever sees everybody's work where they are."""
        if self._concerns(actor, incident):
            return incident.place is None or is_private(actor) or self._there(actor, incident)
        sight = self._seeing.sight(actor)
        if sight.whole:
            return True
        return self._there(actor, incident) and not is_private(actor)

    def _there(self, actor: Actor, incident: Incident) -> bool:
        place = incident.place
        if place is None:
            return self._policy.allows(actor, Action.READ_BOARD, Resource("board"))
        return (place.surface, place.space) == (actor.surface, actor.space)

    def _concerns(self, actor: Actor, incident: Incident) -> bool:
        """Whether it is theirs, or they were told of it."""
        return any(self._policy.own(actor, key) for key in (incident.owner, *incident.told))

    def _resource(self, actor: Actor, incident: Incident) -> Resource:
        mine = self._concerns(actor, incident)
        owner = actor.key if mine else incident.owner
        return Resource("incident", str(incident.id), owner)


def _unknown(number: int) -> NotFound:
    return NotFound(kind="incident", name=str(number)[:60], near=())


def _shown(rows: Rows, number: int) -> IncidentShown | None:
    incident = tables.get(rows, number)
    if incident is None:
        return None
    tasks = streaks.tasks_of(rows, number)
    return IncidentShown(
        incident=incident,
        moments=tuple(sorted(_moments(rows, incident), key=lambda moment: moment.at)),
        tasks=tuple(task for task, _ in tasks),
        log=_log(rows, tasks[0][0]) if tasks else (),
    )


def _moments(rows: Rows, incident: Incident) -> Iterator[Moment]:
    first: Cause | None = None
    if incident.since < incident.opened:
        yield Moment(at=incident.since, what="since")
    for cause, at in tables.causes_of(rows, incident.id):
        what = "cause" if first else "opened"
        yield Moment(at=at, what=what, cause=cause)
        first = first or cause
    if incident.reminded is not None:
        yield Moment(at=incident.reminded, what="reminded")
    levels: dict[Micros, list[str]] = {}
    for who, at in tables.told_of(rows, incident.id):
        levels.setdefault(at, []).append(who)
    for instant, people in levels.items():
        yield Moment(at=instant, what="escalated", who=tuple(people))
    if incident.acknowledged is not None:
        yield Moment(at=incident.acknowledged, what="acknowledged", who=(incident.by,))
    if incident.closed is not None:
        yield Moment(at=incident.closed, what="closed")


def _log(rows: Rows, task: TaskId) -> tuple[str, ...]:
    """The last lines of what the last step of a task has left, or what its end says; none where
    it was erased."""
    said = ""
    for run in reversed(queries.runs_of(rows, task)):
        for step in reversed(steps.of_run(rows, run)):
            said = said or read_body(rows.execute, step.answer_body) or ""
        if said:
            break
    found = queries.get(rows, task, result=True)
    said = said or (found.result if found else "") or ""
    lines = [line.rstrip()[:_LONGEST] for line in said.splitlines() if line.strip()]
    return tuple(lines[-MOST_LINES:])
