"""What is set for a channel or a whole server holds for what is asked there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from swarm_core.kernel.actor import Place
from swarm_core.swarm import Swarm
from tests.discord.bench import Bench, bench
from tests.discord.patience import LATE, PATIENCE, replied
from tests.discord.test_asking import echo
from tests.worlds import Custom


async def told(at: Bench, person: str, channel: str, **options: Any) -> str:
    """What `/channel` answers."""
    asked = await at.hand.command(channel, person, "channel", **options)
    return str(await replied(at.hand, asked))


async def ended(at: Bench, channel: str, words: str) -> None:
    """Wait until the bot has said `words` in a channel."""
    while True:
        since = await at.hand.now()
        if any(words in str(m) for m in await at.posted(1, channel)):
            return
        assert await at.hand.record(since, wait=PATIENCE)


async def workers(swarm: Swarm) -> dict[str, str]:
    """Who got what was asked."""
    return {t.text or "": t.worker or "" for t in await swarm.views.listing()}


async def test_who_answers_is_set_for_a_channel_and_for_the_whole_server(tmp_path: Path) -> None:
    async with bench(tmp_path, **LATE) as at:
        other, third = await at.hand.channel(at.guild, "other"), await at.hand.channel(at.guild)
        everybody = (Custom(echo, "anna"), Custom(echo, "bert"), Custom(echo, "carl"))
        async with at.on_discord(*everybody) as swarm:
            await at.hand.wait("commands")
            given = {"do": "set", "key": "identity"}
            assert "nobody" in await told(at, at.ana, other, **given, value="nobody")
            assert "is set" in await told(at, at.ana, other, **given, value="bert")
            said = await told(at, at.ana, at.channel, **given, value="carl", everywhere=True)
            assert "everywhere in this space" in said
            for channel, text in ((other, "in one"), (third, "in another")):
                await at.hand.say(channel, at.ben, f"<@{at.bot}> {text}")
                await ended(at, channel, text)
            shown = await told(at, at.ana, other)
            assert "bert" in shown
            assert "carl" not in shown
            assert await workers(swarm) == {"in one": "bert", "in another": "carl"}
            await told(at, at.ana, other, **given, value="none")
            assert "carl" in await told(at, at.ana, other)


async def test_a_thread_has_what_its_channel_has(tmp_path: Path) -> None:
    async with (
        bench(tmp_path, **LATE) as at,
        at.on_discord(Custom(echo, "anna"), Custom(echo, "bert")) as s,
    ):
        await at.hand.wait("commands")
        await told(at, at.ana, at.channel, do="set", key="identity", value="bert")
        thread = await at.hand.do("open_thread", channel=at.channel, user=at.ben, name="ours")
        await at.hand.say(thread["id"], at.ben, f"<@{at.bot}> in the thread")
        await ended(at, thread["id"], "in the thread")
        assert await workers(s) == {"in the thread": "bert"}
        place = Place(surface="discord", space=at.guild, thread=thread["id"])
        assert s.members.directory.set_at(place) == {"identity": "bert"}


async def test_plain_words_are_what_the_channel_says(tmp_path: Path) -> None:
    async with bench(tmp_path, **LATE) as at, at.on_discord(Custom(echo)) as swarm:
        await at.hand.wait("commands")
        await told(at, at.ana, at.channel, do="set", key="plain-text", value="off")
        await at.hand.say(at.channel, at.ana, f"<@{at.bot}> hello there")
        await ended(at, at.channel, "A line without a slash does nothing here")
        await told(at, at.ana, at.channel, do="set", key="plain-text", value="task")
        await at.hand.say(at.channel, at.ana, f"<@{at.bot}> dig the garden")
        await ended(at, at.channel, "dig the garden")
        (task,) = await swarm.views.listing()
        assert task.kind == "task"


async def test_a_folder_is_the_owners_to_give_and_a_cap_is_the_servers(tmp_path: Path) -> None:
    async with bench(tmp_path, **LATE) as at, at.on_discord(Custom(echo)) as swarm:
        await at.hand.wait("commands")
        await at.promote(swarm, at.ben, "admin")
        given = {"do": "set", "key": "workspace"}
        assert "owner" in await told(at, at.ben, at.channel, **given, value=str(tmp_path))
        assert "whole path" in await told(at, at.ana, at.channel, **given, value="nowhere")
        gone = str(tmp_path / "gone")
        assert "whole path" in await told(at, at.ana, at.channel, **given, value=gone)
        assert "is set" in await told(at, at.ana, at.channel, **given, value=str(tmp_path))
        place = Place(surface="discord", space=at.guild, thread=f"{at.channel}/99")
        assert swarm.members.directory.workspace(place, None) == tmp_path
        said = await told(at, at.ben, at.channel, do="set", key="cap", value="2")
        assert "everywhere in this space" in said
        other = await at.hand.channel(at.guild, "other")
        assert "$2" in await told(at, at.ben, other)
