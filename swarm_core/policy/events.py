"""Facts about permission."""

from __future__ import annotations

from typing import ClassVar

from swarm_core.store import Event, Migrations, RoomTables


class PolicyRefused(Event, frozen=True, kw_only=True, gc=False):
    """The fact's actor was refused."""

    kind: ClassVar[str] = "policy.refused"

    action: str
    resource: str
    rule: str


TABLES = RoomTables(
    name="policy", migrations=Migrations("policy"), tables={}, events=(PolicyRefused,)
)
