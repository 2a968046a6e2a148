"""Messages out to Telegram, over the real SDK to a strict fake."""

from __future__ import annotations

import asyncio

import pytest
from telegram import BotCommandScopeChat

from bot.render.entities import marked
from bot.render.outgoing import Attached, Outgoing, Press
from swarm_core import errors
from tests.fakes.telegram import Client as Hand
from tests.fakes.telegram import FakeTelegram
from tests.pictures import png
from tests.telegram.wire import wired

BUTTONS = ((Press("Yes", (), id="y1"), Press("No", (), id="n1")),)


async def test_a_message_with_marks_and_buttons_replies_and_is_changed(
    fake: FakeTelegram, hand: Hand
) -> None:
    ana = await hand.private("Ana")
    said = await hand.say(ana, ana, "question")
    link = marked("text_link", "here", "https://example.org/")
    async with wired(fake.url) as wire:
        rest = wire.rest
        message = Outgoing(content=f"{marked('bold', 'Hello')} {link}", components=BUTTONS)
        sent = await rest.post(str(ana), message, reply_to=str(said))
        (posted,) = await hand.posted(ana)
        await rest.edit(str(ana), sent, Outgoing(content="done"))
        await rest.edit(str(ana), sent, Outgoing(content="done"))  # so it is already
    assert posted["text"] == "Hello here"
    assert [one["type"] for one in posted["entities"]] == ["bold", "text_link"]
    assert posted["reply_to_message"]["message_id"] == said
    (row,) = posted["reply_markup"]["inline_keyboard"]
    assert [one["callback_data"] for one in row] == ["y1", "n1"]
    (now,) = [one for one in await hand.screen(ana) if str(one["message_id"]) == sent]
    assert (now["text"], "reply_markup" in now) == ("done", False)
    assert all(
        one["parameters"].get("link_preview_options") == '{"is_disabled": true}'
        for one in await hand.requests()
        if one["method"] in ("sendMessage", "editMessageText")
    )


async def test_a_reply_to_what_is_gone_is_sent_all_the_same(fake: FakeTelegram, hand: Hand) -> None:
    ana = await hand.private("Ana")
    async with wired(fake.url) as wire:
        assert await wire.rest.post(str(ana), Outgoing(content="x"), reply_to="999")


async def test_a_picture_is_shown_and_anything_else_a_document(
    fake: FakeTelegram, hand: Hand
) -> None:
    ana = await hand.private("Ana")
    files = (
        Attached("chart.png", png(40, 30), "image/png"),
        Attached("wide.png", png(2100, 100), "image/png"),  # the service takes it as no photo
        Attached("t.csv", b"a,b", "text/csv"),
    )
    async with wired(fake.url) as wire:
        for file in files:
            message = Outgoing(content=marked("bold", file.name), files=(file,), alt=("",))
            sent = await wire.rest.post(str(ana), message)
            await wire.rest.edit(str(ana), sent, Outgoing(content="other words"))
    posted = await hand.posted(ana, count=3)
    assert ["photo" in one for one in posted] == [True, False, False]
    assert [one["document"]["file_name"] for one in posted[1:]] == ["wide.png", "t.csv"]
    assert {one["caption"] for one in posted} == {"chart.png", "wide.png", "t.csv"}
    assert [one["caption"] for one in (await hand.screen(ana))[-3:]] == ["other words"] * 3


async def test_a_topic_is_written_to_and_the_general_one_is_not_named(
    fake: FakeTelegram, hand: Hand
) -> None:
    ana = await hand.person("Ana")
    forum = await hand.supergroup("Forum", ana, forum=True)
    topic = await hand.topic(forum, ana, "Work")
    async with wired(fake.url) as wire:
        for channel in (f"{forum}:{topic}", f"{forum}:1", f"{forum}/77"):
            await wire.rest.post(channel, Outgoing(content=channel))
        with pytest.raises(errors.SurfaceRefused):
            await wire.rest.post(f"{forum}:4242", Outgoing(content="lost"))
    posted = await hand.posted(forum, count=3)
    assert [one.get("message_thread_id") for one in posted] == [topic, None, None]


