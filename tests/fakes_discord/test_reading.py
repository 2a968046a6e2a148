"""What the bot can look up, by discord.py."""

from __future__ import annotations

import discord
import pytest

from tests.fakes.discord import APPLICATION, Client, FakeDiscord
from tests.fakes_discord.bot import Bot, running
from tests.fakes_discord.rest import Rest, place


async def test_the_sdk_reads_places_and_people(fake: FakeDiscord, hand: Client) -> None:
    guild, channel, ada = await place(hand)
    role = await hand.role(guild, "keeper", "ADMINISTRATOR")
    await hand.roles(guild, ada, role)
    bot = Bot()
    async with running(fake, bot):
        hive = await bot.fetch_guild(int(guild))
        assert (hive.name, hive.approximate_member_count) == ("Hive", 3)
        assert [one.name for one in await hive.fetch_channels()] == ["general"]
        assert [one.name for one in await hive.fetch_roles()] == ["@everyone", "keeper"]
        member = await hive.fetch_member(int(ada))
        assert member.guild_permissions.administrator
        assert (await bot.fetch_user(int(ada))).name == "ada"
        assert (await bot.application_info()).flags.gateway_message_content_limited
        known = bot.get_guild(int(guild))
        assert known is not None
        assert [one.id for one in await known.query_members(user_ids=[int(ada)])] == [int(ada)]
        with pytest.raises(discord.NotFound):
            await hive.fetch_member(7)
        where = await bot.fetch_channel(int(channel))
        assert isinstance(where, discord.TextChannel)
        async with where.typing():
            message = await where.send("pin me")
        with pytest.raises(discord.Forbidden):
            await message.pin()
        await hand.do("overwrite", channel=channel, target=guild, allow=["PIN_MESSAGES"])
        await message.pin()
        assert (await where.fetch_message(message.id)).pinned
        thread = await where.create_thread(name="open", message=message)
        assert [one.name for one in await known.active_threads()] == ["open"]
        await thread.edit(archived=True)
        assert [one.name async for one in where.archived_threads()] == ["open"]
        await hive.leave()
        await bot.until("guild_remove")


async def test_a_guilds_own_commands_stand_before_global_ones(
    fake: FakeDiscord, hand: Client
) -> None:
    guild, channel, ada = await place(hand)
    bot, place_ = Bot(), discord.Object(int(guild))

    @bot.tree.command(name="where", description="Global")
    async def everywhere(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("everywhere")

    @bot.tree.command(name="where", description="Here", guild=place_)
    async def here(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("here")

    async with running(fake, bot):
        await bot.tree.sync()
        (synced,) = await bot.tree.sync(guild=place_)
        asked = await hand.command(channel, ada, "where")
        assert (await hand.answered(asked))["message"]["content"] == "here"
        await synced.delete()
        assert await hand.commands(guild) == []
        asked = await hand.command(channel, ada, "where")
        assert (await hand.answered(asked))["message"]["content"] == "everywhere"


async def test_a_command_for_some_is_offered_to_them_alone(fake: FakeDiscord, hand: Client) -> None:
    guild, channel, ada = await place(hand)
    bot = Bot()

    @bot.tree.command(description="For keepers")
    @discord.app_commands.default_permissions(manage_channels=True)
    @discord.app_commands.guild_only()
    async def keep(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("kept")

    async with running(fake, bot):
        await bot.tree.sync()
        with pytest.raises(ValueError, match="not offered"):
            await hand.command(channel, ada, "keep")
        await hand.roles(guild, ada, await hand.role(guild, "keeper", "MANAGE_CHANNELS"))
        asked = await hand.command(channel, ada, "keep")
        assert (await hand.answered(asked))["message"]["content"] == "kept"
        direct = (await hand.dm(ada, "hello"))["channel_id"]
        with pytest.raises(ValueError, match="direct messages"):
            await hand.command(direct, ada, "keep")


async def test_new_commands_end_at_200_a_day(hand: Client, rest: Rest) -> None:
    path = f"/applications/{APPLICATION}/commands"
    await hand.settings(global_limit=1000, bucket=[1000, 1])
    for start in (0, 100):
        names = [{"name": f"c{start + n}", "description": "d"} for n in range(100)]
        assert (await rest("PUT", path, names)).status == 200
        assert (await rest("PUT", path, names)).status == 200
    answer = await rest("PUT", path, [{"name": "more", "description": "d"}])
    assert answer.code == 30034
    await hand.advance(86401)
    assert (await rest("PUT", path, [{"name": "more", "description": "d"}])).status == 200
