"""What the door can do to gateway connections."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tests.fakes.discord.errors import Json
from tests.fakes.discord.line import Line
from tests.fakes.discord.service import Service


async def _send(line: Line, payload: Json) -> None:
    with suppress(ConnectionResetError):  # it is ending anyway
        await line.send(payload)


async def reconnect(service: Service) -> Json:
    """Ask all to come again: events/gateway-events#reconnect"""
    for line in list(service.gateway.lines):
        await _send(line, {"op": 7, "d": None})
    return {}


async def invalidate(service: Service, *, resumable: bool) -> Json:
    """events/gateway-events#invalid-session; one that is not resumable is forgotten."""
    for line in list(service.gateway.lines):
        if not resumable and line.session is not None:
            service.world.sessions.pop(line.session.id, None)
            line.session = None
        await _send(line, {"op": 9, "d": resumable})
    return {}


async def forget_sessions(service: Service) -> Json:
    """Resuming is refused from now on, as after a long time away."""
    service.world.sessions.clear()
    return {}


async def hang_up(service: Service, *, code: int, reason: str = "as told") -> Json:
    """Close all connections with a close code."""
    for line in list(service.gateway.lines):
        await service.gateway.close(line, code, reason)
    return {}


async def cut(service: Service, *, after: int = 0) -> Json:
    """End all connections without a word, once `after` more bytes have been sent."""
    for line in list(service.gateway.lines):
        if after:
            line.quota = after
        else:
            line.cut()
    return {}


async def zombie(service: Service, *, on: bool = True) -> Json:
    """No longer answer heartbeats."""
    service.gateway.zombie = on
    return {}


async def mute(service: Service) -> Json:
    """A connection that stands and over which nothing comes any more; what is said meanwhile
    waits in its session."""
    for line in list(service.gateway.lines):
        line.mute = True
    return {}


async def garbage(service: Service, *, text: str) -> Json:
    """What is no payload."""
    for line in list(service.gateway.lines):
        await line.send_text(text)
    return {}


async def ask_for_beat(service: Service) -> Json:
    """Ask for a heartbeat at once: events/gateway#heartbeat-requests"""
    for line in list(service.gateway.lines):
        await _send(line, {"op": 1, "d": None})
    return {}


async def next_connections(service: Service, *, faults: list[Json]) -> Json:
    """Faults for the next connections: {status}, {close, reason} after HELLO, {cut_after: bytes},
    {invalid: true} when it resumes, {again: n} events that were sent before, {} for none."""
    for fault in faults:
        if wrong := set(fault) - {"status", "close", "reason", "cut_after", "invalid", "again"}:
            raise ValueError(f"no connection has {sorted(wrong)}")
    service.gateway.refusing.extend(faults)
    return {}


async def dispatch(service: Service, *, event: str, data: Any) -> Json:
    """Any event at all, as told."""
    service.world.tell(event, data)
    return {}


ACTS = {
    act.__name__: act
    for act in (
        reconnect,
        invalidate,
        forget_sessions,
        hang_up,
        cut,
        zombie,
        mute,
        garbage,
        ask_for_beat,
        next_connections,
        dispatch,
    )
}
