"""Presses of inline buttons: core.telegram.org/bots/api#callbackquery."""

from __future__ import annotations

from dataclasses import dataclass

from tests.fakes.telegram.errors import Json, Refused
from tests.fakes.telegram.parameters import Call
from tests.fakes.telegram.telling import Telling
from tests.fakes.telegram.world import Chat, World


@dataclass
class Press:
    json: Json
    at: float
    answer: Json | None = None


class Callbacks:
    def __init__(self, world: World, telling: Telling) -> None:
        self._world, self._telling = world, telling
        self.by_id: dict[str, Press] = {}
        self.late = 0

    def begin(self, chat: Chat, message: int, user: int, data: str) -> Press:
        """Somebody presses; of a message that is gone the bot is shown only where it was."""
        world = self._world
        post = chat.posts.get(message)
        gone = {"message_id": message, "chat": chat.json, "date": 0}
        query: Json = {
            "id": str(4_000_000_000_000_000_000 + len(self.by_id)),
            "from": world.person(user),
            "message": post.json if post else gone,
            "chat_instance": str(abs(chat.id) * 7),
            "data": data,
        }
        press = self.by_id[query["id"]] = Press(query, world.clock.now())
        world.note("press", id=query["id"], chat=chat.id, message=message, user=user, data=data)
        self._telling.press(query)
        return press

    def answer(self, call: Call) -> bool:
        """#answercallbackquery: once, and before its time is over."""
        world, query = self._world, call.text("callback_query_id")
        if len(call.text("text")) > 200:
            raise Refused("answer_long")
        press = self.by_id.get(query)
        life = world.settings.callback_life
        if press is None or press.answer is not None or world.clock.now() > press.at + life:
            self.late += 1
            raise Refused("query_old")
        press.answer = {
            "text": call.text("text"),
            "alert": call.truth("show_alert"),
            "url": call.text("url"),
        }
        world.note("answer", id=query, **press.answer)
        return True

    def unanswered(self) -> int:
        return sum(one.answer is None for one in self.by_id.values())
