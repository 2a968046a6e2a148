"""One person with two accounts on Discord: the code for one's eyes, and word of it in private."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.discord.bench import Bench, bench
from tests.fakes.discord.settings import APPLICATION


async def word(at: Bench, since: int, *words: str) -> dict[str, Any]:
    """What the bot posted since with these words in it, once it has."""
    count = 1
    while True:
        found = await at.hand.wait("create", count=count, since=since, author=APPLICATION)
        for entry in found:
            if all(each in str(entry["json"]) for each in words):
                return dict(entry)
        count = len(found) + 1


async def test_a_code_is_shown_to_one_alone_and_its_use_is_told_in_private(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord() as swarm:
        carl = await at.hand.person("carl", at.guild)
        asked = await at.hand.answered(await at.hand.command(at.channel, at.ben, "link"))
        assert asked["ephemeral"]
        found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", str(asked))
        assert found
        since = await at.hand.now()
        said = await at.hand.dm(carl, f"/link {found[0]}")
        done = await word(at, since, "one person from now on")
        assert done["channel"] == said["channel_id"]
        told = await word(at, since, "was linked", f"discord/{carl}")
        assert told["channel"] not in (said["channel_id"], at.channel)
        number = swarm.members.directory.number
        assert number("discord", carl) == number("discord", at.ben)


async def test_a_task_of_a_server_goes_on_in_private_and_replies_to_it_stay_there(
    tmp_path: Path,
) -> None:
    from tests.people.test_company import free

    async with bench(tmp_path) as at, at.on_discord(free()) as swarm:
        since = await at.hand.now()
        await at.hand.command(at.channel, at.ben, "ask", text="about the garden")
        await word(at, since, "did about the garden")
        since = await at.hand.now()
        said = await at.hand.dm(at.ben, "/here 1")
        told = await word(at, since, "goes on here")
        assert told["channel"] == said["channel_id"]
        since = await at.hand.now()
        await at.hand.say(said["channel_id"], at.ben, "and the wall?", reply_to=told["message"])
        answer = await word(at, since, "did and the wall?")
        assert answer["channel"] == said["channel_id"]
        assert (await swarm.views.task(2)).task.place.space == "dm"  # type: ignore[arg-type]
