"""What people do with conversations: begin anew, look back, forget; tell a worker at work, and
change or take back what they said before anybody reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from swarm_core.approvals import Approval
from swarm_core.dispatch.consent import UNDECIDED
from swarm_core.dispatch.leasing import Leasing
from swarm_core.dispatch.seeing import Seeing, is_private
from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.errors import CannotListen, NotAlone, NotFound, NoWorker, TooLarge
from swarm_core.kernel.ids import TaskId
from swarm_core.policy import Action, Policy, Resource
from swarm_core.routing.model import Tier
from swarm_core.routing.router import Router
from swarm_core.steps.model import Conclusion, Failure
from swarm_core.store import Rows, Store, Tx
from swarm_core.tasks import carrying, memory, queries, said, talk
from swarm_core.tasks.model import MAX_TEXT, Sight, Task
from swarm_core.tasks.rules import TaskEvent
from swarm_core.tasks.said import Said
from swarm_core.tasks.tasks import Tasks

_TALK = Resource("conversation")


class Changed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What came of changing or taking back what was said to `task`, or asked for.

    done: nobody read the words before. read: a worker had been given them. ended: its task had
    ended. same: nothing was changed. `told`: they were words to a task at work. `approval` is
    what a changed request waits for a decision on."""

    task: TaskId
    what: Literal["done", "read", "ended", "same"]
    told: bool
    approval: Approval | None = None


