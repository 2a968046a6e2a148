"""What the bot is told when something happens in a chat: core.telegram.org/bots/api#update."""

from __future__ import annotations

from tests.fakes.telegram import privacy
from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.rights import administers
from tests.fakes.telegram.updates import Updates
from tests.fakes.telegram.world import Chat, Post, World

# Client.cpp, need_skip_update_message: of what it did itself the bot is told only this
_OWN = (
    "left_chat_member",
    "pinned_message",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
)


class Telling:
    def __init__(self, world: World, updates: Updates) -> None:
        self._world, self._updates = world, updates

    def message(self, chat: Chat, post: Post, *, edited: bool = False) -> bool:
        """A message is new, or another than it was."""
        world, said = self._world, post.json
        if post.by == world.me and not any(name in said for name in _OWN):
            return False
        if not privacy.sees(world, chat, said):
            return False
        self._meet(said)
        kind = "channel_post" if chat.kind == "channel" else "message"
        return self._updates.add(f"edited_{kind}" if edited else kind, said)

    def _meet(self, said: Json) -> None:
        people = [said.get("from"), said.get("left_chat_member")]
        people += said.get("new_chat_members", [])
        people.append(said.get("reply_to_message", {}).get("from"))
        people.append(said.get("forward_origin", {}).get("sender_user"))
        ids = {one["id"] for one in people if one}
        self._world.met |= ids & set(self._world.users)

    def member(self, chat: Chat, by: int, old: Json, new: Json) -> None:
        """#chatmemberupdated, of the bot itself or of somebody else."""
        world, who = self._world, new["user"]["id"]
        told = {
            "chat": chat.json,
            "from": world.person(by),
            "date": world.today(),
            "old_chat_member": old,
            "new_chat_member": new,
        }
        world.note("member", chat=chat.id, user=who, by=by, status=new["status"])
        if who == world.me:
            world.met.add(by)
            self._updates.add("my_chat_member", told)
        # "The bot must be an administrator in the chat": #update, chat_member
        elif administers(chat, world.me):
            self._updates.add("chat_member", told)

    def reaction(self, chat: Chat, post: Post, by: int, old: list[Json], new: list[Json]) -> None:
        """#messagereactionupdated: not of bots, and in groups only to administrators."""
        world = self._world
        if by == world.me or (chat.kind != "private" and not administers(chat, world.me)):
            return
        world.met.add(by)
        told = {
            "chat": chat.json,
            "message_id": post.json["message_id"],
            "user": world.person(by),
            "date": world.today(),
            "old_reaction": old,
            "new_reaction": new,
        }
        self._updates.add("message_reaction", told)

    def press(self, query: Json) -> bool:
        self._world.met.add(query["from"]["id"])
        return self._updates.add("callback_query", query, self._world.settings.press_life)
