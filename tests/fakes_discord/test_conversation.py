"""discord.py itself, over real sockets."""

from __future__ import annotations

import io
import subprocess
import sys
import urllib.request
from typing import Any

import discord
import pytest
from discord import app_commands

from tests.fakes.discord import Client, FakeDiscord
from tests.fakes_discord.bot import Bot, running
from tests.fakes_discord.rest import place


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
        (posted,) = await hand.posted(channel)
        (edited,) = await hand.edited(posted["id"])
        assert (posted["content"], edited["content"]) == ("hello", "hello!")
    first, second = await hand.messages(channel)
    assert second["content"] == "hello!"
    assert second["message_reference"]["message_id"] == first["id"]


async def test_a_deferred_command_is_edited_and_followed_up(
    fake: FakeDiscord, hand: Client
) -> None:
    _, channel, ada = await place(hand)
    bot = Bot()

    @bot.tree.command(description="Takes a while")
    async def work(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.edit_original_response(content="done")
        message = await interaction.followup.send("details", wait=True)
        await message.edit(content="more details")
        await interaction.followup.send("only for you", ephemeral=True)

    async with running(fake, bot):
        await bot.tree.sync()
        await hand.command(channel, ada, "work")
        await bot.until("app_command_completion")
    shown = [m["content"] for m in await hand.messages(channel)]
    assert shown == ["done", "more details"]
    assert [m["content"] for m in await hand.messages(channel, user=ada)][-1] == "only for you"


async def test_an_answer_after_the_deadline_fails_in_the_sdk(
    fake: FakeDiscord, hand: Client
) -> None:
    _, channel, ada = await place(hand)
    bot = Bot()
    failed: list[Exception] = []

    @bot.tree.command(description="Too late")
    async def late(interaction: discord.Interaction) -> None:
        fake.service.world.clock.advance(4)
        try:
            await interaction.response.send_message("sorry")
        except discord.NotFound as problem:
            failed.append(problem)

    async with running(fake, bot):
        await bot.tree.sync()
        await hand.command(channel, ada, "late")
        await bot.until("app_command_completion")
    assert [problem.code for problem in failed] == [10062]
    assert await hand.messages(channel) == []


class Buttons(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Yes", custom_id="yes")
    async def yes(self, interaction: discord.Interaction, _: object) -> None:
        await interaction.response.edit_message(content="yes", view=None)

    @discord.ui.button(label="Say", custom_id="say")
    async def tell(self, interaction: discord.Interaction, _: object) -> None:
        await interaction.response.send_modal(Words())

    @discord.ui.select(
        custom_id="colour", options=[discord.SelectOption(label=c) for c in ("red", "blue")]
    )
    async def colour(self, interaction: discord.Interaction, select: Any) -> None:
        await interaction.response.send_message(select.values[0], ephemeral=True)


class Words(discord.ui.Modal, title="Words"):
    text = discord.ui.Label(
        text="What?", component=discord.ui.TextInput(custom_id="text", min_length=2)
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        assert isinstance(self.text.component, discord.ui.TextInput)
        await interaction.response.defer()
        await interaction.edit_original_response(content=self.text.component.value)


async def test_buttons_selects_and_modals_are_used(fake: FakeDiscord, hand: Client) -> None:
    _, channel, ada = await place(hand)
    bot = Bot()
    async with running(fake, bot):
        sent = await bot.get_partial_messageable(int(channel)).send("well?", view=Buttons())
        picked = await hand.pick(channel, str(sent.id), ada, "colour", "blue")
        seen = await hand.answered(picked)
        assert (seen["message"]["content"], seen["ephemeral"]) == ("blue", True)
        asked = await hand.press(channel, str(sent.id), ada, "say")
        assert (await hand.answered(asked))["modal"]["title"] == "Words"
        with pytest.raises(ValueError):
            await hand.submit(asked, text="x")
        await hand.submit(asked, text="words")
        await hand.wait("edit", message=str(sent.id))
        pressed = await hand.press(channel, str(sent.id), ada, "yes")
        assert (await hand.answered(pressed))["answer"] == 7
    (message, _) = await hand.messages(channel, user=ada)
    assert (message["content"], message["components"]) == ("yes", [])


async def test_options_are_completed_and_resolved(fake: FakeDiscord, hand: Client) -> None:
    guild, channel, ada = await place(hand)
    bob = await hand.person("bob", guild)
    bot = Bot()
    group = app_commands.Group(name="task", description="Tasks")

    @group.command(description="New")
    @app_commands.describe(kind="which", who="whose", file="what")
    async def new(
        interaction: discord.Interaction,
        kind: str,
        who: discord.Member,
        file: discord.Attachment,
        times: app_commands.Range[int, 1, 3] = 1,
    ) -> None:
        words = (await file.read()).decode()
        await interaction.response.send_message(f"{kind} {who.name} {words} {times}")

    @new.autocomplete("kind")
    async def kinds(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current}!", value=current)]

    bot.tree.add_command(group)
    async with running(fake, bot):
        await bot.tree.sync()
        typing = await hand.complete(channel, ada, "task new", "kind", kind="ho")
        assert (await hand.answered(typing))["choices"] == [{"name": "ho!", "value": "ho"}]
        with pytest.raises(ValueError):
            await hand.command(channel, ada, "task new", kind="x")
        with pytest.raises(ValueError):
            await hand.command(channel, ada, "task new", kind="x", who=bob, file=b"x", times=4)
        asked = await hand.command(channel, ada, "task new", kind="x", who=bob, file=b"w", times=3)
        assert (await hand.answered(asked))["message"]["content"] == "x bob w 3"


async def test_a_context_menu_reaches_its_message_in_a_dm_too(
    fake: FakeDiscord, hand: Client
) -> None:
    bot = Bot()

    @bot.tree.context_menu(name="Make a task")
    async def make(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(message.content.upper())

    async with running(fake, bot):
        await bot.tree.sync()
        ada = await hand.person("ada")
        said = await hand.dm(ada, "help")
        (message,) = await bot.until("message")
        assert isinstance(message, discord.Message)
        assert isinstance(message.channel, discord.DMChannel)
        asked = await hand.menu(said["channel_id"], ada, "Make a task", said["id"])
        assert (await hand.answered(asked))["message"]["content"] == "HELP"


async def test_a_layout_is_sent_and_its_button_pressed(fake: FakeDiscord, hand: Client) -> None:
    _, channel, ada = await place(hand)
    bot = Bot()

    class Card(discord.ui.LayoutView):
        box = discord.ui.Container(
            discord.ui.TextDisplay("# Card"),
            discord.ui.Separator(),
            discord.ui.ActionRow(discord.ui.Button(label="Go", custom_id="go")),
        )

    async with running(fake, bot):
        sent = await bot.get_partial_messageable(int(channel)).send(view=Card(timeout=None))
        await hand.press(channel, str(sent.id), ada, "go")
        (interaction,) = await bot.until("interaction")
        assert isinstance(interaction, discord.Interaction)
        await interaction.response.defer()
        await interaction.followup.send("gone")
    assert (await hand.messages(channel))[1]["content"] == "gone"


async def test_history_pages_by_the_sdk_and_files_go_both_ways(
    fake: FakeDiscord, hand: Client
) -> None:
    _, channel, ada = await place(hand)
    bot = Bot()
    async with running(fake, bot):
        where = bot.get_channel(int(channel))
        assert isinstance(where, discord.TextChannel)
        for number in range(3):
            await hand.say(channel, ada, str(number), files={"a.txt": b"in"})
        await where.send(
            file=discord.File(io.BytesIO(b"out"), "b.txt"), embed=discord.Embed(title="t")
        )
        texts = [m.content async for m in where.history(limit=None, oldest_first=True)]
        assert texts == ["0", "1", "2", ""]
        newest = [m async for m in where.history(limit=2)]
        assert [await m.attachments[0].read() for m in newest] == [b"out", b"in"]
        await newest[0].add_reaction("🐝")
        await newest[0].edit(attachments=[], suppress=True)
    (_, _, _, last) = await hand.messages(channel)
    assert (last["attachments"], last["flags"]) == ([], 4)


@pytest.mark.slow
def test_it_is_a_process_of_its_own() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.discord", "--guild", "Hive"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        word, url = process.stdout.readline().split()
        assert word == "ready"
        with urllib.request.urlopen(f"{url}/_fake/counts", timeout=10) as answer:
            assert b'"identifies": 0' in answer.read()
        process.stdin.close()
        assert process.wait(10) == 0
