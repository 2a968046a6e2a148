"""A digest as it is shown: with what it names."""

from __future__ import annotations

import msgspec

from swarm_core.approvals import Approval
from swarm_core.approvals import tables as approved
from swarm_core.notices.digest import Digest
from swarm_core.store import Rows
from swarm_core.tasks import queries
from swarm_core.tasks.model import Task, TaskState


class Digested(msgspec.Struct, frozen=True, kw_only=True):
    """A digest with what it names, as that stands now: of approvals those that are still open, of
    parked tasks those that still wait."""

    digest: Digest
    failures: tuple[Task, ...]
    parked: tuple[Task, ...]
    approvals: tuple[Approval, ...]


def shown(rows: Rows, digest: Digest) -> Digested:
    """The digest with what it names, as that stands now."""
    failures = [queries.get(rows, task) for task in digest.failures]
    parked = [queries.get(rows, task) for task in digest.parked]
    approvals = [approved.get(rows, name) for name in digest.approvals]
    return Digested(
        digest=digest,
        failures=tuple(each for each in failures if each),
        parked=tuple(each for each in parked if each and each.state is TaskState.WAITING),
        approvals=tuple(each for each in approvals if each and each.state == "open"),
    )
