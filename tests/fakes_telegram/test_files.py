"""Files in both directions."""

from __future__ import annotations

import io

import pytest
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, NetworkError

from tests.fakes.chat.hand import upload
from tests.fakes.telegram import Client, FakeTelegram
from tests.fakes_telegram.rest import Rest
from tests.pictures import jpeg, png


async def test_what_people_send_can_be_fetched(bot: Bot, hand: Client) -> None:
    ana = await hand.private("Ana")
    await hand.document(ana, ana, "a.txt", b"words", text="read this")
    await hand.photo(ana, ana, jpeg(400, 300))
    await hand.voice(ana, ana, duration=7)
    updates = (await bot.get_updates())[1:]
    document, photo, voice = [update.message for update in updates]
    assert document
    assert photo
    assert voice
    assert document.document
    assert voice.voice
    assert document.document.file_name == "a.txt"
    assert document.caption == "read this"
    file = await bot.get_file(document.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"words"
    assert [(one.width, one.height) for one in photo.photo] == [(90, 67), (400, 300)]
    assert (voice.voice.duration, voice.voice.mime_type) == (7, "audio/ogg")


async def test_several_files_are_an_album(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    files = [{"kind": "photo", **upload(f"{n}.png", png())} for n in range(2)]
    await hand.album(ana, ana, *files, text="both")
    one, two = [update["message"] for update in (await rest.updates())[1:]]
    assert one["media_group_id"] == two["media_group_id"]
    assert ("caption" in one, "caption" in two) == (True, False)


async def test_what_the_bot_sends_is_kept_and_can_be_sent_again(
    fake: FakeTelegram, bot: Bot, hand: Client
) -> None:
    ana = await hand.private("Ana")
    sent = await bot.send_document(
        ana, io.BytesIO(b"a,b"), filename="t.csv", caption="<b>x</b>", parse_mode="HTML"
    )
    assert sent.document
    assert (sent.document.file_name, sent.caption) == ("t.csv", "x")
    again = await bot.send_document(ana, sent.document.file_id)
    assert again.document == sent.document
    copied = await bot.copy_message(ana, ana, sent.message_id)
    picture = await bot.send_photo(ana, png(40, 30))
    assert (picture.photo[-1].width, picture.photo[-1].height) == (40, 30)
    assert [one["message_id"] for one in await hand.screen(ana)][-2:] == [
        copied.message_id,
        picture.message_id,
    ]
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("x", ana, sent.message_id)


async def test_what_is_no_file_is_refused(bot: Bot, hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    for data, words in (
        (b"", "File must be non-empty"),
        (b"no picture", "Image_process_failed"),
        (png(9000, 1001), "Photo_invalid_dimensions"),
        (png(2100, 100), "Photo_invalid_dimensions"),
    ):
        with pytest.raises(BadRequest, match=words):
            await bot.send_photo(ana, io.BytesIO(data))
    for told, words in (
        ({}, "there is no document in the request"),
        ({"document": "attach://x"}, "there is no document in the request"),
        ({"document": "BQACnonsense"}, "wrong remote file identifier specified"),
        ({"document": "https://e.org/x"}, "failed to get HTTP URL content"),
    ):
        answer = await rest("sendDocument", chat_id=ana, **told)
        assert answer.problem == (400, f"Bad Request: {words}")
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_document(ana, b"x", caption="x" * 1025)
    with pytest.raises(BadRequest, match="Invalid file_id"):
        await bot.get_file("x")
    assert (await hand.counts())["sent"] == 0


async def test_large_files_are_not_given_or_taken(bot: Bot, hand: Client) -> None:
    ana = await hand.private("Ana")
    await hand.document(ana, ana, "film.mp4", b"x", size=20 * 1024 * 1024 + 1)
    update = (await bot.get_updates())[-1]
    assert update.message
    assert update.message.document
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(update.message.document.file_id)
    await hand.settings(largest_upload=10)
    with pytest.raises(NetworkError, match="Request Entity Too Large"):
        await bot.send_document(ana, b"x" * 11)


async def test_a_file_is_fetched_only_with_the_token(
    fake: FakeTelegram, hand: Client, rest: Rest, bot: Bot
) -> None:
    ana = await hand.private("Ana")
    await hand.document(ana, ana, "a.txt", b"words")
    (path,) = fake.service.files.by_path
    async with rest.session.get(f"{fake.url}/file/bot7:{'A' * 35}/{path}") as answer:
        assert answer.status == 401
    await hand.do("revoke")
    with pytest.raises(InvalidToken):
        await bot.get_file("x")
