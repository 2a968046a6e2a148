"""What people do with conversations: begin anew, look back, forget; and tell a worker at work."""

from __future__ import annotations

import msgspec

from swarm_core.dispatch.seeing import Seeing
from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.errors import CannotListen, TooLarge
from swarm_core.kernel.ids import TaskId
from swarm_core.policy import Action, Policy, Resource
from swarm_core.routing.model import Tier
from swarm_core.routing.router import Router
from swarm_core.store import Store, Tx
from swarm_core.tasks import memory, talk
from swarm_core.tasks.model import MAX_TEXT, Task
from swarm_core.tasks.tasks import Tasks

_TALK = Resource("conversation")


class Talking:
    """Conversations by person and place. Everything passes the policy."""

    def __init__(self, store: Store, tasks: Tasks, policy: Policy, router: Router) -> None:
        self._store = store
        self._tasks = tasks
        self._policy = policy
        self._router = router
        self.seeing: Seeing
        """Set by the composition root."""

    async def begin(self, actor: Actor, place: Place) -> int:
        """What is asked from now on knows nothing of what came before; returns of how many
        turns."""
        self._policy.authorize(actor, Action.BEGIN_TALK, _TALK)
        before = await self._store.read(lambda rows: memory.memory(rows, actor.key, place))
        await self._store.write(lambda tx: talk.begin(tx, actor, place), first=True)
        return before.turns

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

    async def tell(self, actor: Actor, task: TaskId, text: str) -> Task:
        """Say something to a task; its worker reads it before its next step. Returns the task as
        it stood. Raises `NotFound`, `AlreadyEnded`, `CannotListen` for a script."""
        found = await self.seeing.task(actor, Action.TELL_TASK, task)
        if len(text) > MAX_TEXT:
            raise TooLarge(what="the text", size=len(text), limit=MAX_TEXT)

        def tell(tx: Tx) -> Task:
            talk.tell(tx, self._tasks, actor, task, text)
            now = self._tasks.state(tx, task)
            worker = self._router.workers().get(found.worker or "")
            if worker is not None and worker.tier is Tier.PLAYBOOK:
                raise CannotListen(task=task, worker=worker.name)
            return msgspec.structs.replace(found, state=now)

        return await self._store.write(tell, first=True)