async def test_who_presses_is_answered_once_and_too_late_is_told(
    fake: FakeTelegram, hand: Hand
) -> None:
    ana = await hand.private("Ana")
    async with wired(fake.url) as wire:
        sent = await wire.rest.post(str(ana), Outgoing(content="?", components=BUTTONS))
        press = await hand.press(ana, int(sent), ana, "y1")
        assert await wire.rest.answer(press, "x" * 300, alert=True)
        assert not await wire.rest.answer(press)
    answer = await hand.answered(press)
    assert (len(answer["text"]), answer["alert"]) == (200, True)


async def test_a_question_makes_clients_begin_a_reply(fake: FakeTelegram, hand: Hand) -> None:
    ana = await hand.private("Ana")
    said = await hand.say(ana, ana, "/ask")
    async with wired(fake.url) as wire:
        await wire.rest.ask(str(ana), Outgoing(content="What?"), hint="words", reply_to=str(said))
    (entry,) = await hand.wait("send", by=hand.bot)
    assert entry["markup"]["force_reply"] is True
    assert entry["markup"]["input_field_placeholder"] == "words"
    assert entry["markup"]["selective"] is True


async def test_commands_are_set_and_taken_away(fake: FakeTelegram, hand: Hand) -> None:
    ana = await hand.private("Ana", language="en")
    here = BotCommandScopeChat(ana)
    async with wired(fake.url) as wire:
        await wire.rest.commands([("ask", "Ask")])
        await wire.rest.commands([("frage", "Frag")], here, "en")
        assert [one["command"] for one in await hand.commands(ana, ana)] == ["frage"]
        await wire.rest.commands([], here, "en")
    assert [one["command"] for one in await hand.commands(ana, ana)] == ["ask"]


async def test_what_is_gone_is_deleted_already(fake: FakeTelegram, hand: Hand) -> None:
    ana = await hand.private("Ana")
    async with wired(fake.url) as wire:
        sent = await wire.rest.post(str(ana), Outgoing(content="x"))
        await wire.rest.delete(str(ana), sent)
        await wire.rest.delete(str(ana), sent)
        with pytest.raises(errors.SurfaceRefused, match="essage to edit not found"):
            await wire.rest.edit(str(ana), sent, Outgoing(content="y"))
        theirs = await hand.say(ana, ana, "mine")
        with pytest.raises(errors.SurfaceRefused, match="can't be edited"):
            await wire.rest.edit(str(ana), str(theirs), Outgoing(content="y"))


async def test_typing_never_fails(fake: FakeTelegram, hand: Hand) -> None:
    ana = await hand.private("Ana")
    async with wired(fake.url) as wire:
        await wire.rest.typing(str(ana))
        await hand.fault("before", method="sendChatAction", count=1)
        await wire.rest.typing(str(ana))
        await wire.rest.typing("-100999")
    counts = await hand.counts()
    assert counts["methods"]["sendChatAction"]["done"] == 1


async def test_who_will_never_take_it_refuses(fake: FakeTelegram, hand: Hand) -> None:
    ana, ben = await hand.private("Ana"), await hand.private("Ben")
    club = await hand.group("Club", ana)
    quiet = await hand.supergroup("Quiet", ana)
    await hand.block(ben)
    await hand.kick(club)
    await hand.restrict(quiet)
    stranger = await hand.person("Cyd")
    async with wired(fake.url) as wire:
        for place, words in (
            (ben, "ot was blocked by the user"),
            (club, "ot was kicked from the group chat"),
            (quiet, "ot enough rights"),
            (stranger, "hat not found|initiate"),
            (-1009, "hat not found"),
        ):
            with pytest.raises(errors.SurfaceRefused, match=words) as told:
                await wire.rest.post(str(place), Outgoing(content="hello"))
            assert told.value.data["surface"] == "Telegram"


