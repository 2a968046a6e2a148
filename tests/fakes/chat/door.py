"""The tests' door, under /_fake: POST do {act, …} does one of a fake's acts; GET
record?since=N&wait=S gives what happened after N, waiting for it; GET counts and GET requests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from aiohttp import web

from tests.fakes.chat.faults import Faults
from tests.fakes.chat.record import Json, Recorded
from tests.fakes.chat.settings import Changeable


class Service(Protocol):
    """What the door needs of a fake."""

    faults: Faults
    requests: list[Json]

    @property
    def recorded(self) -> Recorded: ...

    @property
    def changeable(self) -> Changeable: ...

    def counts(self) -> Json: ...


Act = Callable[..., Json | Awaitable[Json]]


def _settings(service: Service, **told: Any) -> Json:
    service.changeable.change(told)
    return {}


def _fault(service: Service, **fault: Any) -> Json:
    service.faults.add(fault)
    return {}


def _mend(service: Service, *, seed: int | None = None) -> Json:
    service.faults.reset(seed)
    return {}


def _advance(service: Service, *, seconds: float) -> Json:
    service.recorded.clock.advance(seconds)
    return {"now": service.recorded.clock.now()}


ACTS: dict[str, Act] = {
    "settings": _settings,
    "fault": _fault,
    "mend": _mend,
    "advance": _advance,
}


def doors(service: Service, acts: Mapping[str, Act]) -> list[web.RouteDef]:
    known = {**ACTS, **acts}

    async def do(request: web.Request) -> web.Response:
        told = await request.json()
        try:
            done = known[told.pop("act")](service, **told)
            if not isinstance(done, dict):
                done = await done
        except (ValueError, KeyError, TypeError) as problem:
            return web.json_response(
                {"problem": f"{type(problem).__name__}: {problem}"}, status=400
            )
        return web.json_response(done)

    async def record(request: web.Request) -> web.Response:
        since, wait = int(request.query["since"]), float(request.query.get("wait", 0))
        return web.json_response(await service.recorded.since(since, wait))

    async def counts(request: web.Request) -> web.Response:
        return web.json_response(service.counts())

    async def requests(request: web.Request) -> web.Response:
        return web.json_response(service.requests)

    return [
        web.post("/_fake/do", do),
        web.get("/_fake/record", record),
        web.get("/_fake/counts", counts),
        web.get("/_fake/requests", requests),
    ]
