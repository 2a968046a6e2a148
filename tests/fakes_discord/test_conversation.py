"""discord.py itself, over real sockets."""

from __future__ import annotations

import discord

from tests.fakes.discord import Client, FakeDiscord
from tests.fakes_discord.bot import Bot, running


async def test_a_slash_command_is_answered(fake: FakeDiscord, hand: Client) -> None:
    guild = await hand.guild()
    channel = await hand.channel(guild)
    ada = await hand.person("ada", guild)
    bot = Bot()

    @bot.tree.command(description="Says it back")
    async def echo(interaction: discord.Interaction, text: str) -> None:
        await interaction.response.send_message(f"{interaction.user.name}: {text}")

    async with running(fake, bot):
        await bot.tree.sync()
        asked = await hand.command(channel, ada, "echo", text="hello")
        seen = await hand.answered(asked)
    assert seen["answer"] == 4
    assert [m["content"] for m in await hand.messages(channel)] == ["ada: hello"]
    assert (await hand.counts())["identifies"] == 1


async def test_what_people_write_arrives_and_is_answered(fake: FakeDiscord, hand: Client) -> None:
    guild = await hand.guild()
    channel = await hand.channel(guild)
    ada = await hand.person("ada", guild)
    bot = Bot()
    async with running(fake, bot):
        said = await hand.say(channel, ada, "hi")
        (message,) = await bot.until("message")
        assert isinstance(message, discord.Message)
        assert (str(message.id), message.content, message.author.name) == (said, "hi", "ada")
        answer = await message.reply("hello", mention_author=False)
        await answer.edit(content="hello!")
    first, second = await hand.messages(channel)
    assert second["content"] == "hello!"
    assert second["message_reference"]["message_id"] == first["id"]
