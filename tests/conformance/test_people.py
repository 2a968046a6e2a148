"""Who is answered how: refusals, languages."""

from __future__ import annotations

from pathlib import Path

from tests.conformance.hands import Surface
from tests.conformance.surfaces import on
from tests.conformance.workers import Slow, echo, never
from tests.worlds import Custom


@on("others")
async def test_a_member_is_refused_what_is_the_owners(surface: Surface, tmp_path: Path) -> None:
    async with surface(tmp_path) as at, at.opened(Custom(never)) as ana:
        await ana.ben.command("/stop all")
        await ana.ben.sees("You may not do that", "admins-see-and-stop")
        stops = (await ana.swarm.views.status()).stops
    assert stops == ()


@on("others", "whispers")
async def test_a_refusal_is_for_the_eyes_of_who_is_refused(
    surface: Surface, tmp_path: Path
) -> None:
    async with surface(tmp_path) as at, at.opened(Custom(never)) as ana:
        await ana.ben.command("/stop all")
        refused = await ana.ben.sees("You may not do that")
        seen = [each.text for each in await ana.standing()]
    assert refused.alone
    assert not any("may not do that" in text for text in seen)


@on("others")
async def test_what_is_personal_is_read_by_one_person_alone(
    surface: Surface, tmp_path: Path
) -> None:
    async with surface(tmp_path) as at, at.opened(Custom(never)) as ana:
        await ana.ben.command("/me language en")
        mine = await ana.ben.sees("Language", "en")
        others = {each.id for each in await ana.standing()}
    assert mine.alone
    assert mine.id not in others


@on("others", "buttons")
async def test_what_one_alone_is_answered_is_pressed_where_it_stands(
    surface: Surface, tmp_path: Path
) -> None:
    async with surface(tmp_path) as at, at.opened(Custom(echo)) as ana:
        await ana.ben.command("/help")
        while True:
            since = await ana.now()
            found = [e for e in await ana.ben.standing() if "What can you do?" in e.buttons]
            if found:
                break
            await ana.news(since)
        await ana.ben.press(found[0], "What can you do?")
        await ana.ben.sees("You said: What can you do?")
    assert found[0].alone


@on()
async def test_one_language_holds_from_the_receipt_to_the_answer(
    surface: Surface, tmp_path: Path
) -> None:
    slow = Slow()
    async with surface(tmp_path) as at, at.opened(Custom(slow)) as ana:
        await ana.command("/me language de")
        await ana.sees("Sprache: de")
        await ana.command("/ask hallo")
        await ana.sees("#1 ist angenommen")
        await ana.sees("#1 hallo", "läuft")
        slow.gate.open()
        await ana.sees("#1 ist erledigt")
        await ana.command("/cancel 99")
        await ana.sees("gibt es nichts", "99")
