"""The lists of commands that Telegram shows."""

from __future__ import annotations

import json
import re

import pytest

from bot.commands.slashed import named
from bot.messages import Messages
from bot.telegram.menu import Menu, digest, menus
from bot.telegram.typed import read
from tests.fakes.telegram import Client, FakeTelegram
from tests.fakes.telegram.fixtures import fake, hand
from tests.fakes_telegram.rest import Rest

__all__ = ["fake", "hand"]
SAY = Messages.load(strict=True)


def test_telegram_takes_every_list() -> None:
    for menu in menus(SAY):
        size = 0
        for name, about in menu.commands:
            assert re.fullmatch("[a-z0-9_]{1,32}", name)
            assert 1 <= len(about) <= 256
            size += len(name) + len(about)
        assert 1 <= len(menu.commands) <= 100
        assert size <= 5300
        assert len({name for name, _ in menu.commands}) == len(menu.commands)


def test_what_is_listed_can_be_sent() -> None:
    for menu in menus(SAY):
        for name, _ in menu.commands:
            found = read(f"/{name}", "waggle_bot", alone=False)
            assert found is not None
            assert found.command
            assert named(name)


def test_each_language_has_its_own_and_what_has_none_is_in_ours() -> None:
    english, german = menus(SAY), menus(Messages.load("de", strict=True))
    assert {menu.language for menu in english} == {"", "de"}
    assert {menu.language for menu in german} == {"", "en"}
    first = {(menu.scope, menu.language): dict(menu.commands)["ask"] for menu in english}
    assert first["default", ""] == SAY("help.ask.summary")
    assert first["default", "de"] != first["default", ""]


def test_the_digest_tells_lists_apart() -> None:
    assert digest(menus(SAY)) == digest(menus(SAY))
    assert digest(menus(SAY)) != digest(menus(Messages.load("de", strict=True)))
    assert digest(menus(SAY)) != digest(menus(SAY)[:-1])


def test_descriptions_are_cut_where_all_are_too_much() -> None:
    long = Messages({f"help.{m}.summary": "x" * 400 for m in ALL}, strict=True, language="zz")
    made = [menu for menu in menus(long) if not menu.language]
    assert all(sum(len(n) + len(a) for n, a in menu.commands) <= 5300 for menu in made)
    assert all(about.endswith("\u2026") for menu in made for _, about in menu.commands)


ALL = [
    named(name) or name
    for menu in menus(SAY)
    if menu.scope == "all_private_chats"
    for name, _ in menu.commands
]


@pytest.mark.parametrize(
    ("chat", "who", "there", "not_there"),
    [
        ("group", "member", "ask", "channel"),
        ("group", "owner", "channel", "forget_me"),
        ("private", "owner", "forget_me", "top"),
    ],
)
async def test_people_are_offered_what_fits_their_chat(
    fake: FakeTelegram, hand: Client, chat: str, who: str, there: str, not_there: str
) -> None:
    ana = await hand.private("Ana", language="de")
    ben = await hand.private("Ben")
    group = await hand.supergroup("Bees", ana, ben)
    await hand.promote(group, ana)
    async with Rest.at(fake.url) as rest:
        for menu in menus(SAY):
            await _set(rest, menu)
    person = {"owner": ana, "member": ben}[who]
    offered = await hand.commands(group if chat == "group" else person, person)
    listed = {each["command"]: each["description"] for each in offered}
    assert there in listed
    assert not_there not in listed
    german = Messages.load("de", strict=True)
    assert listed["ask"] == (german if person == ana else SAY)("help.ask.summary")


async def _set(rest: Rest, menu: Menu) -> None:
    listed = [{"command": name, "description": about} for name, about in menu.commands]
    scope = json.dumps({"type": menu.scope})
    told = {"commands": json.dumps(listed), "scope": scope, "language_code": menu.language}
    assert (await rest("setMyCommands", **told)).result is True
