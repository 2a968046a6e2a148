"""What somebody may know of the work of others, and who may steer it.

What can go wrong: a guild learns what another does, or what somebody asked in private; so what
was asked elsewhere does not exist for whoever asks about it, and only what was asked in the same
place, by another, is refused by name.
"""

from __future__ import annotations

from swarm_core.kernel.actor import OWNER, Actor, is_direct
from swarm_core.kernel.errors import NotAllowed, NotFound, NotHere, NotYours
from swarm_core.kernel.ids import TaskId
from swarm_core.people import TERMINAL, Directory
from swarm_core.policy import Action, Policy, Resource
from swarm_core.store import Store
from swarm_core.tasks import queries
from swarm_core.tasks.model import Sight, Task

_STEERING = frozenset(
    {Action.CANCEL_TASK, Action.RETRY_TASK, Action.TELL_TASK, Action.STOP, Action.DECIDE_STEP}
)


class Seeing:
    """Says what an actor sees from where they are."""

    def __init__(self, store: Store, policy: Policy, directory: Directory) -> None:
        self._store = store
        self._policy = policy
        self._directory = directory

    def sight(self, actor: Actor) -> Sight:
        """The owner sees everything at this machine and in private; in a space of others, what
        was asked there, as its admins do. Everybody else sees their own: in a space what they
        asked there, in private also what they asked in spaces."""
        private = is_private(actor)
        if private and OWNER in actor.roles:
            return Sight()
        everybodys = not private and self._policy.allows(
            actor, Action.READ_BOARD, Resource("board")
        )
        return Sight(
            people=None if everybodys else self._directory.keys_of(actor),
            space=None if private else (actor.surface, actor.space),
        )

    def mine(self, actor: Actor) -> Sight:
        """What the actor has asked, from wherever, as far as it is seen from here."""
        return Sight(people=self._directory.keys_of(actor), space=self.sight(actor).space)

    def keys_of(self, actor: Actor) -> tuple[str, ...]:
        """Every key under which the actor has done something, on whatever surface."""
        return self._directory.keys_of(actor)

    def whole(self, actor: Actor) -> None:
        """Return where everything may be told at once; raises `NotHere` in a space of others."""
        if not self.sight(actor).whole:
            raise NotHere(surface=actor.surface)

    async def task(self, actor: Actor, action: Action, task: TaskId) -> Task:
        """The task, when `actor` may do `action` on it. Raises `NotFound` for one that does not
        exist or was asked elsewhere, `NotYours` for one that others steer, `NotAllowed`."""
        found = await self._store.read(lambda rows: queries.get(rows, task))
        if found is None or not self.sight(actor).here(found):
            raise NotFound(kind="task", name=str(task), near=())
        try:
            self._policy.authorize(actor, action, Resource("task", str(task), found.person))
        except NotAllowed as refused:
            if action not in _STEERING or not actor.roles:
                raise
            name = self._directory.name_of(found.person)
            raise NotYours(owner=name, task=task, **refused.data) from None
        return found


def is_private(actor: Actor) -> bool:
    """Whether nobody else reads along."""
    return actor.surface == TERMINAL.surface or is_direct(actor.space)
