"""Interactions: made by people's hands, answered once and in time, followed up for a while.

docs.discord.com/developers/interactions/receiving-and-responding
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from tests.fakes.discord import content, modals
from tests.fakes.discord.content import EPHEMERAL, SILENT, SUPPRESS_EMBEDS, File
from tests.fakes.discord.errors import Json, Refused, refuse
from tests.fakes.discord.permissions import of
from tests.fakes.discord.posting import Origin, Posting, loading
from tests.fakes.discord.world import Post, World

PING, COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 1, 2, 3, 4, 5
ALLOWED = {
    # receiving-and-responding#interaction-response-object-interaction-callback-type
    COMMAND: {4, 5, 9},
    COMPONENT: {4, 5, 6, 7, 9},
    AUTOCOMPLETE: {8},
    MODAL: {4, 5, 6, 7},  # the last two when a component showed it
}


@dataclass
class Interaction:
    json: Json
    token: str
    at: float
    channel: Json
    user: Json
    source: Post | None = None  # the message that has the component
    answer: int | None = None
    after: float | None = None  # seconds until that answer
    original: Post | None = None
    modal: Json | None = None
    choices: list[Json] | None = None


class Interactions:
    def __init__(self, world: World, posting: Posting) -> None:
        self._world = world
        self._posting = posting
        self.by_id: dict[str, Interaction] = {}
        self.by_token: dict[str, Interaction] = {}

    def begin(
        self,
        kind: int,
        channel: Json,
        user: Json,
        data: Json,
        *,
        source: Post | None = None,
    ) -> Interaction:
        """Send the bot an interaction: #interaction-object"""
        world = self._world
        token = secrets.token_urlsafe(96)
        guild_id = channel.get("guild_id")
        made: Json = {
            "id": world.clock.snowflake(),
            "application_id": world.bot["id"],
            "type": kind,
            "token": token,
            "version": 1,
            "data": data,
            "channel_id": channel["id"],
            "channel": channel,
            "locale": world.locales.get(user["id"], "en-US"),
            "app_permissions": str(of(world, channel, world.bot["id"])),
            "entitlements": [],
            "authorizing_integration_owners": {"0": guild_id or "0"},
            "attachment_size_limit": world.settings.largest_file,
            "context": 0 if guild_id else 1 if channel["type"] == 1 else 2,
        }
        if guild_id:
            made["guild_id"] = guild_id
            made["guild_locale"] = "en-US"
            made["guild"] = {"id": guild_id, "locale": "en-US", "features": []}
            member = world.guilds[guild_id].members[user["id"]]
            made["member"] = {**member, "permissions": str(of(world, channel, user["id"]))}
        else:
            made["user"] = user
        if source is not None:
            made["message"] = source.json
        one = Interaction(made, token, world.clock.now(), channel, user, source)
        self.by_id[made["id"]] = self.by_token[token] = one
        world.tell("INTERACTION_CREATE", made)
        world.note("interaction", id=made["id"], type=kind, user=user["id"], data=data)
        return one

    def callback(
        self, interaction_id: str, token: str, body: Json, files: dict[int, File]
    ) -> Interaction:
        """#create-interaction-response"""
        one = self.by_id.get(interaction_id)
        if one is None or one.token != token:
            raise Refused("unknown_interaction")
        late = self._world.clock.now() - one.at > self._world.settings.interaction_deadline
        if late and one.answer is None:
            self._world.note("late", id=interaction_id, type=body["type"])
            raise Refused("unknown_interaction")
        if one.answer is not None:
            self._world.note("answered_twice", id=interaction_id, type=body["type"])
            raise Refused("acknowledged")
        kind = body["type"]
        if kind not in ALLOWED[one.json["type"]] or (kind in (6, 7) and one.source is None):
            text = f"An interaction of type {one.json['type']} has no answer of type {kind}."
            raise refuse(("type",), "INTERACTION_APPLICATION_INVALID_CALLBACK_TYPE", text)
        data = body.get("data") or {}
        try:
            getattr(self, f"_answer_{kind}")(one, data, files)
        except Refused as refusal:
            if refusal.errors:
                refusal.errors = {"data": refusal.errors}
            raise
        one.answer, one.after = kind, self._world.clock.now() - one.at
        self._world.note(
            "answer",
            id=interaction_id,
            after=one.after,
            type=kind,
            data=data,
            message=one.original.json["id"] if one.original else None,
        )
        return one

    def _answer_4(self, one: Interaction, data: Json, files: dict[int, File]) -> None:
        one.original = self._say(one, data, files)

    def _answer_5(self, one: Interaction, data: Json, files: dict[int, File]) -> None:
        hidden = bool((data.get("flags") or 0) & EPHEMERAL)
        origin = self._origin(one, hidden)
        one.original = self._posting.put(
            one.channel, self._world.bot, {"flags": loading(hidden)}, {}, origin
        )

    def _answer_6(self, one: Interaction, data: Json, files: dict[int, File]) -> None:
        one.original = one.source

    def _answer_7(self, one: Interaction, data: Json, files: dict[int, File]) -> None:
        assert one.source is not None
        one.original = self._posting.edit(one.source, data, files)

    def _answer_8(self, one: Interaction, data: Json, files: dict[int, File]) -> None:
        one.choices = data.get("choices") or []

    def _answer_9(self, one: Interaction, data: Json, files: dict[int, File]) -> None:
        modals.check(data)
        one.modal = data

    def _say(self, one: Interaction, data: Json, files: dict[int, File], **more: str) -> Post:
        content.check(data, files, flags_allowed=SUPPRESS_EMBEDS | EPHEMERAL | SILENT)
        if content.empty(data, files):
            raise Refused("empty_message")
        hidden = bool((data.get("flags") or 0) & EPHEMERAL)
        origin = self._origin(one, hidden, **more)
        return self._posting.put(one.channel, self._world.bot, data, files, origin)

    def _origin(self, one: Interaction, hidden: bool, **more: str) -> Origin:
        kind, data = one.json["type"], one.json["data"]
        met: Json = {
            "id": one.json["id"],
            "type": kind,
            "user": one.user,
            "authorizing_integration_owners": one.json["authorizing_integration_owners"],
            **more,
        }
        extra: Json = {"application_id": self._world.bot["id"], "webhook_id": self._world.bot["id"]}
        if kind == COMMAND:
            extra["type"] = 20 if data["type"] == 1 else 23
            extra["interaction"] = {
                "id": met["id"],
                "type": kind,
                "name": data["name"],
                "user": one.user,
            }
        elif kind == COMPONENT and one.source is not None:
            met["interacted_message_id"] = one.source.json["id"]
        if kind == MODAL:
            met["triggering_interaction_metadata"] = {
                key: met[key] for key in ("id", "user", "authorizing_integration_owners")
            } | {"type": COMMAND}
        if more:
            extra["type"] = 0
        return Origin(
            {**extra, "interaction_metadata": met}, one.user["id"] if hidden else None, one.token
        )

    def unanswered(self) -> int:
        """How many failed before somebody's eyes: nothing came in time."""
        before = self._world.clock.now() - self._world.settings.interaction_deadline
        return sum(one.answer is None and one.at < before for one in self.by_id.values())

    # Afterwards: #followup-messages

    def held(self, application: str, token: str) -> Interaction:
        """The interaction of a token that still opens something."""
        one = self.by_token.get(token)
        if one is None or application != self._world.bot["id"]:
            raise Refused("unknown_webhook")
        if self._world.clock.now() - one.at > self._world.settings.token_life:
            self._world.note("token_expired", id=one.json["id"])
            raise Refused("webhook_token")
        if one.answer is None:
            raise Refused("unknown_webhook")
        return one

    def original(self, one: Interaction) -> Post:
        post = one.original
        if post is None or post.json["id"] not in self._world.posts[one.channel["id"]]:
            raise Refused("unknown_message")
        return post

    def follow_up(self, one: Interaction, body: Json, files: dict[int, File]) -> Post:
        """The first one after "thinking…" takes its place, and is hidden as that was."""
        first = one.original
        if one.answer == 5 and first is not None and first.json["flags"] & loading(False):
            content.check(body, files, flags_allowed=SUPPRESS_EMBEDS | EPHEMERAL | SILENT)
            return self.edit(first, body, files)
        more = {"original_response_message_id": first.json["id"]} if first else {}
        return self._say(one, body, files, **more)

    def message(self, one: Interaction, message_id: str) -> Post:
        """A message that this token made."""
        post = self._world.posts[one.channel["id"]].get(message_id)
        if post is None or (post.token != one.token and post is not one.original):
            raise Refused("unknown_message")
        return post

    def edit(self, post: Post, body: Json, files: dict[int, File]) -> Post:
        was = post.json["flags"]
        body = {key: value for key, value in body.items() if key != "tts"}
        flags = SUPPRESS_EMBEDS | EPHEMERAL | SILENT
        post.json["flags"] = was & ~loading(False)
        try:
            return self._posting.edit(post, body, files, flags=flags)
        except Refused:
            post.json["flags"] = was
            raise


def answered(one: Interaction) -> Json:
    """#interaction-callback-interaction-callback-response-object"""
    made: Json = {"id": one.json["id"], "type": one.json["type"], "channel_id": one.channel["id"]}
    if "guild_id" in one.json:
        made["guild_id"] = one.json["guild_id"]
    body: Json = {"interaction": made}
    if one.original is not None:
        post = one.original
        made["response_message_id"] = post.json["id"]
        made["response_message_loading"] = bool(post.json["flags"] & loading(False))
        made["response_message_ephemeral"] = bool(post.json["flags"] & EPHEMERAL)
        if one.answer in (4, 7):
            body["resource"] = {"type": one.answer, "message": post.json}
    return body
