"""Notices to somebody directly: the core names the account, the service its channel.

A thin wrapper round the courier of a surface. The channel is asked for at each delivery, which
costs a service little or nothing, so none has to be kept that may be gone.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from swarm_core import Delivery


class Opening(Protocol):
    """Whoever knows the channel of direct messages with an account."""

    async def direct(self, account: str) -> str: ...


class Delivering(Protocol):
    async def deliver(self, delivery: Delivery) -> str: ...


class Directly:
    """A courier that brings what is for an account to the channel of its direct messages."""

    def __init__(self, inner: Delivering, way: Opening) -> None:
        self._inner = inner
        self._way = way

    async def deliver(self, delivery: Delivery) -> str:
        """Raises what the courier raises, `SurfaceRefused` for who takes no messages."""
        if account := delivery.place.account:
            channel = await self._way.direct(account)
            place = msgspec.structs.replace(delivery.place, thread=channel)
            delivery = msgspec.structs.replace(delivery, place=place)
        return await self._inner.deliver(delivery)
