"""The life of the connection: tokens, other programs, outages; and what is never told."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path

import msgspec
import pytest

from bot.sections.telegram import Keys
from bot.telegram import polling
from tests.cli.programs import TIMEOUT, running, waggle
from tests.fakes.telegram import sdk
from tests.fakes.telegram.settings import TOKEN
from tests.telegram.bench import HOUR, QUICK, Bench, bench
from tests.telegram.looking import ME, Slow, echo, noticed, standing, texts
from tests.worlds import Custom

WRONG = "7000000001:" + "AAwrong-token-for-tests-only-" + "000000"

NEW = "7000000001:" + "AAother-token-for-tests-only-" + "000000"


async def test_a_wrong_token_is_said_once_and_another_one_is_taken(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_telegram(Custom(echo), token=WRONG):
        await at.until("Telegram refuses the token")
        assert at.surface_of
        at.surface_of.renew(Keys(token=TOKEN))
        await at.until("On Telegram as")
        await at.hand.say(at.ana, at.ana, "hello")
        await at.said(at.ana, "You said: hello")
        refused = [each for each in await at.hand.record() if each.get("status") == 401]
    assert len(refused) == 1
    assert [each.text for each in at.told if "refuses the token" in each.text]


async def test_a_token_that_is_taken_back_while_it_runs_is_said_once(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow)) as swarm:
        await at.hand.say(at.ana, at.ana, "hello")
        await at.said(at.ana, "#1")
        await slow.gate.reached.wait()
        await at.hand.do("revoke", token=NEW)
        await at.until("Telegram refuses the token")
        slow.gate.open()
        await noticed(swarm, "ended", "pending")
        assert at.surface_of
        at.surface_of.renew(Keys(token=NEW))
        await at.said(at.ana, "You said: hello")
        await noticed(swarm, "ended", "sent")
        said = [each.text for each in at.told if "refuses the token" in each.text]
        answers = await standing(at, at.ana, "You said: hello")
    assert len(said) == 1
    assert len(answers) == 1


def taking_turns(at: Bench) -> Bench:
    """For as long as a busy machine takes, the other program is not taken for gone."""
    at.pace = msgspec.structs.replace(QUICK, polling=polling.Pace(again=0.01, alone=HOUR))
    return at


async def test_another_program_with_the_same_token_is_said_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, taking_turns(at).on_telegram(Custom(echo)) as swarm:
        await at.hand.wait("waiting")
        await at.said(at.ben, "/pair CODE")
        async with sdk.bot(at.fake.url) as other:
            for _ in range(3):
                # Both wait a moment when the other has taken its place, and come again.
                since = await at.hand.now()
                poll = asyncio.create_task(other.get_updates(timeout=30))
                await asyncio.gather(poll, return_exceptions=True)
                await at.hand.wait("waiting", since=since)
        await at.hand.say(at.ana, at.ana, "hello")
        await at.said(at.ana, "You said: hello")
        assert await texts(swarm) == ["hello"]
    assert [each.text.partition(",")[0] for each in at.told] == [
        f"On Telegram as @{ME}. Write to it here: https://t.me/{ME}",
        "Somebody else fetches the messages of this bot",
    ]


async def test_what_is_said_while_the_service_is_away_comes_after(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow)) as swarm:
        await at.hand.say(at.group, at.ana, f"@{ME} one")
        await at.said(at.group, "#1")
        await slow.gate.reached.wait()
        await at.hand.settings(down=True)
        slow.gate.open()
        await at.hand.say(at.group, at.ben, f"@{ME} two")
        await noticed(swarm, "ended", "pending")
        await at.hand.settings(down=False)
        await at.said(at.group, "You said: one")
        await at.said(at.group, "You said: two")
        assert await texts(swarm) == ["one", "two"]


def holding(folder: Path, words: bytes) -> list[Path]:
    """The files with these words in them."""
    return [each for each in folder.rglob("*") if each.is_file() and words in each.read_bytes()]


async def test_the_menu_is_sent_once_and_not_again_after_a_restart(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        async with at.on_telegram(Custom(echo)) as swarm:
            while not await swarm.posts.recall("telegram", "menu"):
                await swarm.store.write(lambda tx: None)
        sent = len(await at.hand.wait("request", method="setMyCommands"))
        async with at.on_telegram(Custom(echo)):
            await at.hand.say(at.ana, at.ana, "hello")
            await at.said(at.ana, "You said: hello")
        again = len(await at.hand.wait("request", method="setMyCommands"))
        listed = await at.hand.commands(at.ana, at.ana)
    assert sent == again
    assert "ask" in {each["command"] for each in listed}


async def test_the_token_is_in_no_log_error_chat_journal_or_note(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canary = TOKEN.partition(":")[2]
    async with bench(tmp_path) as at:
        async with at.on_telegram(Custom(echo)) as swarm:
            await at.hand.fault("before", count=1)
            await at.hand.fault("lost", method="sendMessage", chat=at.group, count=1)
            await at.hand.document(at.ana, at.ana, "n.txt", b"notes", text=f"what of {TOKEN}?")
            await at.said(at.ana, "#1")
            await at.hand.say(at.group, at.ana, f"@{ME} hello")
            await at.said(at.group, "You said: hello")
            await at.hand.kick(at.group)
            await at.hand.do("revoke")
            await at.until("Telegram refuses the token")
            await swarm.store.write(lambda tx: None)
        posts = [
            each
            for each in await at.hand.record()
            if each["kind"] in ("send", "edit") and each["by"] == at.hand.bot
        ]
        told = [each.text for each in at.told]
    logged = caplog.text + "".join(repr(record.__dict__) for record in caplog.records)
    kept = await asyncio.to_thread(holding, tmp_path, canary.encode())
    assert canary not in logged
    assert canary not in str(told)
    assert canary not in json.dumps(posts)
    assert kept == []


@pytest.mark.slow
async def test_a_reload_takes_a_new_token_and_leaves_when_there_is_none(tmp_path: Path) -> None:
    keys = tmp_path / "waggle.env"

    def write(token: str) -> None:
        keys.write_text(f"TELEGRAM_TOKEN={token}\n" if token else "")
        keys.chmod(0o600)

    async with bench(tmp_path / "fake") as at:
        settings = {"telegram": {"base_url": at.fake.url}}
        (tmp_path / "waggle.yaml").write_text(json.dumps(settings))
        write(WRONG)
        up = running(tmp_path, "up", "--headless")
        process = await asyncio.to_thread(up.__enter__)
        try:
            await at.hand.wait("request", status=401)
            write(TOKEN)
            done = await asyncio.to_thread(waggle, tmp_path, "reload")
            await at.hand.wait("waiting")
            write("")
            await asyncio.to_thread(waggle, tmp_path, "reload")
        finally:
            process.terminate()
            out, remarks = await asyncio.to_thread(process.communicate, timeout=TIMEOUT)
    assert done.returncode == 0
    assert remarks.count("Telegram refuses the token") == 1
    log = (tmp_path / "data" / "state" / "waggle.log").read_text()
    assert log.count("Telegram refuses the token") == 1
    assert "On Telegram as" in remarks
    assert not any(token in out + remarks + log for token in (WRONG, TOKEN))
