"""Where conversations are shown on Telegram: where they began. A topic is a thread that people
open, so none is opened here; a reply to a card or to an answer goes on with its conversation."""

from __future__ import annotations

from bot.chat.places import whole
from swarm_core import Delivery, Place, Task, TaskId


class Homes:
    """See `bot.chat.homes.Homes`."""

    def home(self, place: Place) -> Place:
        return whole(place)

    async def where(self, delivery: Delivery) -> Place:
        return whole(delivery.place)

    def conversation(self, place: Place) -> Place:
        return place

    def task(self, place: Place) -> TaskId | None:  # noqa: ARG002 - a topic is about no one task
        return None

    async def earn(self, task: Task) -> bool:  # noqa: ARG002
        return False

    def shown(self, task: TaskId) -> None:
        """Nothing hangs on it."""

    async def lost(self, channel: str) -> None:
        """No thread of ours can be lost."""
