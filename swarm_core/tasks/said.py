"""What an inbound event said: the request of a task, or words to one at work, found by its key.

It may be changed and taken back as long as no worker was given it. Both are decided inside the
write that records it, so what a worker reads is never what was changed a moment before.
"""

from __future__ import annotations

import msgspec

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.ids import Seq, TaskId
from swarm_core.store import Rows, Tx
from swarm_core.tasks.events import TaskAmended
from swarm_core.tasks.model import FINISHED, TaskKind, TaskState
from swarm_core.tasks.talk import ToldAmended, ToldWithdrawn


class Said(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`told` is the fact that said it to a task at work, None for a request. `read`: it is too
    late to change it; so it is for a request that joined an earlier one."""

    task: TaskId
    kind: TaskKind
    state: TaskState
    told: Seq | None
    body: int
    read: bool

    @property
    def ended(self) -> bool:
        return self.state in FINISHED


def find(rows: Rows | Tx, key: str) -> Said | None:
    """What the event with this key said."""
    row = rows.execute(
        "select s.task, t.kind, t.state, s.seq, s.text_body, s.heard from task_told s"
        " join tasks t on t.id = s.task where s.key = ?",
        (key,),
    ).fetchone()
    row = (
        row
        or rows.execute(
            "select id, kind, state, null, text_body, run is not null or attempts > 0 from tasks"
            " where key = ?1 union all select t.id, t.kind, t.state, null, t.text_body, 1"
            " from task_keys k join tasks t on t.id = k.task where k.key = ?1",
            (key,),
        ).fetchone()
    )
    if row is None:
        return None
    return Said(
        task=TaskId(row[0]),
        kind=row[1],
        state=TaskState(row[2]),
        told=row[3],
        body=row[4],
        read=bool(row[5]),
    )


def author(rows: Rows, space: str, event: str) -> str | None:
    """Who said something to an unfinished task by `event`, or asked for it: the key of a person.
    `space` is a surface and a space of it."""
    like = f"{space}/*/{event}"
    row = rows.execute(
        "select s.key from task_told s join tasks t on t.id = s.task"
        " where t.ended is null and s.key glob ?1"
        " union all select key from tasks where ended is null and key glob ?1",
        (like,),
    ).fetchone()
    return str(row[0])[: -len(event) - 1] if row else None


def amend(tx: Tx, actor: Actor, said: Said, text: str, wish: str | None) -> None:
    """Put `text` in the place of what was said; the words before are erased."""
    if said.told is None:
        tx.append(TaskAmended(text=tx.put_body(text), wish=wish), actor, task=said.task)
    else:
        tx.append(ToldAmended(told=said.told, text=tx.put_body(text)), actor, task=said.task)
    tx.erase_bodies([said.body])


def withdraw(tx: Tx, actor: Actor, said: Said) -> None:
    """Take back words to a task at work."""
    assert said.told is not None
    tx.append(ToldWithdrawn(told=said.told), actor, task=said.task)
    tx.erase_bodies([said.body])
