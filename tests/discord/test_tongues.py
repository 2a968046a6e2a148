"""What is said to everybody is in the language of the place, and said once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.messages import Messages
from bot.portal.survey import hello
from swarm_core import load
from swarm_core.kernel.ids import TaskId
from tests.discord.bench import API, Bench, bench
from tests.discord.decisions import asked, ids, made, told
from tests.discord.test_asking import echo
from tests.discord.test_delivery import Tomorrow
from tests.discord.test_edits import says
from tests.fakes.discord.settings import TOKEN
from tests.worlds import Custom, over

ONE = TaskId(1)
ENGLISH, GERMAN = "One message was meant for me", "Eine Nachricht"


def prefers(at: Bench, locale: str, *features: str) -> None:
    guild = at.fake.service.world.guilds[at.guild].json
    guild["preferred_locale"], guild["features"] = locale, list(features)


async def missed(at: Bench, words: str, *, where: str | None = None, language: str = "") -> None:
    """What is written while nobody is there is listed in these `words`."""
    channel = where or at.channel
    async with at.on_discord(Custom(echo)) as swarm:
        if language:
            options = {"do": "set", "key": "language", "value": language}
            said = await asked(at, at.ana, "channel", **options)
            assert "`language` is set here." in told(said)
        await at.hand.say(channel, at.ben, f"<@{at.bot}> first")
        await says(at, "You said: first", channel)
        await over(swarm, ONE)
    await at.hand.say(channel, at.ben, f"<@{at.bot}> old")
    await at.hand.advance(90_000)
    async with at.on_discord(Custom(echo), clock=Tomorrow()):
        await says(at, words, channel)


@pytest.mark.parametrize(
    ("locale", "features", "language", "words"),
    [
        ("de", (), "", GERMAN),
        ("en-US", (), "", ENGLISH),
        ("fr", (), "", ENGLISH),
        ("de", ("COMMUNITY",), "en", ENGLISH),
        ("en-US", ("COMMUNITY",), "de", GERMAN),
    ],
)
async def test_the_list_of_what_was_missed_is_in_the_language_of_the_channel(
    tmp_path: Path, locale: str, features: tuple[str, ...], language: str, words: str
) -> None:
    async with bench(tmp_path) as at:
        prefers(at, locale, *features)
        await missed(at, words, language=language)


async def test_in_a_direct_message_the_list_is_in_the_language_of_whoever_wrote(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        prefers(at, "en-GB")
        async with at.on_discord(Custom(echo)) as swarm:
            await asked(at, at.ben, "me", wish="language", value="de")
            direct = (await at.hand.dm(at.ben, "first"))["channel_id"]
            await says(at, "You said: first", direct)
            await over(swarm, ONE)
        await at.hand.dm(at.ben, "old")
        await at.hand.advance(90_000)
        async with at.on_discord(Custom(echo), clock=Tomorrow()):
            await says(at, GERMAN, direct)


async def test_the_hello_is_in_the_language_of_the_server(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        prefers(at, "de")
        async with at.on_discord(Custom(echo), discord={"welcome": True}):
            said = await says(at, "Beispiel")
            (message,) = [m for m in await at.hand.messages(at.channel) if m["id"] == said]
    assert "Was kannst du?" in str(message["components"])


@pytest.mark.parametrize("key", ["init.discord.greeting", "connection.greeting"])
async def test_a_hello_from_setting_up_becomes_the_one_with_examples(
    tmp_path: Path, key: str
) -> None:
    say = Messages.load("de", strict=True)
    name: dict[str, Any] = {"name": "waggle"} if key.startswith("init") else {}
    async with bench(tmp_path) as at:
        file = tmp_path / "there.yaml"
        file.write_text(f"discord: {{api_url: {at.fake.url}{API}}}\n")
        settings = load(file, environ={}, cwd=tmp_path)
        first = await hello(TOKEN, settings, at.channel, say(key, **name))
        await at.hand.say(at.channel, at.ben, "who is that?")
        for _ in range(2):
            async with at.on_discord(Custom(echo), discord={"welcome": True}):
                await at.hand.wait("commands")
                await says(at, "Press an example")
        ours = [m for m in await at.hand.messages(at.channel) if m["author"]["id"] == at.bot]
    assert [message["id"] for message in ours] == [first]
    assert "What can you do?" in str(ours[0]["components"])


async def role(at: Bench, who: str, held: str) -> dict[str, Any]:
    """What is said to the owner who gives somebody a role."""
    options = {"do": "role", "who": who, "role": held}
    done = await at.hand.do(
        "command", channel=at.channel, user=at.ana, name="people", options=options
    )
    message: dict[str, Any] = (await made(at, done["id"]))["message"]
    return message


async def test_what_all_read_calls_nobody_you_and_what_is_for_one_is_shown_to_one(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)) as swarm:
        await at.promote(swarm, at.ben, "approver")
        for name in ("config", "budget", "memory"):
            answered = await at.hand.answered(await at.hand.command(at.channel, at.ana, name))
            assert answered["ephemeral"], name
        answered = await at.hand.command(at.channel, at.ana, "budget")
        shown = (await at.hand.answered(answered))["message"]
        listed = next(number for label, number in ids(shown).items() if "the cap of" in label)
        raised = await at.hand.pick(at.channel, shown["id"], at.ana, listed, "0")
        assert (await made(at, raised))["ephemeral"], "as the list from which it was picked"
        await asked(at, at.ben, "budget", what="raise", which="day", amount="1")
        card = await says(at, "Exactly this")
        (message,) = [m for m in await at.hand.messages(at.channel) if m["id"] == card]
        people = await asked(at, at.ana, "people")
        given = await role(at, "BEN", "operator")
        mention = await role(at, f"<@{at.ben}>", "admin")
        nobody = await role(at, "bne", "operator")
    assert "'ben'" in told(message)
    assert "you" not in told(message)
    assert "owner (everywhere)" in told(people)
    assert "ben holds the role `operator`" in told(given)
    assert "ben holds the role `admin`" in told(mention)
    assert "Perhaps you mean ben" in told(nobody)
