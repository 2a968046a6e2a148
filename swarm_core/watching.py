"""Composition: incidents joined to who is told of them, and to what they are about. Part of
`build`.

Whoever lets something be done again and again says of each time how it ended, in the transaction
that records that: `IncidentBook.failed`, `recovered`, or `dropped` for what is not there any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import msgspec

from swarm_core.dispatch.seeing import Seeing
from swarm_core.incidents import (
    Alerts,
    Cause,
    Failed,
    Incident,
    IncidentBook,
    IncidentRules,
    Incidents,
    Reading,
)
from swarm_core.incidents import events as ev
from swarm_core.incidents import tables as incidents
from swarm_core.incidents.gauges import Gauges, rules_of
from swarm_core.incidents.model import Severity
from swarm_core.incidents.reminding import Reminding
from swarm_core.kernel.actor import ADMIN, OWNER, Place, direct, is_direct
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.notices import stuck
from swarm_core.notices.compose import Composer
from swarm_core.notices.model import NoticeKind
from swarm_core.notices.telling import Telling, Told, whose_is
from swarm_core.people import EVERYWHERE, OWNER_NUMBER, TERMINAL, Directory, Person
from swarm_core.policy import Policy
from swarm_core.schedule import rows as schedule
from swarm_core.schedule.events import InstantEnded, PriorityRemoved
from swarm_core.settings import Settings
from swarm_core.store import Fact, Store, Tx
from swarm_core.tasks import queries
from swarm_core.tasks.model import TaskState

_OWNER = f"person/{OWNER_NUMBER}"
_ADMINS = "admins"


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """What sees that something is wrong, and to it that somebody has it."""

    incidents: Incidents
    alerts: Alerts
    reminding: Reminding
    gauges: Gauges

    async def close(self) -> None:
        await self.alerts.close()
        await self.reminding.close()

    def adopt(self, settings: Settings) -> None:
        """Other settings, from the next look on."""
        self.gauges.settings = settings.alerts
        self.alerts.rules = rules_of(settings.alerts)
        self.incidents.book.rules = IncidentRules.of(settings.notices)


def watch_of(
    store: Store,
    policy: Policy,
    seeing: Seeing,
    directory: Directory,
    composer: Composer,
    settings: Settings,
) -> Watch:
    """Wired, and not started. `gauges.models` is for the caller to set."""
    telling = composer.telling

    def ladder(name: str, incident: Incident) -> tuple[str, ...]:
        return _meant(directory, name, incident)

    def heard(severity: Severity, place: Place | None, owner: str, now: Micros) -> Micros:
        urgent = _urgent(telling, severity, well=False)
        told = telling.of("incident", place or TERMINAL, owner, now, urgent=urgent)
        return (told and told.held) or now

    book = IncidentBook(IncidentRules.of(settings.notices), ladder, heard)
    gauges = Gauges(store, settings.alerts)

    async def undelivered() -> Sequence[Reading]:
        limit = gauges.settings.undelivered
        return () if limit is None else await _undelivered(store, limit)

    alerts = Alerts(store, book, (*gauges.all, undelivered), _OWNER)
    alerts.rules = rules_of(settings.alerts)
    wire_incidents(store, composer)
    wire_priorities(store, book)
    return Watch(
        incidents=Incidents(store, policy, seeing, book),
        alerts=alerts,
        reminding=Reminding(store, book),
        gauges=gauges,
    )


def wire_incidents(store: Store, composer: Composer) -> None:
    """Each step of an incident is told in the transaction that records it."""

    def tell(tx: Tx, fact: Fact, kind: NoticeKind, number: int) -> None:
        incident = incidents.get(tx, number)
        assert incident is not None
        told = _told(composer.telling, incident, fact, well=kind == "recovered")
        composer.on_incident(tx, fact, kind, _about(incident), told)

    def opened(tx: Tx, fact: Fact) -> None:
        assert isinstance(fact.event, ev.IncidentOpened)
        tell(tx, fact, "incident", fact.event.incident)

    def reminded(tx: Tx, fact: Fact) -> None:
        assert isinstance(fact.event, ev.IncidentReminded)
        tell(tx, fact, "incident_reminder", fact.event.incident)

    def closed(tx: Tx, fact: Fact) -> None:
        assert isinstance(fact.event, ev.IncidentClosed)
        tell(tx, fact, "recovered", fact.event.incident)

    def escalated(tx: Tx, fact: Fact) -> None:
        e = fact.event
        assert isinstance(e, ev.IncidentEscalated)
        incident = incidents.get(tx, e.incident)
        assert incident is not None
        people = [_directly(composer.telling, incident, who, fact) for who in e.to]
        told = [each for each in people if each]
        if told:
            composer.on_incident(tx, fact, "escalated", _about(incident), told)

    store.react(ev.IncidentOpened, opened)
    store.react(ev.IncidentReminded, reminded)
    store.react(ev.IncidentEscalated, escalated)
    store.react(ev.IncidentClosed, closed)


def wire_priorities(store: Store, book: IncidentBook) -> None:
    """Runs of a standing priority that fail one after the other are an incident, unless it leaves
    even that to the digest. What a person cancelled is neither well nor wrong."""

    def ended(tx: Tx, fact: Fact) -> None:
        e = fact.event
        assert isinstance(e, InstantEnded)
        kept = schedule.get(tx, e.name)
        if e.outcome == TaskState.DONE:
            book.recovered(tx, _subject(e.name), fact)
        elif e.outcome == TaskState.FAILED and kept and kept.priority.report != "digest":
            task = queries.get(tx, fact.task) if fact.task else None
            failed = Failed(
                subject=_subject(e.name),
                cause=Cause(code=e.what, data=task.failure_data if task else {}),
                place=kept.priority.place,
                owner=kept.priority.by,
                task=fact.task,
            )
            book.failed(tx, failed, fact)

    def removed(tx: Tx, fact: Fact) -> None:
        assert isinstance(fact.event, PriorityRemoved)
        book.dropped(tx, _subject(fact.event.name), fact)

    store.react(InstantEnded, ended)
    store.react(PriorityRemoved, removed)


def _subject(name: str) -> str:
    return f"priority/{name}"


def _about(incident: Incident) -> dict[str, str | int]:
    return {
        "incident": incident.id,
        "subject": incident.subject,
        "cause": incident.cause.code,
        "severity": incident.severity,
        "owner": incident.owner,
    }


def _told(telling: Telling, incident: Incident, fact: Fact, *, well: bool) -> Iterator[Told]:
    """Where it is told: for the swarm itself, where the owner is; else in its place, and where
    its owner wishes that, when it is another; and at the end also with whom it was escalated to.
    Who has taken it is awake, so they need not wait for the end."""
    urgent, place = _urgent(telling, incident.severity, well=well), incident.place or TERMINAL
    wished = telling.of(
        "incident", place, incident.owner, fact.at, asked=incident.acknowledged, urgent=urgent
    )
    places = {place} if wished is None else {place, wished.place}
    if incident.place is None and wished is not None:
        places = {wished.place}
    for each in sorted(places, key=_order):
        held = wished.held if wished else None
        whose = whose_is(telling.directory, incident.owner)
        yield Told(place=each, whose=whose, held=None if each == TERMINAL else held)
    for who in incident.told if well else ():
        told = _directly(telling, incident, who, fact, well=True)
        if told is not None and told.place not in places:
            yield told


def _directly(
    telling: Telling, incident: Incident, who: str, fact: Fact, *, well: bool = False
) -> Told | None:
    """How somebody is told it was escalated to: in their direct messages, on the surface of the
    incident where they have an account there; the owner where the owner is."""
    directory = telling.directory
    number = directory.number_of(who)
    person = directory.person(number)
    place = TERMINAL
    if number != OWNER_NUMBER:
        accounts = [each.partition("/")[::2] for each in person.accounts] if person else []
        near = [each for each in accounts if incident.place and each[0] == incident.place.surface]
        if not accounts:
            return None
        surface, account = (near or accounts)[0]
        place, who = direct(surface, account), f"{surface}/{account}"
    urgent = _urgent(telling, incident.severity, well=well)
    return telling.of("incident", place, who, fact.at, asked=incident.acknowledged, urgent=urgent)


def _urgent(telling: Telling, severity: Severity, *, well: bool) -> bool:
    """Whether somebody is woken for it; that all is well again is no reason to."""
    wake = telling.rules.wake_for
    return wake == "all" or (wake == "critical" == severity and not well)


def _order(place: Place) -> tuple[str, str, str]:
    return place.surface, place.space, place.thread


def _meant(directory: Directory, name: str, incident: Incident) -> tuple[str, ...]:
    """The people a name of `notices.escalation` means who have not been told at the beginning."""
    first = directory.number_of(incident.owner)
    if name == OWNER:
        numbers = [OWNER_NUMBER]
    elif name in (ADMIN, _ADMINS):
        people = directory.known.people.values()
        numbers = [person.number for person in people if _is_admin(person, incident)]
    else:
        numbers = [directory.number_of(name)]
    return tuple(f"person/{number}" for number in sorted(numbers) if number not in (0, first))


def _is_admin(person: Person, incident: Incident) -> bool:
    """Of the place it is told in; of the swarm itself, of any. What somebody has asked for in
    private is nobody else's."""
    place = incident.place
    if place is not None and is_direct(place.space):
        return False
    scopes = {EVERYWHERE} if place is None else {EVERYWHERE, f"{place.surface}/{place.space}"}
    return any(
        grant.role == ADMIN and (place is None or grant.scope in scopes) for grant in person.grants
    )


async def _undelivered(store: Store, limit: timedelta) -> Sequence[Reading]:
    """Surfaces on which something waits for too long."""
    now = to_micros(store.clock.now())
    found = await store.read(lambda rows: stuck.oldest(rows, now))
    most = limit // timedelta(microseconds=1)
    return [_waits(surface, max(0, now - since), most) for surface, since in found.items()]


def _waits(surface: str, waited: int, most: int) -> Reading:
    return Reading(
        subject=f"alert/undelivered/{surface}",
        state="bad" if waited > most else "well",
        data={"minutes": waited // 60_000_000},
    )
