"""A voice message is nothing but its recording, and says how long it is."""

from __future__ import annotations

from tests.fakes.discord import Client, FakeDiscord
from tests.fakes_discord.bot import Bot, running


async def test_a_voice_message_arrives_as_the_sdk_knows_one(
    fake: FakeDiscord, hand: Client
) -> None:
    guild = await hand.guild()
    channel = await hand.channel(guild)
    ada = await hand.person("ada", guild)
    bot = Bot()
    async with running(fake, bot):
        number = await hand.speak(channel, ada, b"OggS and more", 2.5)
        place = bot.get_channel(int(channel)) or await bot.fetch_channel(int(channel))
        said = await place.fetch_message(int(number))  # type: ignore[union-attr]
        (spoken,) = said.attachments
        assert await spoken.read() == b"OggS and more"
    assert said.flags.voice
    assert spoken.is_voice_message()
    assert (spoken.duration, spoken.content_type, said.content) == (2.5, "audio/ogg", "")
