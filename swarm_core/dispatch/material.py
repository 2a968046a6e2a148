"""What a worker that talks is given with its task, besides the words."""

from __future__ import annotations

import msgspec

from swarm_core.dispatch import sending
from swarm_core.dispatch.model import Assignment, Granted
from swarm_core.store import Tx
from swarm_core.tasks import files, queue, room, talk


def with_material(tx: Tx, assignment: Assignment, person: str, granted: Granted) -> Assignment:
    """`assignment` with the conversation of `person` before it, its files, what was said in the
    room, and what people have said yes to."""
    task, asks = assignment.task, assignment.kind == "ask"
    before = talk.earlier(tx, person, assignment.place, task) if asks else ()
    return msgspec.structs.replace(
        assignment,
        labels=queue.labels_of(tx, task),
        earlier=before,
        inherited=sending.inherited(tx, person, before),
        files=files.of_task(tx, task),
        room=room.of_task(tx, task),
        granted=granted,
    )
