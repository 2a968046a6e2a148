"""What may be sent to a channel, and what becomes of it."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.fakes.discord import Client
from tests.fakes_discord.rest import Rest, place


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({"content": "x" * 2001}, ("content",), "BASE_TYPE_MAX_LENGTH"),
        ({"content": 5}, ("content",), "STRING_TYPE_CONVERT"),
        ({"contents": "x"}, ("contents",), "UNKNOWN_FIELD"),
        ({"content": "x", "tts": "yes"}, ("tts",), "BOOLEAN_TYPE_CONVERT"),
        ({"content": "x", "flags": 64}, ("flags",), "BASE_TYPE_CHOICES"),
        ({"content": "x", "nonce": "n" * 26}, ("nonce",), "BASE_TYPE_MAX_LENGTH"),
        ({"content": "x", "enforce_nonce": True}, ("nonce",), "BASE_TYPE_REQUIRED"),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            ("allowed_mentions",),
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
        (
            {"content": "x", "allowed_mentions": {"parse": ["everybody"]}},
            ("allowed_mentions", "parse", 0),
            "BASE_TYPE_CHOICES",
        ),
        ({"embeds": [{"title": "t" * 257}]}, ("embeds", 0, "title"), "BASE_TYPE_MAX_LENGTH"),
        (
            {"embeds": [{"description": "d" * 4097}]},
            ("embeds", 0, "description"),
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"embeds": [{"title": "t", "fields": [{"name": "n", "value": "v"}] * 26}]},
            ("embeds", 0, "fields"),
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"embeds": [{"title": "t", "fields": [{"name": "n", "value": "v" * 1025}]}]},
            ("embeds", 0, "fields", 0, "value"),
            "BASE_TYPE_MAX_LENGTH",
        ),
        ({"embeds": [{"description": "d" * 3001}] * 2}, ("embeds",), "MAX_EMBED_SIZE_EXCEEDED"),
        ({"embeds": [{"title": "t"}] * 11}, ("embeds",), "BASE_TYPE_MAX_LENGTH"),
        (
            {"embeds": [{"title": "t", "url": "javascript:x"}]},
            ("embeds", 0, "url"),
            "URL_TYPE_INVALID_SCHEME",
        ),
        (
            {"embeds": [{"image": {"url": "attachment://none.png"}}]},
            ("embeds", 0, "image", "url"),
            "INVALID_ATTACHMENT_REFERENCE",
        ),
        (
            {"content": "x", "attachments": [{"id": 0}]},
            ("attachments", 0, "id"),
            "ATTACHMENT_NOT_FOUND",
        ),
        (
            {"content": "x", "message_reference": {"message_id": "1"}},
            ("message_reference",),
            "MESSAGE_REFERENCE_UNKNOWN_MESSAGE",
        ),
    ],
)
async def test_what_breaks_a_rule_is_refused_where_it_breaks_it(
    hand: Client, rest: Rest, body: object, path: tuple[str | int, ...], code: str
) -> None:
    _, channel, _ = await place(hand)
    answer = await rest("POST", f"/channels/{channel}/messages", body)
    assert (answer.status, answer.code) == (400, 50035)
    assert answer.wrong(*path) == [code]
    assert await hand.messages(channel) == []


async def test_everything_that_is_wrong_is_said_at_once(hand: Client, rest: Rest) -> None:
    _, channel, _ = await place(hand)
    body = {"content": "x" * 5000, "embeds": [{"title": "t" * 300}], "tts": 3}
    answer = await rest("POST", f"/channels/{channel}/messages", body)
    assert set(answer.body["errors"]) == {"content", "embeds", "tts"}


async def test_nothing_to_show_is_refused(hand: Client, rest: Rest) -> None:
    _, channel, _ = await place(hand)
    for body in ({}, {"content": ""}, {"content": " \n"}, {"embeds": []}):
        answer = await rest("POST", f"/channels/{channel}/messages", body)
        assert answer.code == 50006


async def test_a_nonce_enforced_twice_makes_one_message(hand: Client, rest: Rest) -> None:
    _, channel, _ = await place(hand)
    path, body = f"/channels/{channel}/messages", {"nonce": "n1", "enforce_nonce": True}
    first = await rest("POST", path, {"content": "once", **body})
    again = await rest("POST", path, {"content": "other words", **body})
    assert (first.status, again.status) == (200, 200)
    assert again.body["id"] == first.body["id"]
    assert again.body["content"] == "once"
    assert len(await hand.messages(channel)) == 1
    assert (await hand.counts())["nonce_again"] == 1


async def test_a_nonce_is_forgotten_after_minutes_and_counts_only_enforced(
    hand: Client, rest: Rest
) -> None:
    _, channel, _ = await place(hand)
    path, body = f"/channels/{channel}/messages", {"content": "x", "nonce": "n1"}
    await rest("POST", path, body)
    await rest("POST", path, body)
    assert len(await hand.messages(channel)) == 2
    await hand.advance(181)
    await rest("POST", path, {**body, "enforce_nonce": True})
    assert len(await hand.messages(channel)) == 3


async def test_a_nonce_whose_message_is_gone_is_not_sent_again(hand: Client, rest: Rest) -> None:
    _, channel, _ = await place(hand)
    body = {"content": "x", "nonce": "n", "enforce_nonce": True}
    made = (await rest("POST", f"/channels/{channel}/messages", body)).body["id"]
    await rest("DELETE", f"/channels/{channel}/messages/{made}")
    assert (await rest("POST", f"/channels/{channel}/messages", body)).code == 10008


@pytest.mark.parametrize(
    ("allowed", "pinged"),
    [
        (None, ["ada", "everyone"]),
        ({"parse": []}, []),
        ({"parse": ["users"]}, ["ada"]),
        ({"parse": ["everyone"]}, ["everyone"]),
        ({"users": ["ada"]}, ["ada"]),
    ],
)
async def test_only_whom_allowed_mentions_allows_is_pinged(
    hand: Client, rest: Rest, allowed: dict[str, list[str]] | None, pinged: list[str]
) -> None:
    _, channel, ada = await place(hand)
    body: dict[str, object] = {"content": f"<@{ada}> @everyone"}
    if allowed is not None:
        named = {"users": [ada]} if "users" in allowed else {}
        body["allowed_mentions"] = {**allowed, **named}
    made = (await rest("POST", f"/channels/{channel}/messages", body)).body
    (created,) = await hand.wait("create")
    assert created["pinged"] == [ada if one == "ada" else one for one in pinged]
    assert made["mention_everyone"] == ("everyone" in pinged)
    assert [one["id"] for one in made["mentions"]] == [ada] * ("ada" in pinged)


async def test_files_arrive_and_can_be_fetched(hand: Client, rest: Rest) -> None:
    _, channel, _ = await place(hand)
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", '{"embeds": [{"image": {"url": "attachment://a.png"}}]}')
    form.add_field("files[0]", b"picture", filename="a.png", content_type="image/png")
    made = (await rest("POST", f"/channels/{channel}/messages", data=form)).body
    (attachment,) = made["attachments"]
    assert (attachment["filename"], attachment["size"]) == ("a.png", 7)
    assert made["embeds"][0]["image"]["url"] == attachment["url"]
    async with aiohttp.ClientSession() as session, session.get(attachment["url"]) as got:
        assert await got.read() == b"picture"


async def test_too_large_and_too_many_files_are_refused(hand: Client, rest: Rest) -> None:
    _, channel, _ = await place(hand)
    await hand.settings(largest_file=10)
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("files[0]", b"x" * 11, filename="a.txt")
    answer = await rest("POST", f"/channels/{channel}/messages", data=form)
    assert (answer.status, answer.code) == (413, 40005)
    form = aiohttp.FormData(quote_fields=False)
    for number in range(11):
        form.add_field(f"files[{number}]", b"x", filename="a.txt")
    answer = await rest("POST", f"/channels/{channel}/messages", data=form)
    assert answer.wrong("attachments") == ["BASE_TYPE_MAX_LENGTH"]


async def test_history_is_read_in_pages_from_either_end(hand: Client, rest: Rest) -> None:
    _, channel, ada = await place(hand)
    said = [await hand.say(channel, ada, str(number)) for number in range(7)]
    path = f"/channels/{channel}/messages"

    async def page(**query: object) -> list[int]:
        told = {key: str(value) for key, value in query.items()}
        return [int(m["content"]) for m in (await rest("GET", path, params=told)).body]

    assert await page() == [6, 5, 4, 3, 2, 1, 0]
    assert await page(limit=2) == [6, 5]
    assert await page(before=said[3], limit=2) == [2, 1]
    assert await page(after=said[3], limit=2) == [5, 4]
    assert await page(around=said[3], limit=3) == [4, 3, 2]
    assert (await rest("GET", path, params={"limit": "101"})).code == 50035
    assert (await rest("GET", path, params={"before": "1", "after": "1"})).code == 50035


async def test_only_ones_own_messages_are_edited(hand: Client, rest: Rest) -> None:
    _, channel, ada = await place(hand)
    theirs = await hand.say(channel, ada, "mine")
    answer = await rest("PATCH", f"/channels/{channel}/messages/{theirs}", {"content": "no"})
    assert answer.code == 50005
    assert (await rest("DELETE", f"/channels/{channel}/messages/{theirs}")).code == 50013
    mine = (await rest("POST", f"/channels/{channel}/messages", {"content": "a"})).body["id"]
    edited = await rest("PATCH", f"/channels/{channel}/messages/{mine}", {"content": "b"})
    assert (edited.body["content"], edited.body["edited_timestamp"] is None) == ("b", False)
    emptied = await rest("PATCH", f"/channels/{channel}/messages/{mine}", {"content": ""})
    assert emptied.code == 50006
    assert (await rest("DELETE", f"/channels/{channel}/messages/{mine}")).status == 204
    assert (await rest("DELETE", f"/channels/{channel}/messages/{mine}")).code == 10008


async def test_permissions_hold(hand: Client, rest: Rest) -> None:
    guild, channel, _ = await place(hand)
    path = f"/channels/{channel}/messages"
    await hand.do("overwrite", channel=channel, target=guild, deny=["SEND_MESSAGES"])
    assert (await rest("POST", path, {"content": "x"})).code == 50013
    await hand.do("overwrite", channel=channel, target=guild, deny=["VIEW_CHANNEL"])
    assert (await rest("POST", path, {"content": "x"})).code == 50001
    assert (await rest("GET", "/channels/1/messages")).code == 10003
    await hand.do("kick", guild=guild)
    assert (await rest("GET", f"/guilds/{guild}")).code == 10004
    assert (await rest("POST", path, {"content": "x"})).code == 50001


async def test_a_direct_message_reaches_whom_it_may(hand: Client, rest: Rest) -> None:
    ada = await hand.person("ada")
    channel = (await rest("POST", "/users/@me/channels", {"recipient_id": ada})).body["id"]
    again = (await rest("POST", "/users/@me/channels", {"recipient_id": ada})).body["id"]
    assert channel == again
    assert (await rest("POST", f"/channels/{channel}/messages", {"content": "x"})).status == 200
    robot = (await hand.do("user", name="robot", bot=True))["id"]
    other = (await rest("POST", "/users/@me/channels", {"recipient_id": robot})).body["id"]
    assert (await rest("POST", f"/channels/{other}/messages", {"content": "x"})).code == 50007
    await hand.do("close_dms", user=ada)
    assert (await rest("POST", f"/channels/{channel}/messages", {"content": "x"})).code == 50007


async def test_a_thread_is_made_once_written_in_archived_and_locked(
    hand: Client, rest: Rest
) -> None:
    _, channel, ada = await place(hand)
    said = await hand.say(channel, ada, "task")
    path = f"/channels/{channel}/messages/{said}/threads"
    made = await rest("POST", path, {"name": "#142"})
    assert (made.status, made.body["id"]) == (201, said)
    assert (await rest("POST", path, {"name": "#142"})).code == 160004
    assert (await rest("POST", path, {"name": "n" * 101})).code == 50035
    thread = f"/channels/{said}"
    assert (await rest("POST", f"{thread}/messages", {"content": "on it"})).status == 200
    archived = await rest("PATCH", thread, {"archived": True})
    assert archived.body["thread_metadata"]["archived"]
    # Writing opens it again; a locked one opens for moderators alone.
    assert (await rest("POST", f"{thread}/messages", {"content": "more"})).status == 200
    assert not (await rest("GET", thread)).body["thread_metadata"]["archived"]
    await hand.do("thread", thread=said, archived=True, locked=True)
    assert (await rest("POST", f"{thread}/messages", {"content": "more"})).code == 50013
    assert (await rest("PATCH", thread, {"locked": False})).code == 50013


async def test_reactions_are_counted_and_end_at_twenty(hand: Client, rest: Rest) -> None:
    _, channel, ada = await place(hand)
    said = await hand.say(channel, ada, "good?")
    path = f"/channels/{channel}/messages/{said}/reactions"
    await hand.do("react", channel=channel, message=said, user=ada, emoji="👍")
    assert (await rest("PUT", f"{path}/👍/@me")).status == 204
    (reaction,) = (await rest("GET", f"/channels/{channel}/messages/{said}")).body["reactions"]
    assert (reaction["count"], reaction["me"]) == (2, True)
    assert (await rest("PUT", f"{path}/nonsense/@me")).code == 10014
    for number in range(19):
        assert (await rest("PUT", f"{path}/{chr(0x1F600 + number)}/@me")).status == 204
    assert (await rest("PUT", f"{path}/🐝/@me")).code == 30010


async def test_requests_at_once_have_effects_one_by_one(hand: Client, rest: Rest) -> None:
    _, channel, _ = await place(hand)
    body = {"content": "x", "nonce": 7, "enforce_nonce": True}
    path = f"/channels/{channel}/messages"
    answers = await asyncio.gather(*(rest("POST", path, body) for _ in range(10)))
    assert len({answer.body["id"] for answer in answers}) == 1
