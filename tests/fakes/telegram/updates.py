"""Updates that wait for the bot, and how it fetches them: bots/api#getting-updates.

tdlib/telegram-bot-api, Client.cpp: do_get_updates, add_update; tdlib/td, tddb/td/db/TQueue.cpp. Two
things of it are left out: that a poll soon after the same one is held for three seconds, and that
the second of two conflicts is.
"""

from __future__ import annotations

import asyncio
import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.telegram.errors import Json, Refused
from tests.fakes.telegram.world import World

KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "message_reaction",
    # Nothing of these kinds happens here, but they may be asked for.
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
)
# #getupdates: all but these unless they are named
UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}
AHEAD = 10
LONGEST = 50


@dataclass
class Waiting:
    json: Json
    until: float

    @property
    def id(self) -> int:
        return int(self.json["update_id"])


class Updates:
    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._random = random.Random(seed)
        self._next = self._random.randrange(100_000_000, 900_000_000)
        self.queue: list[Waiting] = []
        self.allowed: set[str] = set(KINDS) - UNASKED
        self.more: Callable[[], None] = lambda: None
        """Called when there is one more."""
        self._poll: asyncio.Future[str] | None = None
        self.conflicts = 0

    # Coming

    def add(self, kind: str, what: Json, life: float | None = None) -> bool:
        """Keep one for the bot, as it is now, if it asked for its kind."""
        world = self._world
        if kind not in self.allowed:
            world.note("unasked", update=kind)
            return False
        made = {"update_id": self._next, kind: copy.deepcopy(what)}
        self._next += 1
        until = world.clock.now() + (life or world.settings.update_life)
        self.queue.append(Waiting(made, until))
        world.note("update", id=made["update_id"], update=kind)
        self._wake("more")
        self.more()
        return True

    def quiet_week(self) -> int:
        """After a week without any the next id is a random one: #update, update_id."""
        self._next = self._random.randrange(1, 2_000_000_000)
        return self._next

    def allow(self, told: str) -> None:
        """`get_allowed_update_types`: an empty list is the default, nothing is as before."""
        if not told:
            return
        try:
            named = json.loads(told)
        except ValueError:
            return
        if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
            return
        self.allowed = {one.lower() for one in named} & set(KINDS) or set(KINDS) - UNASKED

    def usual(self) -> bool:
        """Whether the bot is told what it is if it does not say."""
        return self.allowed == set(KINDS) - UNASKED

    # Going

    def pending(self) -> int:
        self._expire()
        return len(self.queue)

    def _expire(self) -> None:
        now = self._world.clock.now()
        for one in [one for one in self.queue if one.until <= now]:
            self.queue.remove(one)
            self._world.note("expired", id=one.id)

    def forget(self, count: int | None = None) -> None:
        """All of them, or all but the last `count`."""
        self.queue = self.queue[-count:] if count else []

    def done(self, one: Waiting) -> None:
        """It has arrived; it may have been forgotten meanwhile."""
        if one in self.queue:
            self.queue.remove(one)

    def take(self, offset: int, limit: int) -> list[Json]:
        """What is to be had from `offset` on; what is before it is confirmed and gone."""
        self._expire()
        if offset < 0:
            self.forget(-offset)
        elif offset and offset <= self._next + AHEAD:
            self.queue = [one for one in self.queue if one.id >= offset]
        taken = [one.json for one in self.queue[:limit]]
        if taken:
            self._world.note("given", ids=[one["update_id"] for one in taken], by="poll")
        return taken

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Json]:  # noqa: ASYNC109
        """#getupdates: at once if there are any, else when there are or the time is over."""
        if (taken := self.take(offset, limit)) or not timeout:
            return taken
        self.end("other_poll")
        mine: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._poll = mine
        self._world.note("waiting")
        try:
            why = await asyncio.wait_for(mine, timeout)
        except TimeoutError:
            why = "more"
        finally:
            if self._poll is mine:
                self._poll = None
        if why != "more":
            self.conflicts += 1
            raise Refused(why)
        return self.take(offset, limit)

    def end(self, why: str) -> None:
        """Refuse whoever is waiting."""
        self._wake(why)

    def _wake(self, why: str) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(why)
