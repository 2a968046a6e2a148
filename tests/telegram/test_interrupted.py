"""Updates that come again after the process died between doing and confirming."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bot.telegram import polling
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER
from tests.telegram.bench import QUICK, Bench, bench
from tests.telegram.looking import ME, echo, labels, notices, standing, texts
from tests.worlds import Custom

SHORT = msgspec.structs.replace(QUICK, polling=polling.Pace(again=0.01, last=0.01))


async def cap(swarm: Swarm) -> int:
    """Of the day, in micro-dollars."""
    (day, *_) = [each for each in await swarm.views.money(OWNER.key) if each.cap_name == "day"]
    return int(day.cap or 0)


async def unconfirmed(at: Bench) -> None:
    """From now on Telegram learns of nothing that was taken in, as if the process was killed."""
    at.pace = SHORT
    await at.hand.fault("status", method="getUpdates", status=500, description="later")


async def test_what_was_asked_is_asked_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        async with at.on_telegram(Custom(echo)) as swarm:
            await at.hand.say(at.group, at.ben, f"@{ME} first")
            await at.said(at.group, "You said: first")
            await at.hand.wait("waiting")
            at.pace = SHORT
            await at.hand.say(at.group, at.ben, f"@{ME} hello")
            await unconfirmed(at)
            await at.said(at.group, "You said: hello")
            while (await notices(swarm)).count(("ended", "sent")) < 2:
                await swarm.store.write(lambda tx: None)
        await at.hand.mend()
        at.pace = QUICK
        async with at.on_telegram(Custom(echo)) as swarm:
            await at.hand.say(at.group, at.ben, f"@{ME} next")
            await at.said(at.group, "You said: next")
            assert await texts(swarm) == ["first", "hello", "next"]
            assert len(await standing(at, at.group, "You said: hello")) == 1


async def test_what_may_have_been_done_is_not_done_again_and_that_is_said(tmp_path: Path) -> None:
    """Killed after the raise and before whoever asked was told."""
    async with bench(tmp_path) as at:
        at.pace = SHORT
        async with at.on_telegram(Custom(echo)) as swarm:
            await at.said(at.ana, "Press an example")
            await at.hand.fault("hang", method="sendMessage", chat=at.ana)
            await at.hand.command(at.ana, at.ana, "budget", "raise", "day", "1")
            while (raised := await cap(swarm)) == 5_000_000:
                await swarm.store.write(lambda tx: None)
            await unconfirmed(at)
        await at.hand.mend()
        at.pace = QUICK
        for _ in range(2):
            async with at.on_telegram(Custom(echo)) as swarm:
                told = await at.said(at.ana, "I was interrupted at this")
                assert await cap(swarm) == raised
        posts = await standing(at, at.ana, "I was interrupted at this")
    assert raised == 6_000_000
    assert "/budget raise day 1" in told["text"]
    assert len(posts) == 1


async def test_a_press_that_may_have_been_carried_out_is_not_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.pace = SHORT
        async with at.on_telegram(Custom(echo)) as swarm:
            await at.hand.command(at.ana, at.ana, "budget")
            shown = await at.said(at.ana, "Spent")
            raising = next(each for each in labels(shown) if "$" in each or "Raise" in each)
            before = await cap(swarm)
            for method in ("sendMessage", "answerCallbackQuery"):
                await at.hand.fault("hang", method=method)
            press = await at.press(shown, raising, at.ana)
            while (raised := await cap(swarm)) == before:
                await swarm.store.write(lambda tx: None)
            await unconfirmed(at)
        await at.hand.mend()
        at.pace = QUICK
        async with at.on_telegram(Custom(echo)) as swarm:
            said = await at.hand.answered(press)
            assert await cap(swarm) == raised
    assert "I was interrupted at this" in said["text"]
    assert raised > before