class Talking:
    """Conversations by person and place. Everything passes the policy."""

    def __init__(
        self, store: Store, tasks: Tasks, policy: Policy, router: Router, leasing: Leasing
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._policy = policy
        self._router = router
        self._leasing = leasing
        self.seeing: Seeing
        """Set by the composition root."""

    async def begin(self, actor: Actor, place: Place) -> int:
        """What is asked from now on knows nothing of what came before; returns of how many
        turns."""
        self._policy.authorize(actor, Action.BEGIN_TALK, _TALK)
        before = await self._store.read(lambda rows: memory.memory(rows, actor.key, place))
        await self._store.write(lambda tx: talk.begin(tx, actor, place), first=True)
        return before.turns

    async def carry(self, actor: Actor, place: Place, task: TaskId) -> tuple[Task, int]:
        """Let the conversation of `task` go on at `place`, where it is told from now on; returns it
        and how many turns are known there. A place to which nobody else comes: what somebody asked
        is theirs, and who reads along elsewhere was never asked.

        Raises `NotAlone` where others read, `NotFound`, `NotYours`.
        """
        found = await self.seeing.task(actor, Action.TELL_TASK, task)
        if not self._policy.own(actor, found.person):
            raise NotFound(kind="task", name=str(task), near=())
        if not is_private(actor):
            raise NotAlone(task=task)

        def carry(tx: Tx) -> int:
            begun = talk.begun(tx, actor.key, place)
            if not carrying.covers(tx, actor.key, place, begun, found):
                before = talk.begun(tx, found.person, found.place)
                carrying.carry(tx, actor, found, place, before)
            return len(talk.earlier(tx, actor.key, place))

        return found, await self._store.write(carry, first=True)

    async def latest(self, actor: Actor, place: Place, most: int) -> tuple[Task, ...]:
        """The actor's last tasks that were asked elsewhere, the newest first."""
        if not is_private(actor):
            return ()
        self._policy.authorize(actor, Action.READ_TASK, _TALK)
        keys = self.seeing.keys_of(actor)

        def read(rows: Rows) -> list[Task]:
            return queries.listing(rows, sight=Sight(people=keys), most=most * 5)

        found = await self._store.read(read)
        return tuple(each for each in found if each.place != place)[:most]

    async def memory(self, actor: Actor, place: Place) -> memory.Memory:
        """What is kept of the actor's conversation at `place`."""
        self._policy.authorize(actor, Action.READ_TASK, _TALK)
        return await self._store.read(lambda rows: memory.memory(rows, actor.key, place))

    async def forget(
        self, actor: Actor, place: Place
    ) -> tuple[tuple[TaskId, ...], tuple[TaskId, ...]]:
        """Erase the texts of that conversation and begin anew. Returns the tasks whose texts are
        gone, and those left because they have not ended."""
        self._policy.authorize(actor, Action.FORGET_TALK, _TALK)
        return await self._store.write(lambda tx: memory.forget(tx, actor, place), first=True)

    async def tell(self, actor: Actor, task: TaskId, text: str, key: str | None = None) -> Task:
        """Say something to a task; its worker reads it before its next step. The same event `key`
        says it once. Returns the task as it stood. Raises `NotFound`, `AlreadyEnded`,
        `CannotListen` for a script."""
        found = await self.seeing.task(actor, Action.TELL_TASK, task)
        _check(text)

        def tell(tx: Tx) -> Task:
            talk.tell(tx, self._tasks, actor, task, text, key)
            now = self._tasks.state(tx, task)
            worker = self._router.workers().get(found.worker or "")
            if worker is not None and worker.tier is Tier.PLAYBOOK:
                raise CannotListen(task=task, worker=worker.name)
            return msgspec.structs.replace(found, state=now)

        return await self._store.write(tell, first=True)

    async def said(self, actor: Actor, event: str) -> Said | None:
        """What the actor's `event` said: a request, or words to a task; None for neither."""
        key = f"{actor.key}/{event}"
        return await self._store.read(lambda rows: said.find(rows, key))

    async def unread(self, surface: str) -> list[tuple[str, Place]]:
        """The keys of what was said on a surface and nobody has read, and where its task was
        asked."""
        return await self._store.read(lambda rows: said.unread(rows, surface))

    async def author(self, space: str, event: str) -> str | None:
        """Who said something to an unfinished task by `event` in a space (`chat/10`), or asked
        for it: the key of a person."""
        return await self._store.read(lambda rows: said.author(rows, space, event))

    async def amend(
        self, actor: Actor, event: str, text: str, wish: str | None = None
    ) -> Changed | None:
        """What the actor's `event` said is `text` from now on, if nobody has read it; a request
        is routed anew, by its `wish` for a worker too, and its price asked about anew. None: it
        said nothing to a task. Raises `NotAllowed`, `TooLarge`."""
        _check(text)

        def amend(tx: Tx, found: Said) -> Changed:
            said.amend(tx, actor, found, text, wish)
            if found.told is not None:
                return _came(found, "done")
            return self._route_anew(tx, actor, found)

        return await self._change(actor, Action.TELL_TASK, event, amend, text)

    async def withdraw(self, actor: Actor, event: str) -> Changed | None:
        """Take back what the actor's `event` said, if nobody has read it: words are gone, a
        request is cancelled. None: it said nothing to a task. Raises `NotAllowed`."""

        def withdraw(tx: Tx, found: Said) -> Changed:
            if found.told is not None:
                said.withdraw(tx, actor, found)
            else:
                by = Failure(code="cancelled_by", data={"actor": actor.key})
                over = Conclusion(state="failed", failure=by)
                self._leasing.end(tx, found.task, TaskEvent.CANCEL, over, actor=actor)
            return _came(found, "done")

        return await self._change(actor, Action.CANCEL_TASK, event, withdraw)

    async def _change(
        self,
        actor: Actor,
        action: Action,
        event: str,
        change: Callable[[Tx, Said], Changed],
        text: str | None = None,
    ) -> Changed | None:
        found = await self.said(actor, event)
        if found is None:
            return None
        wanted = action if found.told is None else Action.TELL_TASK
        await self.seeing.task(actor, wanted, found.task)
        key = f"{actor.key}/{event}"

        def decide(tx: Tx) -> Changed | None:
            now = said.find(tx, key)
            if now is None:
                return None
            if text is not None and tx.body(now.body) == text:
                return _came(now, "same")
            if now.ended or now.read:
                return _came(now, "ended" if now.ended else "read")
            return change(tx, now)

        return await self._store.write(decide, first=True)

    def _route_anew(self, tx: Tx, actor: Actor, found: Said) -> Changed:
        """Other words may be for another worker, at another price, or for nobody."""
        task = found.task
        if not self._leasing.rerouting.move(tx, actor, task):
            none = Conclusion(state="failed", failure=Failure(code=NoWorker.code))
            self._leasing.end(tx, task, TaskEvent.FAIL, none)
            return _came(found, "done")
        approval = self._leasing.consent.approvals.live(tx, task, "price")
        waits = queries.get(tx, task)
        if approval is None and waits and waits.waiting in UNDECIDED:
            self._tasks.wake(tx, task, "amended", actor=actor)
        return Changed(task=task, what="done", told=False, approval=approval)


def _came(found: Said, what: Literal["done", "read", "ended", "same"]) -> Changed:
    return Changed(task=found.task, what=what, told=found.told is not None)


def _check(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise TooLarge(what="the text", size=len(text), limit=MAX_TEXT)
