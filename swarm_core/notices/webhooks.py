"""Other systems that are told of events: each event posted as JSON, signed, until it is taken.

What can go wrong: a target is down for hours, takes an event and loses the answer, hangs, or
sends us somewhere else. So an event is a notice like any other and waits on disk; it is tried for
a day, more and more seldom, then given up and the owner told. Each post of it bears the same
number, by which the other side knows it again. A target has a few posts at once and so many
seconds for each, and nothing waits for it. Redirects are not followed, and where a name leads is
checked as it is for tools. Nobody can make up an event without the secret, or send one again
later: the time of the post is signed as well.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from swarm_core.approvals import tables as approvals
from swarm_core.kernel.actor import SORTS, Actor
from swarm_core.kernel.clock import Micros, from_micros, to_micros
from swarm_core.kernel.errors import NotFound, SurfaceAway, WaggleError
from swarm_core.kernel.ids import NO_TASK, TaskId
from swarm_core.kernel.secret import Secret
from swarm_core.kernel.text import nearest
from swarm_core.notices import targets
from swarm_core.notices.model import Delivery
from swarm_core.notices.outcomes import Pace
from swarm_core.policy import Action, Policy, Resource
from swarm_core.settings import Settings
from swarm_core.store import Rows, Store
from swarm_core.tasks import queries
from swarm_core.tools.posting import Poster, Replied

_HOUR = 3_600_000_000
PACE = Pace(longest=_HOUR, lasts=24 * _HOUR, apart=True)
AT_ONCE = 4
"""Posts to one target at a time."""
_TEST = "test"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Another system, and what it hears of."""

    name: str
    url: str
    secret: Secret
    sorts: tuple[str, ...]
    texts: bool


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How it is with one target. `last`: when it last took an event; `problem`: an error's code
    and data, of the last post since the start where that was in vain."""

    target: str
    url: str
    sorts: tuple[str, ...]
    waiting: int
    failed: int
    last: Micros | None
    problem: tuple[str, Mapping[str, Any]] | None


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test event: what the server said, or the error there was."""

    target: str
    replied: Replied | None
    problem: tuple[str, Mapping[str, Any]] | None


def targets_of(settings: Settings) -> dict[str, Target]:
    """Those that are used, by name."""
    return {
        name: Target(
            name=name,
            url=each.url,
            secret=each.secret,
            sorts=each.events or SORTS,
            texts=each.texts,
        )
        for name, each in settings.webhooks.items()
        if each.enabled and each.secret
    }


def hooks_of(found: Mapping[str, Target]) -> dict[str, tuple[str, ...]]:
    """The sorts of events of which each is told."""
    return {name: target.sorts for name, target in found.items()}


