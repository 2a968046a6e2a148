"""The fake against the published description it carries."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.discord import TOKEN, Client, FakeDiscord
from tests.fakes.discord.errors import Form
from tests.fakes.discord.routes import HANDLERS
from tests.fakes.discord.schema import check, operations, undocumented
from tests.fakes_discord.rest import Rest, place


def test_every_described_route_is_served() -> None:
    assert set(HANDLERS) == set(operations())


def test_an_answer_of_ours_with_a_field_too_many_or_few_is_noticed() -> None:
    good = {"url": "ws://127.0.0.1:1"}
    assert undocumented("get_gateway", good) == {}
    assert set(undocumented("get_gateway", {**good, "shards": 1})) == {"shards"}
    assert set(undocumented("get_gateway", {})) == {"url"}


@pytest.mark.parametrize("value", ["1", 1, 2**64 - 1, str(2**64 - 1), 0])
def test_a_snowflake_is_a_number_or_its_digits(value: object) -> None:
    form = Form()
    check(value, {"$ref": "SnowflakeType"}, form)
    assert form.tree == {}


@pytest.mark.parametrize("value", ["", "01", "x", -1, 2**64, True, None, 1.5, [1]])
def test_anything_else_is_no_snowflake(value: object) -> None:
    form = Form()
    check(value, {"$ref": "SnowflakeType"}, form)
    assert [one["code"] for one in form.tree["_errors"]] == ["NUMBER_TYPE_COERCE"]


def wrong(value: Any, schema: str, *extra: str) -> Any:
    """What in `value` the schema does not know, `extra` fields of an event aside."""
    form = Form()
    check({k: v for k, v in value.items() if k not in extra}, {"$ref": schema}, form)
    return form.tree


async def test_events_carry_the_objects_that_answers_do(
    fake: FakeDiscord, hand: Client, rest: Rest
) -> None:
    guild, channel, ada = await place(hand)
    async with rest.session.ws_connect(f"{fake.url}/?v=10&encoding=json") as ws:
        intents = 513 | 1 << 10 | 1 << 15
        told = {"token": TOKEN, "intents": intents, "properties": {}}
        await ws.send_json({"op": 2, "d": told})
        await hand.wait("identify")
        said = await hand.say(channel, ada, "hi", files={"a.txt": b"x"})
        path = f"/channels/{channel}/messages"
        row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "b", "custom_id": "b"}]}
        body = {"content": f"<@{ada}>", "components": [row], "embeds": [{"title": "t"}]}
        reply = {**body, "message_reference": {"message_id": said}}
        made = (await rest("POST", path, reply)).body["id"]
        await rest("PATCH", f"{path}/{made}", {"content": "edited"})
        await rest("PUT", f"{path}/{made}/reactions/👍/@me")
        await rest("POST", f"{path}/{made}/threads", {"name": "t"})
        await rest("PATCH", f"/channels/{made}", {"archived": True})
        await hand.role(guild, "keeper")
        await hand.press(channel, made, ada, "b")
        (session,) = fake.service.world.sessions.values()
    seen = dict[str, Any]()
    for event in session.events:
        seen.setdefault(event["t"], []).append(event["d"])
    for name in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
        for one in seen[name]:
            for person in one["mentions"]:
                person.pop("member", None)
            more = ("guild_id", "member", "channel_type")
            assert wrong(one, "MessageResponse", *more) == {}, name
    for one in (*seen["THREAD_CREATE"], *seen["THREAD_UPDATE"]):
        assert wrong(one, "ThreadResponse", "newly_created") == {}
    assert wrong(seen["GUILD_ROLE_CREATE"][0]["role"], "GuildRoleResponse") == {}
    (hive,) = seen["GUILD_CREATE"]
    extra = set(hive) - set(fake.service.world.guild_json(guild))
    assert wrong(hive, "GuildWithCountsResponse", *extra) == {}
    assert [wrong(one, "GuildChannelResponse") for one in hive["channels"]] == [{}]
    assert [wrong(one, "GuildMemberResponse") for one in hive["members"]] == [{}]
    (pressed,) = seen["INTERACTION_CREATE"]
    assert wrong(pressed["message"], "MessageResponse") == {}
    assert wrong(pressed["member"], "GuildMemberResponse", "permissions") == {}
    assert len(seen["MESSAGE_REACTION_ADD"]) == 1
