"""Rights, worked out as Discord does."""

from __future__ import annotations

import random
from urllib.parse import parse_qs, urlsplit

import discord
import pytest

from bot.messages import Messages
from bot.portal.rights import RIGHTS, WANTED, held_in, invite_link, lacking
from tests.fakes.discord.permissions import BITS, of
from tests.fakes.discord.world import World
from tests.project.tree import ROOT

SDK = {
    "view": "view_channel",
    "send": "send_messages",
    "send_in_threads": "send_messages_in_threads",
    "make_threads": "create_public_threads",
    "embed": "embed_links",
    "attach": "attach_files",
    "history": "read_message_history",
}


def test_the_bits_are_those_of_the_sdk() -> None:
    assert {right.name: right.bit for right in RIGHTS} == {
        name: discord.Permissions(**{theirs: True}).value for name, theirs in SDK.items()
    }


def test_the_invite_link_asks_for_these_rights_and_no_others() -> None:
    query = parse_qs(urlsplit(invite_link("42")).query)
    assert query["client_id"] == ["42"]
    assert lacking(int(query["permissions"][0])) == ()
    assert int(query["permissions"][0]) == WANTED
    assert query["scope"] == ["bot applications.commands"]
    assert "+" not in invite_link("42")


def test_the_docs_name_these_rights_and_no_others() -> None:
    say = Messages.load(strict=True)
    text = " ".join((ROOT / "docs" / "discord.md").read_text(encoding="utf-8").split())
    listed = text.split("the rights it uses are ", 1)[1].split(".", 1)[0]
    assert sorted(listed.replace("*", "").replace(" and ", ", ").split(", ")) == sorted(
        say(f"right.{right.name}") for right in RIGHTS
    )


@pytest.mark.parametrize("seed", range(200))
def test_what_a_channel_takes_and_gives_is_worked_out_as_the_service_does(seed: int) -> None:
    chance, world = random.Random(seed), World()
    guild = world.add_guild("Hive")
    me, number = world.bot["id"], guild.json["id"]

    def some(part: float) -> int:
        return sum(bit for bit in BITS.values() if chance.random() < part)

    guild.roles[number]["permissions"] = str(some(0.5) & ~BITS["ADMINISTRATOR"])
    for n in range(3):
        bits = some(0.3) & ~(0 if chance.random() < 0.1 else BITS["ADMINISTRATOR"])
        role = {"id": str(n + 1), "permissions": str(bits)}
        guild.roles[role["id"]] = role
    guild.members[me]["roles"] = [r for r in ("1", "2", "3") if chance.random() < 0.6]
    targets = [t for t in (number, "1", "2", "3", me) if chance.random() < 0.6]
    channel = world.add_channel(number, "general")
    channel["permission_overwrites"] = [
        {"id": target, "type": 0, "allow": str(some(0.3)), "deny": str(some(0.3))}
        for target in targets
    ]
    held = held_in(channel, number, list(guild.roles.values()), guild.members[me])
    assert [held & r.bit for r in RIGHTS] == [of(world, channel, me) & r.bit for r in RIGHTS]
