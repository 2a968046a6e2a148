"""Intake: authorize, dedupe, route, price, commit, and only then acknowledge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from swarm_core.approvals import Approval
from swarm_core.dispatch import undoing
from swarm_core.dispatch.consent import Consent
from swarm_core.dispatch.limits import Limits
from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.crash import crash_point
from swarm_core.kernel.errors import BadArgument, DependencyFailed, MissingArgument, TooLarge
from swarm_core.kernel.ids import Entropy, TaskId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.policy import Action, Policy, Resource
from swarm_core.routing.model import Route, Tier, Wanted
from swarm_core.routing.router import Router, routed, unserved
from swarm_core.store import Store, Tx
from swarm_core.tasks import files, queue, room
from swarm_core.tasks.labels import Labeller
from swarm_core.tasks.model import (
    MAX_PRIORITY,
    MAX_TEXT,
    MIN_PRIORITY,
    NORMAL_PRIORITY,
    Labels,
    Request,
    TaskKind,
    TaskState,
)
from swarm_core.tasks.rules import TaskEvent
from swarm_core.tasks.tasks import Tasks, request_digest


class Receipt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the asker is told at once. `joined`: an identical request is under way already;
    `repeated`: this very event was taken before. `most` is the price tag in micro-dollars."""

    task: TaskId
    state: TaskState
    worker: str | None
    model: str | None
    most: MicroUSD
    joined: bool = False
    repeated: bool = False
    approval: Approval | None = None
    """What it waits for a decision on."""


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """What would come of a request: what kind of work it is taken for, who would do it out of
    whom and why, and what it may cost in all at most; None without a cap. `asks`: whose yes to
    its price it would wait for, nobody's, the asker's own or the owner's."""

    labels: Labels
    route: Route
    cap: MicroUSD | None
    asks: Literal["", "own", "owner"] = ""


class IntakeRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Caps by kind of task, the key that hides request digests, which files may come along."""

    caps: Mapping[TaskKind, MicroUSD | None]
    digest_key: bytes
    labeller: Labeller
    join: bool = True
    files: files.FileRules = files.FileRules()


class Intake:
    """The one way a task comes into being, whatever the surface."""

    def __init__(
        self,
        store: Store,
        tasks: Tasks,
        policy: Policy,
        router: Router,
        consent: Consent,
        rules: IntakeRules,
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._policy = policy
        self._router = router
        self._consent = consent
        self._rules = rules
        self.busy: Callable[[], Mapping[str, int]] = dict
        self.places: Callable[[Place], Mapping[str, str]] = lambda _: {}
        self.wishes: Callable[[Actor], Mapping[str, str]] = lambda _: {}
        self.limits: Limits
        """Set by the composition root, like `busy`."""

    def adopt(self, caps: Mapping[TaskKind, MicroUSD | None]) -> None:
        """From here on these caps are meant where none is given."""
        self._rules = msgspec.structs.replace(self._rules, caps=caps)

    def _wished(self, actor: Actor, request: Request) -> Request:
        """With the model the person has wished for, where nothing else is said."""
        model = self.wishes(actor).get("model")
        if model is None or request.model is not None or request.worker is not None:
            return request
        return msgspec.structs.replace(request, model=model)

    async def submit(self, actor: Actor, request: Request) -> Receipt:
        """Take `request` in; when this returns, the task is on disk and goes on by itself.

        Raises `NotAllowed`, or `FixInput` for words that cannot be a task, `NotFound` for a
        worker or dependency that does not exist, `DiskFull` when there is no room.
        """
        self._may(actor, request)
        self.limits.count(actor)
        request = self._wished(actor, request)
        _check(request)
        files.check(request.files, self._rules.files)
        if request.yes or request.max_cost is not None:
            self._policy.authorize(actor, Action.DECIDE, Resource("price", "", actor.key))
        labels, route = self._route(actor, request)
        digest = request_digest(self._rules.digest_key, actor.key, request.place, request)
        crash_point("intake.commit.before")
        receipt = await self._store.write(
            lambda tx: self._accept(tx, actor, request, digest, labels, route), first=True
        )
        crash_point("intake.commit.after")
        return receipt

    def simulate(self, actor: Actor, request: Request) -> Simulation:
        """What `submit` would decide; nothing is recorded. Raises what `submit` raises."""
        self._may(actor, request)
        request = self._wished(actor, request)
        _check(request)
        files.check(request.files, self._rules.files)
        labels, route = self._route(actor, request)
        asks = self._asks(actor, request, route)
        return Simulation(labels=labels, route=route, cap=self._cap(request), asks=asks)

    def _may(self, actor: Actor, request: Request) -> None:
        self._policy.authorize(actor, Action.CREATE_TASK, Resource(request.kind))
        if request.priority != NORMAL_PRIORITY:
            self._policy.authorize(actor, Action.PRIORITISE, Resource(request.kind))

    def _asks(self, actor: Actor, request: Request, route: Route) -> Literal["", "own", "owner"]:
        chosen = route.chosen
        rules = self._consent.rules
        above = self._consent.above(actor.key)
        if not chosen or not rules.asks(request.kind, self._cap(request), chosen.most, above):
            return ""
        own = self._policy.allows(actor, Action.DECIDE, Resource("price", "", actor.key))
        return "own" if own else "owner"

    def _route(self, actor: Actor, request: Request) -> tuple[Labels, Route]:
        labels, set_here = self._rules.labeller(request), self.places(request.place)
        usual = set_here.get("identity") if request.model is None else None
        wanted = Wanted(
            text=request.text,
            kind=request.kind,
            labels=labels,
            worker=request.worker or (usual if usual in self._router.workers() else None),
            model=request.model,
            files=request.files,
            room=room.cleaned(request.room),
            asker=actor.key,
            plain=self.limits.barred(actor, request.model, set_here.get("models")),
        )
        return labels, self._router.choose(wanted, self.busy())

    def _cap(self, request: Request) -> MicroUSD | None:
        return self._rules.caps[request.kind] if request.cap is None else request.cap

    def _accept(
        self,
        tx: Tx,
        actor: Actor,
        request: Request,
        digest: str,
        labels: Labels,
        route: Route,
    ) -> Receipt:
        tasks = self._tasks
        if (known := tasks.known(tx, request.key)) is not None:
            return self._existing(tx, known, repeated=True)
        if request.join and self._rules.join:
            twin = tasks.unfinished_twin(tx, digest)
            if twin is not None:
                tasks.join(tx, actor, twin, request.key)
                asked = self._consent.open_price(tx, twin, request, actor)
                return self._existing(tx, twin, joined=True, approval=asked)
        self._store.health.admit()
        chosen = route.chosen
        task, cause, state = tasks.accept(
            tx,
            actor,
            request,
            digest=digest,
            labels=labels,
            worker=chosen.worker if chosen else None,
            cap=self._cap(request),
            model=chosen.model if chosen else None,
        )
        files.attach(tx, actor, task, request.files)
        if chosen and chosen.tier is not Tier.PLAYBOOK:
            room.overhear(tx, task, request.room)
        tx.append(routed(route, request.worker), actor, task=task, cause=cause)
        if chosen is None:
            tasks.end(
                tx,
                task,
                TaskEvent.FAIL,
                failure=unserved(route),
                failure_data={"wish": request.worker} if request.worker else {},
                cause=cause,
            )
            state = TaskState.FAILED
        elif request.needs and (need := tasks.doomed(tx, task)) is not None:
            tasks.end(
                tx,
                task,
                TaskEvent.FAIL,
                failure=DependencyFailed.code,
                failure_data={"needs": need},
                cause=cause,
            )
            state = TaskState.FAILED
        approval = None
        if chosen and state is not TaskState.FAILED:
            approval = self._consent.price(
                tx,
                actor,
                task,
                chosen,
                route.candidates,
                yes=request.yes,
                max_cost=request.max_cost,
                above=request.asks_above,
            )
            if approval or undoing.held(tx, tasks, actor, task, chosen, request):
                state = tasks.state(tx, task)
        return Receipt(
            task=task,
            state=state,
            worker=chosen.worker if chosen else None,
            model=chosen.model if chosen else None,
            most=chosen.most if chosen else ZERO,
            approval=approval,
        )

    def _existing(
        self,
        tx: Tx,
        task: TaskId,
        *,
        joined: bool = False,
        repeated: bool = False,
        approval: Approval | None = None,
    ) -> Receipt:
        found = queue.startable(tx, task)
        return Receipt(
            task=task,
            state=found.state,
            worker=found.worker,
            model=None,
            most=ZERO,
            joined=joined,
            repeated=repeated,
            approval=approval,
        )


def _check(request: Request) -> None:
    if not request.text.strip():
        raise MissingArgument(command=request.kind, name="text", example=f"/{request.kind} …")
    if len(request.text) > MAX_TEXT:
        raise TooLarge(what="the request", size=len(request.text), limit=MAX_TEXT)
    if not MIN_PRIORITY <= request.priority <= MAX_PRIORITY:
        raise BadArgument(
            command=request.kind,
            name="priority",
            value=str(request.priority),
            expected=f"{MIN_PRIORITY}..{MAX_PRIORITY}",
            example="--priority 7",
        )


async def digest_key(store: Store, entropy: Entropy) -> bytes:
    """The swarm's own key for request digests, made once."""

    def get(tx: Tx) -> bytes:
        row = tx.execute("select value from meta where name = 'digest_key'").fetchone()
        if row:
            return bytes(row[0])
        key = entropy.bytes(32)
        tx.execute("insert into meta(name, value) values('digest_key', ?)", (key,))
        return key

    return await store.write(get)
