"""Interactions by hand: once, in time, with the right kind of answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.fakes.discord import APPLICATION, Client, FakeDiscord
from tests.fakes_discord.rest import Rest, asked, place

SAY = {"type": 4, "data": {"content": "answer"}}


async def test_an_answer_in_time_is_a_message(fake: FakeDiscord, hand: Client, rest: Rest) -> None:
    interaction, token = await asked(fake, hand, rest)
    answer = await rest(
        "POST",
        f"/interactions/{interaction}/{token}/callback",
        SAY,
        params={"with_response": "1"},
    )
    assert answer.status == 200
    assert answer.body["resource"]["message"]["content"] == "answer"
    assert answer.body["resource"]["message"]["interaction_metadata"]["id"] == interaction


async def test_the_second_answer_is_refused(fake: FakeDiscord, hand: Client, rest: Rest) -> None:
    interaction, token = await asked(fake, hand, rest)
    assert (await rest.callback(interaction, token, SAY)).status == 204
    again = await rest.callback(interaction, token, {"type": 5})
    assert (again.status, again.code) == (400, 40060)
    assert (await hand.counts())["answered_twice"] == 1


async def test_how_long_the_first_answer_took_is_told(
    fake: FakeDiscord, hand: Client, rest: Rest
) -> None:
    await hand.settings(interaction_deadline=60.0)
    interaction, token = await asked(fake, hand, rest)
    waiting = asyncio.create_task(hand.first_answer(interaction))
    await rest.callback(interaction, token, {"type": 5})
    after = await waiting
    assert after is not None
    assert 0 <= after <= 60
    interaction, _ = await asked(fake, hand, rest)
    await hand.advance(60.1)
    assert await hand.first_answer(interaction) is None


async def test_a_late_answer_is_refused(fake: FakeDiscord, hand: Client, rest: Rest) -> None:
    interaction, token = await asked(fake, hand, rest)
    await hand.advance(3.1)
    late = await rest.callback(interaction, token, SAY)
    assert (late.status, late.code) == (404, 10062)
    assert (await rest.follow_up(token, {"content": "x"})).code == 10015
    counts = await hand.counts()
    assert (counts["late"], counts["unanswered"]) == (1, 1)


async def test_an_answer_refused_for_its_form_can_be_given_again(
    fake: FakeDiscord, hand: Client, rest: Rest
) -> None:
    interaction, token = await asked(fake, hand, rest)
    body = {"type": 4, "data": {"content": "x" * 2001}}
    wrong = await rest.callback(interaction, token, body)
    assert wrong.wrong("data", "content") == ["BASE_TYPE_MAX_LENGTH"]
    assert (await rest.callback(interaction, token, SAY)).status == 204


@pytest.mark.parametrize(("kind", "code"), [(6, 50035), (7, 50035), (8, 50035), (99, 50035)])
async def test_a_command_takes_no_other_kind_of_answer(
    fake: FakeDiscord, hand: Client, rest: Rest, kind: int, code: int
) -> None:
    interaction, token = await asked(fake, hand, rest)
    data: dict[str, Any] = {"choices": []} if kind == 8 else {}
    answer = await rest.callback(interaction, token, {"type": kind, "data": data})
    assert (answer.status, answer.code) == (400, code)


async def test_a_deferred_answer_is_edited_or_followed_until_the_token_ends(
    fake: FakeDiscord, hand: Client, rest: Rest
) -> None:
    interaction, token = await asked(fake, hand, rest)
    original = f"/webhooks/{APPLICATION}/{token}/messages/@original"
    assert (await rest("GET", original)).code == 10015
    await rest.callback(interaction, token, {"type": 5})
    loading = (await rest("GET", original)).body
    assert loading["flags"] & 128
    done = await rest("PATCH", original, {"content": "done"})
    assert (done.body["id"], done.body["content"], done.body["flags"]) == (loading["id"], "done", 0)
    more = await rest.follow_up(token, {"content": "and more", "flags": 64})
    assert more.body["flags"] == 64
    await hand.advance(890)
    assert (await rest.follow_up(token, {"content": "still"})).status == 200
    await hand.advance(11)
    assert (await rest.follow_up(token, {"content": "no"})).code == 50027
    assert (await rest("PATCH", original, {"content": "no"})).code == 50027


async def test_the_first_follow_up_takes_the_place_of_thinking(
    fake: FakeDiscord, hand: Client, rest: Rest
) -> None:
    interaction, token = await asked(fake, hand, rest)
    await rest.callback(interaction, token, {"type": 5})
    loading = (await hand.do("interaction", id=interaction))["message"]["id"]
    first = await rest.follow_up(token, {"content": "here"})
    second = await rest.follow_up(token, {"content": "more"})
    assert first.body["id"] == loading
    assert second.body["id"] != loading


async def test_hidden_answers_are_seen_by_one(fake: FakeDiscord, hand: Client, rest: Rest) -> None:
    guild, channel, ada = await place(hand)
    bob = await hand.person("bob", guild)
    await rest("PUT", f"/applications/{APPLICATION}/commands", [{"name": "a", "description": "b"}])
    interaction = await hand.command(channel, ada, "a")
    token = fake.service.interactions.by_id[interaction].token
    await rest.callback(interaction, token, {"type": 4, "data": {"content": "psst", "flags": 64}})
    assert [m["content"] for m in await hand.messages(channel, user=ada)] == ["psst"]
    assert await hand.messages(channel, user=bob) == []
    hidden = (await hand.messages(channel, user=ada))[0]["id"]
    assert (await rest("GET", f"/channels/{channel}/messages/{hidden}")).code == 10008


def button(custom_id: str, **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": custom_id, "custom_id": custom_id, **more}


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


OPTIONS = [{"label": "a", "value": "a"}, {"label": "b", "value": "b"}]
SELECT = {"type": 3, "custom_id": "s", "options": OPTIONS}


@pytest.mark.parametrize(
    ("components", "path", "code"),
    [
        (
            [row(button("a"), button("a"))],
            ("components", 0, "components", 1, "custom_id"),
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (
            [row(*(button(str(n)) for n in range(6)))],
            ("components", 0, "components"),
            "BASE_TYPE_BAD_LENGTH",
        ),
        ([row(button(str(n))) for n in range(6)], ("components",), "BASE_TYPE_BAD_LENGTH"),
        (
            [row(button("x" * 101))],
            ("components", 0, "components", 0, "custom_id"),
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            [row(button("x", label="l" * 81))],
            ("components", 0, "components", 0, "label"),
            "BASE_TYPE_MAX_LENGTH",
        ),
        ([row({"type": 77})], ("components", 0, "components", 0, "type"), "BASE_TYPE_CHOICES"),
        ([{"type": 77}], ("components", 0, "type"), "BASE_TYPE_CHOICES"),
        ([button("bare")], ("components", 0, "type"), "BASE_TYPE_CHOICES"),
        (
            [row({"type": 2, "style": 5, "label": "l"})],
            ("components", 0, "components", 0, "url"),
            "BASE_TYPE_REQUIRED",
        ),
        (
            [row({"type": 2, "style": 1, "label": "l"})],
            ("components", 0, "components", 0, "custom_id"),
            "BASE_TYPE_REQUIRED",
        ),
        (
            [row(SELECT, button("b"))],
            ("components", 0, "components"),
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
        ),
        (
            [row({**SELECT, "max_values": 3})],
            ("components", 0, "components", 0, "max_values"),
            "SELECT_COMPONENT_MAX_VALUES_TOO_LARGE",
        ),
        ([{"type": 10, "content": "text"}], ("components", 0, "type"), "UNION_TYPE_CHOICES"),
    ],
)
async def test_components_that_break_a_rule_are_refused(
    hand: Client, rest: Rest, components: list[Any], path: tuple[str | int, ...], code: str
) -> None:
    _, channel, _ = await place(hand)
    body = {"content": "x", "components": components}
    answer = await rest("POST", f"/channels/{channel}/messages", body)
    assert answer.wrong(*path) == [code]


async def test_new_components_stand_alone_and_are_forty_at_most(hand: Client, rest: Rest) -> None:
    _, channel, _ = await place(hand)
    path, flags = f"/channels/{channel}/messages", 1 << 15
    text = {"type": 10, "content": "# Title"}
    container = {"type": 17, "components": [text, {"type": 14}, row(button("a"))]}
    good = await rest("POST", path, {"flags": flags, "components": [container]})
    assert good.status == 200
    mixed = await rest("POST", path, {"content": "x", "flags": flags, "components": [text]})
    assert mixed.wrong("content") == ["MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"]
    many = {"type": 17, "components": [text] * 40}
    answer = await rest("POST", path, {"flags": flags, "components": [many]})
    assert answer.wrong("components") == ["COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"]
    long = {"flags": flags, "components": [{"type": 10, "content": "x" * 2001}] * 2}
    answer = await rest("POST", path, long)
    assert answer.wrong("components") == ["COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"]


async def test_a_message_becomes_one_of_new_components_only_without_its_old_fields(
    hand: Client, rest: Rest
) -> None:
    _, channel, _ = await place(hand)
    made = (await rest("POST", f"/channels/{channel}/messages", {"content": "old"})).body["id"]
    path = f"/channels/{channel}/messages/{made}"
    new = {"flags": 1 << 15, "components": [{"type": 10, "content": "new"}]}
    answer = await rest("PATCH", path, new)
    assert answer.wrong("content") == ["MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"]
    assert (await rest("PATCH", path, {**new, "content": None})).body["content"] == ""
    assert (await rest("PATCH", path, {"content": "back"})).code == 50035


async def test_people_can_only_do_what_is_offered(hand: Client, rest: Rest) -> None:
    _, channel, ada = await place(hand)
    body = {"content": "x", "components": [row(button("off", disabled=True)), row(SELECT)]}
    made = (await rest("POST", f"/channels/{channel}/messages", body)).body["id"]
    for wrong in (
        hand.press(channel, made, ada, "off"),
        hand.press(channel, made, ada, "none"),
        hand.pick(channel, made, ada, "s", "c"),
        hand.pick(channel, made, ada, "s", "a", "b"),
        hand.command(channel, ada, "missing"),
    ):
        with pytest.raises(ValueError):
            await wrong
    assert await hand.pick(channel, made, ada, "s", "b")


ASK = f"/applications/{APPLICATION}/commands"


@pytest.mark.parametrize(
    ("command", "path", "code"),
    [
        ({"name": "Ask"}, (0, "name"), "APPLICATION_COMMAND_INVALID_NAME"),
        ({"name": "a b"}, (0, "name"), "APPLICATION_COMMAND_INVALID_NAME"),
        ({"name": "x" * 33}, (0, "name"), "BASE_TYPE_BAD_LENGTH"),
        ({"name": "a", "description": ""}, (0, "description"), "BASE_TYPE_REQUIRED"),
        ({"name": "a", "description": "d" * 101}, (0, "description"), "BASE_TYPE_MAX_LENGTH"),
        ({"name": "a", "color": 1}, (0, "color"), "UNKNOWN_FIELD"),
        (
            {
                "name": "a",
                "options": [{"type": 3, "name": f"o{n}", "description": "d"} for n in range(26)],
            },
            (0, "options"),
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {
                "name": "a",
                "options": [
                    {"type": 3, "name": "o", "description": "d"},
                    {"type": 3, "name": "p", "description": "d", "required": True},
                ],
            },
            (0, "options", 1),
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        (
            {"name": "a", "options": [{"type": 3, "name": "o", "description": "d"}] * 2},
            (0, "options", 1, "name"),
            "APPLICATION_COMMAND_OPTIONS_DUPLICATE_NAME",
        ),
    ],
)
async def test_commands_that_break_a_rule_are_refused(
    hand: Client, rest: Rest, command: dict[str, Any], path: tuple[str | int, ...], code: str
) -> None:
    answer = await rest("PUT", ASK, [{"description": "does", **command}])
    assert (answer.status, answer.wrong(*path)) == (400, [code])
    assert await hand.commands() == []


async def test_overwriting_keeps_the_ids_of_what_stays(hand: Client, rest: Rest) -> None:
    one, two = ({"name": name, "description": "d"} for name in ("one", "two"))
    first = (await rest("PUT", ASK, [one, two])).body
    second = (await rest("PUT", ASK, [{**one, "description": "e"}])).body
    assert [c["name"] for c in await hand.commands()] == ["one"]
    assert second[0]["id"] == first[0]["id"]
    assert second[0]["version"] != first[0]["version"]
    twice = await rest("PUT", ASK, [one, one])
    assert twice.wrong(1, "name") == ["APPLICATION_COMMANDS_DUPLICATE_NAME"]
