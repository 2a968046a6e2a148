"""Notices that go to somebody directly, as they wish: in their direct messages with the bot."""

from __future__ import annotations

from pathlib import Path

from tests.discord.bench import bench
from tests.discord.test_asking import echo
from tests.worlds import Custom


async def test_an_end_that_is_wished_directly_comes_there_and_mentions_nobody(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)) as swarm:
        wished = await at.hand.command(at.channel, at.ben, "notify", sort="ended", place="dm")
        await at.hand.answered(wished)
        await at.hand.command(at.channel, at.ben, "ask", text="hello")
        direct = (await at.hand.wait("create", nonce="waggle-1-0"))[0]
        await at.promote(swarm, at.ben, "member")
        ben = await swarm.members.arrived(surface="discord", space=at.guild, account=at.ben)
        (mine,) = await swarm.mine.last(ben)
    assert direct["channel"] != at.channel
    assert direct["json"]["content"].startswith("You said: hello")
    assert mine.place.account == at.ben


async def test_who_takes_no_direct_messages_is_told_where_they_asked(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)):
        at.fake.service.world.closed_dms.add(at.ben)
        wished = await at.hand.command(at.channel, at.ben, "notify", sort="ended", place="discord")
        await at.hand.answered(wished)
        await at.hand.command(at.channel, at.ben, "ask", text="hello")
        posted = (await at.hand.wait("create", nonce="waggle-1-0", channel=at.channel))[0]
    assert "You said: hello" in posted["json"]["content"]