class Webhooks:
    """The courier of events to other systems, and what the owner sees of it."""

    def __init__(self, store: Store, policy: Policy, poster: Poster) -> None:
        self._store = store
        self._policy = policy
        self._poster = poster
        self.targets: Mapping[str, Target] = {}
        """Those of the settings in force."""
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._problems: dict[str, tuple[str, Mapping[str, Any]]] = {}

    async def deliver(self, delivery: Delivery) -> str:
        """Raises `SurfaceAway` when it was not taken, `NotFound` for a target that is gone."""
        name = delivery.place.space
        async with self._turns.setdefault(name, asyncio.Semaphore(AT_ONCE)):
            target = self._target(name)
            body = await self._store.read(lambda rows: _event(rows, delivery, target))
            try:
                replied = await self._post(target, delivery.notice, str(body["sort"]), body)
            except WaggleError as error:
                self._problems[name] = error.code, error.data
                raise SurfaceAway(surface=f"webhook {name}", problem=str(error)) from error
        if not replied.well:
            away = SurfaceAway(surface=f"webhook {name}", problem=f"it answers {replied.status}")
            self._problems[name] = away.code, away.data
            raise away
        self._problems.pop(name, None)
        return ""

    async def test(self, actor: Actor, name: str) -> Tested:
        """Post an event that says nothing, once. Raises `NotFound`, `NotAllowed`."""
        self._policy.authorize(actor, Action.CONFIGURE, Resource("webhook", name))
        target = self._target(name)
        now = to_micros(self._store.clock.now())
        body = {"id": 0, "sort": _TEST, "kind": _TEST, "created": _written(now)}
        body |= {"task": None, "about": {}}
        try:
            replied = await self._post(target, 0, _TEST, body)
        except WaggleError as error:
            return Tested(target=name, replied=None, problem=(error.code, error.data))
        return Tested(target=name, replied=replied, problem=None)

    async def standing(self, actor: Actor) -> tuple[Standing, ...]:
        """How it is with each. Raises `NotAllowed`."""
        self._policy.authorize(actor, Action.CONFIGURE, Resource("webhook"))
        return await self.look()

    async def look(self) -> tuple[Standing, ...]:
        """The same, for a doctor."""
        counted = await self._store.read(
            lambda rows: {name: targets.counted(rows, name) for name in self.targets}
        )
        return tuple(
            Standing(
                target=name,
                url=target.url,
                sorts=target.sorts,
                waiting=counted[name][0],
                failed=counted[name][1],
                last=counted[name][2],
                problem=self._problems.get(name),
            )
            for name, target in self.targets.items()
        )

    def _target(self, name: str) -> Target:
        found = self.targets.get(name)
        if found is None:
            near = nearest(name, list(self.targets))
            raise NotFound(kind="webhook", name=name[:60], near=near)
        return found

    async def _post(
        self, target: Target, number: int, sort: str, body: Mapping[str, Any]
    ) -> Replied:
        content = msgspec.json.encode(body)
        at = to_micros(self._store.clock.now()) // 1_000_000
        headers = {
            "Content-Type": "application/json",
            "Waggle-Id": str(number),
            "Waggle-Event": sort,
            "Waggle-Signature": signature(target.secret, at, content),
        }
        return await self._poster.post(target.url, headers, content)


def signature(secret: Secret, at: int, content: bytes) -> str:
    """What proves that `content` comes from who knows the secret, and was posted at `at`, seconds
    since 1970: HMAC-SHA256 of both, joined by a dot."""
    signed = hmac.new(secret.reveal().encode(), f"{at}.".encode() + content, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


def _event(rows: Rows, delivery: Delivery, target: Target) -> dict[str, Any]:
    """What is posted: the same for each post, but for what is read of its task, as it is now."""
    about = dict(delivery.about)
    return {
        "id": delivery.notice,
        "sort": about.pop("sort", ""),
        "kind": delivery.kind,
        "created": _written(delivery.created),
        "task": _task(rows, delivery.task, target.texts) if delivery.task != NO_TASK else None,
        "about": _about(rows, delivery.kind, about),
    }


def _task(rows: Rows, number: TaskId, texts: bool) -> dict[str, Any] | None:
    task = queries.get(rows, number, result=texts)
    if task is None:
        return None
    told: dict[str, Any] = {
        "number": task.id,
        "kind": task.kind,
        "state": task.state.value,
        "waits_for": task.waiting,
        "failure": task.failure,
        "surface": task.place.surface,
        "cost_micros": task.cost,
    }
    return {**told, "request": task.text, "result": task.result} if texts else told


def _about(rows: Rows, kind: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """What may be told of it: an approval's number is what lets one decide, so it stays here, and
    whose account a cap is."""
    match kind:
        case "asked" | "decided":
            found = approvals.get(rows, str(about["approval"]))
            if found is None:
                return {}
            return {"approval": found.kind, "state": found.state, "cost_micros": found.cost}
        case "warned":
            numbers = {f"{name}_micros": about[name] for name in ("spent", "held", "cap")}
            scope = str(about["account"]).partition("/")[0]
            return {"scope": scope, "percent": about["percent"], **numbers}
        case "frozen":
            return {"most_micros": about["most"], "cost_micros": about["cost"]}
        case "incident" | "incident_reminder" | "escalated" | "recovered":
            return {name: about[name] for name in ("incident", "subject", "cause", "severity")}
    return dict(about)


def _written(instant: Micros) -> str:
    return f"{from_micros(instant):%Y-%m-%dT%H:%M:%SZ}"
