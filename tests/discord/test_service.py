"""Signing on: what stands in the way is said once, with what to do."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.discord.bench import bench
from tests.discord.test_asking import echo
from tests.worlds import Custom


async def test_a_wrong_token_ends_it_with_the_mend(tmp_path: Path) -> None:
    wrong = "MTAw.wrong.token"
    async with bench(tmp_path) as at, at.on_discord(token=wrong):
        (said,) = at.told
        counts = await at.hand.counts()
    assert "DISCORD_TOKEN" in said.text
    assert wrong not in said.text
    assert counts["identifies"] == 0


async def test_without_the_content_intent_mentions_still_work(tmp_path: Path) -> None:
    async with bench(tmp_path, privileged=0) as at, at.on_discord(Custom(echo)):
        await at.hand.wait("identify", count=2)
        await at.hand.wait("commands")
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> hello")
        *_, answer = await at.posted(2)
        said = at.told[0].text
    assert "Message Content Intent" in said
    assert "You said: hello" in answer["content"]


async def test_sign_ons_are_counted_across_restarts_and_stop_early(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        async with at.on_discord() as swarm:
            kept = await swarm.posts.recall("discord", "sign-ons")
            (first,) = msgspec.json.decode(kept, type=list[float])
            many = msgspec.json.encode([first] * 250).decode()
            await swarm.posts.note("discord", "sign-ons", many)
        at.told.clear()
        async with at.on_discord():
            (said,) = at.told
        counts = await at.hand.counts()
    assert "250" in said.text
    assert counts["identifies"] == 1


async def test_a_cut_is_resumed_and_nothing_said_meanwhile_is_lost(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)):
        await at.hand.do("reconnect")
        await at.hand.wait("resume")
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> hello")
        await at.posted(2)
        counts = await at.hand.counts()
    assert counts["identifies"] == 1
    assert counts["resumes"] == 1


async def test_only_named_servers_and_channels_are_served(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        quiet = await at.hand.channel(at.guild, "quiet")
        other = await at.hand.guild("Elsewhere")
        foreign = await at.hand.channel(other)
        await at.hand.do("member", guild=other, user=at.ben, roles=[])
        only = {"guilds": [at.guild], "channels": [at.channel]}
        async with at.on_discord(Custom(echo), discord=only) as swarm:
            await at.hand.wait("commands")
            for where in (quiet, foreign, at.channel):
                await at.hand.say(where, at.ben, f"<@{at.bot}> hello")
            await at.posted(2)
            tasks = await swarm.views.listing()
        assert await at.hand.commands(other) == []
    assert len(tasks) == 1
