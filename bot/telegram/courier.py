"""Notices on Telegram: nobody can look at what stands in a chat, so an answer that may have arrived
is sent again and says so; what asks for a decision is not.
"""

from __future__ import annotations

from bot.chat import courier
from bot.chat.places import DIRECT, spot_of, whole
from bot.render.outgoing import Outgoing
from bot.render.telegram import addressed
from bot.telegram.channels import SURFACE
from swarm_core import Delivery


class Courier(courier.Courier):
    """Brings notices to Telegram."""

    def addressed(self, delivery: Delivery, message: Outgoing, whom: str | None) -> Outgoing:
        """See the base; in a private chat everything is for whoever is there."""
        if whom is None or delivery.place.space == DIRECT:
            return message
        directory = self.here.swarm.members.directory
        person = directory.person(directory.number(SURFACE, whom))
        return addressed(message, whom, person.name if person else "")

    async def replies_to(self, delivery: Delivery, channel: str) -> str | None:
        """See the base: to the receipt, where others write in between."""
        if channel != whole(delivery.place).thread or delivery.place.space == DIRECT:
            return None
        posts = self.here.swarm.posts
        receipt = await posts.of_task(SURFACE, delivery.task, channel) if delivery.task else None
        return receipt.message if receipt else spot_of(delivery.place).root or None

    async def there(self, delivery: Delivery, whom: str | None) -> tuple[str, ...]:  # noqa: ARG002
        """See the base: nobody can look."""
        return ()
