"""What people do about what is sent: look at what did not arrive, send it again, show the end of
a task in another place. Everything passes the policy.

What can go wrong: something is posted twice, or where nobody meant it. So a task is shown in a
place once, whoever presses how often; and only what is known not to have arrived, or is asked for
by a person who was told that it may have, is sent again.
"""

from __future__ import annotations

import msgspec

from swarm_core.dispatch.seeing import Seeing
from swarm_core.kernel.actor import OWNER, SWARM, Actor, Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import NotEnded, NotFound, NotInDoubt
from swarm_core.kernel.ids import NO_TASK, NoticeId, TaskId
from swarm_core.notices import tables
from swarm_core.notices.events import NoticeQueued, NoticesEnded
from swarm_core.notices.model import NoticeKind, NoticeState
from swarm_core.notices.telling import whose_is
from swarm_core.people import TERMINAL, Directory
from swarm_core.policy import Action, Policy, Resource
from swarm_core.store import Rows, Store, Tx
from swarm_core.tasks import queries
from swarm_core.tasks.model import FINISHED, Task

MOST_SHOWN = 50


class Undelivered(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that waits, failed, or may not have arrived; `held`: in quiet hours, until then."""

    notice: NoticeId
    state: NoticeState
    kind: NoticeKind
    task: TaskId | None
    place: Place
    created: Micros
    tries: int
    held: Micros | None = None
    about: dict[str, str | int | None] = {}


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """A task, and where its end is shown; `before`: it was shown there already, `done` now."""

    task: Task
    place: Place
    before: bool
    done: bool = False


class Sharing:
    """Looks at what is on its way, and adds to it."""

    def __init__(self, store: Store, policy: Policy, seeing: Seeing, directory: Directory) -> None:
        self._store = store
        self._policy = policy
        self._seeing = seeing
        self._directory = directory

    async def undelivered(self, actor: Actor) -> tuple[Undelivered, ...]:
        """What has not arrived for sure, newest first: everything for the owner in private, else
        what is for the space the actor is in."""
        self._policy.authorize(actor, Action.READ_OUTBOX, Resource("outbox"))
        return await self._store.read(lambda rows: _undelivered(rows, self._scope(actor)))

    async def one(self, notice: NoticeId) -> Undelivered | None:
        """A notice that has not arrived for sure, for whoever tells people of it; None when it
        has, or is settled in another way."""
        found = await self._store.read(lambda rows: _undelivered(rows, None, notice))
        return found[0] if found else None

    async def arrived(self, notice: NoticeId, message: str) -> None:
        """A surface has found the message of a notice that might not have arrived."""

        def settle(tx: Tx) -> None:
            row = tables.row(tx, notice)
            if row is not None and row.state == "uncertain":
                tx.append(NoticesEnded(state="sent", notices=((notice, message),)), SWARM)

        await self._store.write(settle)

    def _scope(self, actor: Actor) -> tuple[str, str] | None:
        """The space whose notices an actor sees; None for all of them."""
        everything = OWNER in actor.roles
        return self._seeing.sight(actor).space or (
            None if everything else (actor.surface, actor.space)
        )

    async def send_again(self, actor: Actor, notice: NoticeId) -> Undelivered:
        """Send a notice once more that failed or is uncertain; it becomes another one, so a
        second press finds nothing to do. Whoever asked for a task may have its own sent again.
        Raises `NotFound`, `NotInDoubt`."""
        before = await self._store.read(lambda rows: tables.row(rows, notice))
        about = before.task if before else NO_TASK
        task = await self._store.read(lambda rows: queries.get(rows, about)) if about else None
        owner = task.person if task else ""
        self._policy.authorize(actor, Action.SEND_AGAIN, Resource("notice", str(notice), owner))
        scope = self._scope(actor)
        own = task is not None and self._policy.own(actor, owner)
        place = before.place if before else None
        if place is None or not (own or scope in (None, (place.surface, place.space))):
            raise NotFound(kind="notice", name=str(notice), near=())

        def again(tx: Tx) -> Undelivered:
            row = tables.row(tx, notice)
            assert row is not None
            if row.state not in ("failed", "uncertain"):
                raise NotInDoubt(notice=notice, state=row.state)
            (found,) = _undelivered(tx, None, notice)
            fresh = NoticeQueued(
                notice=NoticeId(tx.next_id("notices")),
                notice_kind=row.kind,
                delivery_class=row.delivery_class,
                place=row.place,
                about=row.about,
                whose=row.whose,
            )
            tx.append(NoticesEnded(state="superseded", notices=((notice, ""),)), actor)
            tx.append(fresh, actor, task=row.task or None)
            return found

        return await self._store.write(again, first=True)

    async def share(
        self, actor: Actor, task: TaskId, place: Place, *, post: bool = False
    ) -> Shared:
        """What would be shown at `place`, and, to `post`, that it is: once, however often.

        Raises `NotFound` for a task one does not see or a place one was never in, `NotEnded`.
        """
        found = await self._seeing.task(actor, Action.SHARE_TASK, task)
        if found.state not in FINISHED:
            raise NotEnded(task=task, state=found.state.value)
        if not self._knows(actor, place):
            name = f"{place.surface}/{place.space}"
            raise NotFound(kind="place", name=name[:80], near=())
        if not post:
            before = await self._store.read(lambda rows: _shared(rows, task, place))
            return Shared(task=found, place=place, before=before)

        def share(tx: Tx) -> bool:
            if _shared(tx, task, place):
                return True
            fact = NoticeQueued(
                notice=NoticeId(tx.next_id("notices")),
                notice_kind="ended",
                delivery_class="decision",  # never sent again by itself
                place=place,
                whose=whose_is(self._directory, actor.key),
            )
            tx.append(fact, actor, task=task)
            return False

        before = await self._store.write(share, first=True)
        return Shared(task=found, place=place, before=before, done=not before)

    def _knows(self, actor: Actor, place: Place) -> bool:
        """Whether the actor is somebody there; the owner may name any place."""
        if OWNER in actor.roles:
            return True
        number = self._directory.number_of(actor.key)
        person = self._directory.person(number)
        there = f"{place.surface}/{place.space}"
        return place.surface != TERMINAL.surface and bool(person and there in person.spaces)


def _undelivered(
    rows: Rows | Tx, space: tuple[str, str] | None, notice: NoticeId | None = None
) -> tuple[Undelivered, ...]:
    where = "" if space is None else " and n.surface = ? and n.space = ?"
    where += "" if notice is None else " and n.id = ?"
    one = () if notice is None else (notice,)
    found = rows.execute(
        "select n.id, n.state, n.kind, n.task, n.surface, n.space, n.thread, n.created,"  # noqa: S608
        " coalesce(o.tries, 0), n.about, n.held from notices n"
        " left join outbox o on o.notice = n.id"
        f" where n.state in ('pending', 'uncertain', 'failed'){where} order by n.id desc limit ?",
        (*(space or ()), *one, MOST_SHOWN),
    ).fetchall()
    return tuple(
        Undelivered(
            notice=NoticeId(row[0]),
            state=row[1],
            kind=row[2],
            task=TaskId(row[3]) if row[3] != NO_TASK else None,
            place=Place(surface=row[4], space=row[5], thread=row[6]),
            created=Micros(row[7]),
            tries=row[8],
            held=Micros(row[10]) if row[1] == "pending" and row[10] else None,
            about=msgspec.json.decode(row[9]) if row[9] else {},
        )
        for row in found
    )


def _shared(rows: Rows | Tx, task: TaskId, place: Place) -> bool:
    """Whether the end of `task` was shown there before, or is on its way."""
    return (
        rows.execute(
            "select 1 from notices where task = ? and kind = 'ended' and surface = ? and space = ?"
            " and thread = ? and state not in ('failed', 'kept')",
            (task, place.surface, place.space, place.thread),
        ).fetchone()
        is not None
    )
