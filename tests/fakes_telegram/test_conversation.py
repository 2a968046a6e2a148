"""python-telegram-bot itself, over real sockets."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
    Update,
)
from telegram.ext import Application, ApplicationBuilder, ContextTypes, TypeHandler

from tests.fakes.telegram import BOT, Client, FakeTelegram, sdk
from tests.fakes.telegram.client import PATIENCE
from tests.fakes_telegram.rest import Rest


@asynccontextmanager
async def polling(fake: FakeTelegram) -> AsyncIterator[asyncio.Queue[Update]]:
    """What an application of the SDK is told while it polls."""
    told: asyncio.Queue[Update] = asyncio.Queue()

    async def handle(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        await told.put(update)

    app: Application[Any, Any, Any, Any, Any, Any] = (
        ApplicationBuilder().bot(sdk.bot(fake.url)).job_queue(None).build()
    )
    app.add_handler(TypeHandler(Update, handle))
    async with app:
        await app.start()
        assert app.updater
        await app.updater.start_polling(timeout=5, allowed_updates=Update.ALL_TYPES)
        try:
            yield told
        finally:
            await app.updater.stop()
            await app.stop()


async def following(told: asyncio.Queue[Update]) -> Update:
    return await asyncio.wait_for(told.get(), PATIENCE)


async def test_what_people_write_arrives_and_is_answered(fake: FakeTelegram, hand: Client) -> None:
    async with polling(fake) as told:
        ana = await hand.private("Ana", language="de")
        started = await following(told)
        assert started.message
        assert (started.message.text, started.message.chat.type) == ("/start", "private")
        assert started.message.from_user
        assert started.message.from_user.language_code == "de"
        answer = await started.message.reply_text("hello", do_quote=True)
        await answer.edit_text("hello!")
        said = await hand.say(ana, ana, "thanks", reply_to=answer.message_id)
        second = await following(told)
        assert second.message
        assert second.message.message_id == said
        assert second.message.reply_to_message
        assert second.message.reply_to_message.text == "hello!"
        await hand.edit(ana, said, "thank you")
        third = await following(told)
        assert third.edited_message
        assert third.edited_message.text == "thank you"
        await hand.delete(ana, said)  # bots are not told
    (posted,) = await hand.posted(ana)
    (edited,) = await hand.edited(ana, answer.message_id)
    assert (posted["text"], edited["text"]) == ("hello", "hello!")
    assert posted["reply_to_message"]["text"] == "/start"
    assert [one["text"] for one in await hand.screen(ana)] == ["/start", "hello!"]
    counts = await hand.counts()
    assert (counts["sent"], counts["edited"], counts["odd"]) == (1, 1, [])


async def test_a_button_is_pressed_and_answered(fake: FakeTelegram, hand: Client) -> None:
    async with polling(fake) as told:
        ana = await hand.private("Ana")
        started = await following(told)
        assert started.message
        rows = [[InlineKeyboardButton("Yes", callback_data="y:1")]]
        asked = await started.message.reply_text("Sure?", reply_markup=InlineKeyboardMarkup(rows))
        press = await hand.press(ana, asked.message_id, ana, "Yes")
        pressed = await following(told)
        assert pressed.callback_query
        assert pressed.callback_query.data == "y:1"
        await pressed.callback_query.answer("noted", show_alert=True)
        assert await hand.answered(press) == {"text": "noted", "alert": True, "url": ""}
        await pressed.callback_query.edit_message_text("Sure.")
    (shown,) = [one for one in await hand.screen(ana) if one["from"]["id"] == BOT]
    assert (shown["text"], "reply_markup" in shown) == ("Sure.", False)
    assert (await hand.counts())["unanswered"] == 0


async def test_everything_a_message_may_carry_is_kept(bot: Bot, hand: Client) -> None:
    ana = await hand.private("Ana")
    sent = await bot.send_message(
        ana,
        "😀 bold and https://e.org",
        entities=[MessageEntity("bold", 3, 4)],
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        disable_notification=True,
        protect_content=True,
        reply_parameters=ReplyParameters(99, allow_sending_without_reply=True),
    )
    assert sent.parse_entities() == {
        sent.entities[0]: "bold",
        sent.entities[1]: "https://e.org",
    }
    assert sent.link_preview_options
    assert sent.link_preview_options.is_disabled
    await bot.send_message(ana, "reply here", reply_markup=ForceReply(selective=True))
    first, second = await hand.wait("send", count=2, by=BOT)
    assert (first["silent"], second["markup"]) == (True, {"force_reply": True, "selective": True})


async def test_the_bot_tells_about_itself(bot: Bot, hand: Client) -> None:
    me = await bot.get_me()
    assert (me.id, me.username, me.can_read_all_group_messages) == (BOT, "waggle_bot", False)
    ana = await hand.person("Ana", language="de-at")
    club = await hand.group("Club", ana)
    await bot.set_my_commands([BotCommand("task", "A new task")])
    await bot.set_my_commands(
        [BotCommand("task", "Ein neuer Auftrag")],
        scope=BotCommandScopeAllGroupChats(),
        language_code="de",
    )
    assert [c["description"] for c in await hand.commands(ana, ana)] == ["A new task"]
    assert [c["description"] for c in await hand.commands(club, ana)] == ["Ein neuer Auftrag"]
    assert [c.command for c in await bot.get_my_commands()] == ["task"]
    await bot.delete_my_commands(scope=BotCommandScopeAllGroupChats(), language_code="de")
    assert [c["description"] for c in await hand.commands(club, ana)] == ["A new task"]
    await bot.set_my_description("Works for you.")
    await bot.set_my_short_description("A swarm.")
    assert (await bot.get_my_description("de")).description == "Works for you."
    assert (await hand.counts())["command_writes"] == 5


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ({"command": "Task", "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "t" * 33, "description": "x"}, "command length must not exceed 32"),
        ({"command": "task", "description": " "}, "command description must be non-empty"),
        (
            {"command": "task", "description": "x" * 257},
            "command description length must not exceed 256",
        ),
        ({"command": "task"}, "can't parse BotCommand: Can't find field \"description\""),
    ],
)
async def test_a_command_that_could_not_be_is_refused(
    rest: Rest, command: dict[str, str], problem: str
) -> None:
    answer = await rest("setMyCommands", commands=[command])
    assert answer.problem == (400, f"Bad Request: {problem}")


async def test_too_many_commands_or_words_about_them_are_refused(rest: Rest) -> None:
    too_many = (400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
    for count, about in ((101, "x"), (30, "x" * 200)):
        commands = [{"command": f"c{n}", "description": about} for n in range(count)]
        assert (await rest("setMyCommands", commands=commands)).problem == too_many
    scope = {"type": "chat_member", "chat_id": 5}
    answer = await rest("setMyCommands", commands=[], scope=scope)
    assert answer.problem == (400, "Bad Request: chat not found")
    answer = await rest("setMyCommands", commands=[], language_code="german")
    assert answer.problem == (400, "Bad Request: invalid language code specified")
    answer = await rest("setMyDescription", description="x" * 513)
    assert answer.status == 400


@pytest.mark.slow
async def test_the_fake_runs_as_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "tests.fakes.telegram"]
    with subprocess.Popen(  # noqa: ASYNC220 - nothing else runs here
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        url = (await asyncio.to_thread(process.stdout.readline)).removeprefix("ready ").strip()
        async with Client.at(url) as hand, sdk.bot(url) as bot:
            ana = await hand.private("Ana")
            await bot.send_message(ana, "from afar")
            assert (await hand.until(ana, "afar"))["text"] == "from afar"
        assert process.stdin
        process.stdin.close()
        assert await asyncio.to_thread(process.wait) == 0


async def test_a_page_shows_a_chat(fake: FakeTelegram, bot: Bot, hand: Client) -> None:
    ana = await hand.private("Ana")
    await bot.send_message(ana, "<b>bold</b> &lt;script&gt;", parse_mode="HTML")
    address = f"{fake.url}/_fake/look/{ana}"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        text = await answer.text()
    assert "<b>bold</b> &lt;script&gt;" in text
    assert "<script>" not in text
