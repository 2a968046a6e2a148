"""Where conversations are shown, as what chats have in common needs to know it."""

from __future__ import annotations

from typing import Protocol

from swarm_core import Delivery, Place, Task, TaskId


class Homes(Protocol):
    """Which conversation is shown where: in a thread of its own, or in its channel."""

    def home(self, place: Place) -> Place:
        """Where what belongs to the conversation at `place` is shown."""
        ...

    async def where(self, delivery: Delivery) -> Place:
        """Where a notice is shown."""
        ...

    def conversation(self, place: Place) -> Place:
        """The conversation that goes on at `place`."""
        ...

    def task(self, place: Place) -> TaskId | None:
        """The task that a thread is about; None for any other place."""
        ...

    async def earn(self, task: Task) -> bool:
        """It is worth a thread now. Whether it has one."""
        ...

    def shown(self, task: TaskId) -> None:
        """Something of `task` stands in its channel."""
        ...

    async def lost(self, channel: str) -> None:
        """What was shown in that thread goes on in the channel it hung on."""
        ...