async def test_what_nobody_knows_is_not_taken_for_sent_nor_for_not_sent(
    fake: FakeTelegram, hand: Hand
) -> None:
    ana = await hand.private("Ana")
    async with wired(fake.url) as wire:
        for fault in (
            {"kind": "lost"},
            {"kind": "lost", "bytes": 90},
            {"kind": "page", "status": 502},
            {"kind": "page", "status": 504, "done": True},
            {"kind": "status", "status": 500},
        ):
            await hand.fault(method="sendMessage", count=1, **fault)
            with pytest.raises(errors.AnswerLost):
                await wire.rest.post(str(ana), Outgoing(content="hello"))
        for status in (409, 401):
            await hand.fault("status", method="sendMessage", count=1, status=status)
            with pytest.raises(errors.SurfaceAway):
                await wire.rest.post(str(ana), Outgoing(content="hello"))
    assert (await hand.counts())["sent"] == 3


async def test_an_answer_that_never_comes_is_lost(fake: FakeTelegram, hand: Hand) -> None:
    ana = await hand.private("Ana")
    await hand.fault("hang", method="sendMessage", count=1, done=True)
    async with wired(fake.url, read_timeout=0.2) as wire:
        with pytest.raises(errors.AnswerLost):
            await wire.rest.post(str(ana), Outgoing(content="hello"))


async def test_who_cannot_be_reached_was_sent_nothing(hand: Hand) -> None:
    async with wired("http://127.0.0.1:9") as wire:
        with pytest.raises(errors.SurfaceAway):
            await wire.rest.post("5", Outgoing(content="hello"))


async def test_a_file_that_is_too_large_is_refused(fake: FakeTelegram, hand: Hand) -> None:
    ana = await hand.private("Ana")
    await hand.settings(largest_upload=10)
    file = Attached("t.txt", b"x" * 11, "text/plain")
    async with wired(fake.url) as wire:
        with pytest.raises(errors.SurfaceRefused, match="Too Large"):
            await wire.rest.post(str(ana), Outgoing(files=(file,), alt=("",)))


async def test_a_group_that_has_become_a_supergroup_is_followed(
    fake: FakeTelegram, hand: Hand
) -> None:
    ana = await hand.private("Ana")
    club = await hand.group("Club", ana)
    async with wired(fake.url) as wire:
        rest = wire.rest
        old = await rest.post(str(club), Outgoing(content="before"))
        new = await hand.migrate(club)
        asked = await hand.say(new, ana, "hello")
        sent = await rest.post(str(club), Outgoing(content="after"), reply_to=old)
        again = await rest.post(str(club), Outgoing(content="again"))
        await rest.edit(str(club), sent, Outgoing(content="changed"))
        await rest.post(str(new), Outgoing(content="reply"), reply_to=sent)
        await rest.delete(str(club), again)
    assert wire.moved == [(str(club), str(new))]
    posted = await hand.posted(new, count=3)
    assert [one["text"] for one in posted] == ["after", "again", "reply"]
    assert ["reply_to_message" in one for one in posted] == [False, False, True]
    words = {str(one["message_id"]): one.get("text") for one in await hand.screen(new)}
    # Numbers begin anew there, so the chat stands behind them.
    assert (sent, again) == (f"{asked + 1}@{new}", f"{asked + 2}@{new}")
    sent, again = sent.partition("@")[0], again.partition("@")[0]
    assert (words[sent], words[str(asked)], again in words) == ("changed", "hello", False)


async def test_two_at_once_into_what_has_moved(fake: FakeTelegram, hand: Hand) -> None:
    ana = await hand.private("Ana")
    club = await hand.group("Club", ana)
    new = await hand.migrate(club)
    async with wired(fake.url) as wire:
        rest = wire.rest
        posts = (rest.post(str(club), Outgoing(content=word)) for word in ("one", "two"))
        await asyncio.gather(*posts)
    assert {one["text"] for one in await hand.posted(new, count=2)} == {"one", "two"}
