"""Messages made, changed and taken away, by the bot or by people, and who is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord import components, content, shapes
from tests.fakes.discord.content import EPHEMERAL, LOADING, SILENT, SUPPRESS_EMBEDS, File
from tests.fakes.discord.errors import Json, Refused, refuse
from tests.fakes.discord.permissions import BITS, PRIVATE, THREADS, need, of
from tests.fakes.discord.session import Session
from tests.fakes.discord.settings import MESSAGE_CONTENT
from tests.fakes.discord.world import Post, World

GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 9, 1 << 12
_TEXT = (0, 1, 2, 3, 5, 10, 11, 12, 13)
_SYSTEM = (1, 2, 3, 4, 5, 6, 7, 18, 21)


@dataclass
class Origin:
    """How a message came to be, other than by a plain request."""

    more: Json = field(default_factory=dict)
    seen_by: str | None = None
    token: str | None = None


class Posting:
    def __init__(self, world: World) -> None:
        self._world = world
        self._nonces: dict[tuple[str, str], tuple[float, Post]] = {}

    # The bot

    def create(self, channel: Json, body: Json, files: dict[int, File]) -> Post:
        """docs.discord.com/developers/resources/message#create-message"""
        world = self._world
        if channel["type"] not in _TEXT:
            raise Refused("wrong_channel_type")
        needs = ["SEND_MESSAGES"]
        if files:
            needs.append("ATTACH_FILES")
        if body.get("message_reference"):
            needs.append("READ_MESSAGE_HISTORY")
        need(world, channel, *needs)
        if channel["type"] == 1:
            other = channel["recipients"][0]
            if other.get("bot") or other["id"] in world.closed_dms:
                raise Refused("closed_dm")
        content.check(body, files, flags_allowed=SUPPRESS_EMBEDS | SILENT)
        if content.empty(body, files):
            raise Refused("empty_message")
        nonce = body.get("nonce")
        key = (world.bot["id"], str(nonce))
        if nonce is not None and body.get("enforce_nonce") and (found := self._known(key)):
            world.note("nonce_again", channel=channel["id"], message=found.json["id"])
            if found.json["id"] not in world.posts.get(found.json["channel_id"], {}):
                # Taken away meanwhile: meant so, discord/discord-api-docs pull 6647
                raise Refused("unknown_message")
            return found
        self._wake(channel)
        post = self.put(channel, world.bot, body, files)
        if nonce is not None:
            post.json["nonce"] = nonce
            self._nonces[key] = (world.clock.now(), post)
        return post

    def _known(self, key: tuple[str, str]) -> Post | None:
        at, post = self._nonces.get(key, (0.0, None))
        fresh = at > self._world.clock.now() - self._world.settings.nonce_window
        return post if fresh else None

    def _wake(self, channel: Json) -> None:
        """Writing in an archived thread opens it, unless it is locked: topics/threads#active-…"""
        if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
            if channel["thread_metadata"]["locked"]:
                need(self._world, channel, "MANAGE_THREADS")
            channel["thread_metadata"]["archived"] = False
            self._world.tell("THREAD_UPDATE", channel, intent=1)

    def put(
        self,
        channel: Json,
        author: Json,
        body: Json,
        files: dict[int, File],
        origin: Origin | None = None,
    ) -> Post:
        """Make a message of a body that is in order, and tell of it."""
        world, origin = self._world, origin or Origin()
        made = shapes.message(world.clock.snowflake(), channel["id"], author, world.clock.stamp())
        replied = self._reference(channel, body, made)
        made["content"] = (body.get("content") or "").strip()
        made["flags"] = body.get("flags") or 0
        made["tts"] = bool(body.get("tts"))
        made["attachments"] = content.kept_files(world, body, files, None)
        made["embeds"] = content.embeds(body.get("embeds") or [], made["attachments"])
        made["components"] = components.as_sent(body.get("components") or [])
        found = content.mentioned(world, channel, author["id"], body, replied)
        made.update({k: found[k] for k in ("mentions", "mention_roles", "mention_everyone")})
        made.update(origin.more)
        post = Post(made, origin.seen_by, found["pinged"], origin.token)
        world.posts[channel["id"]][made["id"]] = post
        if origin.seen_by is None:
            channel["last_message_id"] = made["id"]
            if channel["type"] in THREADS:
                channel["message_count"] += 1
                channel["total_message_sent"] += 1
            nonce = {} if body.get("nonce") is None else {"nonce": body["nonce"]}
            self.tell("MESSAGE_CREATE", post, **nonce)
        world.note(
            "create",
            channel=channel["id"],
            message=made["id"],
            author=author["id"],
            nonce=body.get("nonce"),
            pinged=found["pinged"],
            seen_by=origin.seen_by,
            json=made,
        )
        return post

    def _reference(self, channel: Json, body: Json, made: Json) -> str | None:
        """A reply: docs.discord.com/developers/resources/message#message-reference-types"""
        told = body.get("message_reference")
        if not told:
            return None
        target = self._world.posts[channel["id"]].get(str(told.get("message_id")))
        elsewhere = str(told.get("channel_id") or channel["id"]) != channel["id"]
        if target is None or elsewhere or target.json["type"] in _SYSTEM:
            if not told.get("fail_if_not_exists", True):
                return None
            raise refuse(
                ("message_reference",), "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message"
            )
        made["type"] = 19
        made["message_reference"] = {
            "type": 0,
            "message_id": target.json["id"],
            "channel_id": channel["id"],
        }
        if "guild_id" in channel:
            made["message_reference"]["guild_id"] = channel["guild_id"]
        made["referenced_message"] = {
            k: v for k, v in target.json.items() if k != "referenced_message"
        }
        return str(target.json["author"]["id"])

    def edit(
        self, post: Post, body: Json, files: dict[int, File], *, flags: int | None = None
    ) -> Post:
        """docs.discord.com/developers/resources/message#edit-message"""
        world, made = self._world, post.json
        channel = world.channels[made["channel_id"]]
        allowed = SUPPRESS_EMBEDS if flags is None else flags
        # What is there stays set whether or not it is sent again.
        content.check(body, files, flags_allowed=allowed | made["flags"], was=made)
        after = {key: made[key] for key in ("content", "embeds", "components")}
        after.update({k: body[k] for k in after if k in body})
        left = content.kept_files(world, body, files, made)
        if not (after["content"] or "").strip() and not (
            after["embeds"] or after["components"] or left or made.get("poll")
        ):
            raise Refused("empty_message")
        if "flags" in body and body["flags"] is not None:
            keep = made["flags"] & ~SUPPRESS_EMBEDS
            made["flags"] = keep | body["flags"] & (SUPPRESS_EMBEDS | components.V2)
        if "content" in body:
            made["content"] = (body["content"] or "").strip()
            found = content.mentioned(world, channel, made["author"]["id"], body, None)
            made.update({k: found[k] for k in ("mentions", "mention_roles", "mention_everyone")})
        if "embeds" in body:
            made["embeds"] = content.embeds(body["embeds"] or [], left)
        if "components" in body:
            made["components"] = components.as_sent(body["components"] or [])
        made["attachments"] = left
        self.edited(post)
        return post

    def edited(self, post: Post) -> None:
        """`post` has been changed now."""
        made = post.json
        made["edited_timestamp"] = self._world.clock.stamp()
        if post.seen_by is None:
            self.tell("MESSAGE_UPDATE", post)
        self._world.note(
            "edit",
            channel=made["channel_id"],
            message=made["id"],
            author=made["author"]["id"],
            seen_by=post.seen_by,
            json=made,
        )

    def delete(self, post: Post) -> None:
        made = post.json
        del self._world.posts[made["channel_id"]][made["id"]]
        channel = self._world.channels[made["channel_id"]]
        if post.seen_by is None:
            gone = {"id": made["id"], "channel_id": made["channel_id"]}
            if "guild_id" in channel:
                gone["guild_id"] = channel["guild_id"]
            self._world.tell("MESSAGE_DELETE", gone, intent=self._intent(channel))
        self._world.note("delete", channel=made["channel_id"], message=made["id"])

    # Telling

    def _intent(self, channel: Json) -> int:
        return DIRECT_MESSAGES if channel["type"] in PRIVATE else GUILD_MESSAGES

    def tell(self, event: str, post: Post, **more: Any) -> None:
        """docs.discord.com/developers/events/gateway-events#message-create"""
        world, made = self._world, post.json
        channel = world.channels[made["channel_id"]]
        if not of(world, channel, world.bot["id"]) & BITS["VIEW_CHANNEL"]:
            return
        data: Json = {**made, **more, "channel_type": channel["type"]}
        if "guild_id" in channel:
            data["guild_id"] = channel["guild_id"]
            members = world.guilds[channel["guild_id"]].members
            if author := members.get(made["author"]["id"]):
                data["member"] = shapes.partial(author)
            data["mentions"] = [
                {**one, "member": shapes.partial(members[one["id"]])}
                if one["id"] in members
                else one
                for one in made["mentions"]
            ]
        world.tell(event, data, intent=self._intent(channel), shown=self._shown)

    def _shown(self, session: Session, data: Json) -> Json:
        """What an app without the content intent is shown: events/gateway#message-content-intent"""
        bot = self._world.bot["id"]
        own = data["author"]["id"] == bot or "guild_id" not in data
        named = any(one["id"] == bot for one in data["mentions"])
        if session.intents & MESSAGE_CONTENT or own or named:
            return data
        return {**data, "content": "", "embeds": [], "attachments": [], "components": []}


def loading(ephemeral: bool) -> int:
    return LOADING | (EPHEMERAL if ephemeral else 0)
