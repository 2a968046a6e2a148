"""What comes with a request on Telegram: files from where it keeps them, what was said before."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import Message

from bot.telegram.albums import Albums
from bot.telegram.lookups import Lookups
from bot.telegram.rooms import Rooms
from swarm_core import Attached, FileRules, Overheard, Swarm, errors, taken


class Reader:
    """Reads what comes with requests."""

    def __init__(self, swarm: Swarm, lookups: Lookups, rooms: Rooms, albums: Albums) -> None:
        self.swarm, self.lookups, self.rooms, self.albums = swarm, lookups, rooms, albums

    async def files(self, messages: Sequence[Message]) -> tuple[Attached, ...]:
        """What was handed over. Raises `TooManyAttached`, `TooLarge`, `FileAway`, and what is
        wrong with a file."""
        rules = FileRules.of(self.swarm.settings.attachments)
        handed = [found for message in messages if (found := _file(message))]
        if len(handed) > rules.most:
            raise errors.TooManyAttached(count=len(handed), most=rules.most)
        for name, _, size in handed:
            # Before anything is fetched: Telegram knows how large it is.
            if size > rules.largest:
                raise errors.TooLarge(what=name, size=size, limit=rules.largest)
        fetch = self.lookups.fetch
        return tuple(
            [
                await taken(name, await fetch(number, name, rules.largest), rules)
                for name, number, _ in handed
            ]
        )


class Handed:
    """What comes with one request, read when it is wanted."""

    def __init__(
        self,
        reader: Reader,
        messages: Sequence[Message],
        channel: str,
        asker: str,
        about: Overheard | None = None,
    ) -> None:
        self._reader, self._messages = reader, messages
        self._channel, self._asker, self._about = channel, asker, about

    async def files(self) -> tuple[Attached, ...]:
        """See `Material.files`."""
        return await self._reader.files(self._messages)

    async def room(self) -> tuple[Overheard, ...]:
        """See `Material.room`."""
        first = self._messages[0]
        if first.chat.type == first.chat.PRIVATE:
            return (self._about,) if self._about else ()
        return self._reader.rooms.before(self._channel, first.message_id, self._asker, self._about)


def hands(message: Message) -> bool:
    """Whether a file comes with it."""
    return _file(message) is not None


def _file(message: Message) -> tuple[str, str, int] | None:
    """Its name, its id and its size, 0 where that is not told."""
    if message.photo:
        largest = max(message.photo, key=lambda each: each.width * each.height)
        return f"photo-{message.message_id}.jpg", largest.file_id, largest.file_size or 0
    found = message.document or message.audio or message.video
    if found is None:
        return None
    return (
        found.file_name or f"file-{message.message_id}",
        found.file_id,
        found.file_size or 0,
    )
