"""What goes through whole: long answers, code, tables, files, and text that means harm."""

from __future__ import annotations

from pathlib import Path

from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Conclusion, Run
from swarm_core.testing import ScriptedProvider
from tests.conformance.hands import LIVE, Surface, words
from tests.conformance.surfaces import on
from tests.discord.test_rooms import SMALL, asked, ended
from tests.worlds import Custom

LINES = "\n".join(f"line_{n} = {n}" for n in range(260))
BOOK = "\n\n".join(
    f"## Chapter {n}\n\nIt says {n}{n}{n}. {'and words ' * 170}" for n in range(1, 9)
)
TABLE = "| bee | dances |\n|---|---|\n| Maja | waggle |\n| Willi | round |"
HARM = (
    "See <@&1> @everyone https://evil.example/%s and [here](javascript:alert) \u202egnp.exe "
    "\x1b[2Jgone \u200b<b>bold</b> <a href='x'>y</a> /stop all"
)


def says(text: str) -> Custom:
    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        return Conclusion(state="done", text=text)

    return Custom(carry)


@on()
async def test_long_code_is_all_there_in_order_and_is_code(
    surface: Surface, tmp_path: Path
) -> None:
    worker = says(f"Here:\n\n```python\n{LINES}\n```\n\nThat is all.")
    async with surface(tmp_path) as at, at.opened(worker) as ana:
        await ana.command("/ask code")
        await ana.sees("That is all.")
        await ana.sees("line_259 = 259")
        shown = await ana.standing()
    texts = "\n".join(each.text for each in shown if each.id != LIVE)
    told = [line.strip() for line in texts.splitlines() if line.strip().startswith("line_")]
    assert told == LINES.splitlines()


@on()
async def test_a_very_long_answer_is_whole(surface: Surface, tmp_path: Path) -> None:
    async with surface(tmp_path) as at, at.opened(says(BOOK)) as ana:
        await ana.command("/ask a book")
        await ana.sees("#1 is done")
        await ana.sees("Chapter 1")
        shown = [each for each in await ana.standing() if each.id != LIVE]
    whole = "\n".join(each.text for each in shown)
    whole += "\n".join(data.decode() for each in shown for data in each.files.values())
    for n in range(1, 9):
        assert f"It says {n}{n}{n}." in whole, n
    assert whole.split().count("and") >= 8 * 170


@on()
async def test_a_table_keeps_its_rows(surface: Surface, tmp_path: Path) -> None:
    async with surface(tmp_path) as at, at.opened(says(TABLE)) as ana:
        await ana.command("/ask who dances?")
        answer = await ana.sees("Maja", "Willi")
    rows = [line for line in answer.text.splitlines() if "Maja" in line]
    assert any("waggle" in row for row in rows), answer.text


@on()
async def test_a_file_that_is_handed_over_is_material(surface: Surface, tmp_path: Path) -> None:
    model = ScriptedProvider(name="vendor", models=(SMALL,))
    async with surface(tmp_path) as at, at.opened(providers={"vendor": model}) as ana:
        await ana.say("sum this up", files={"dance.txt": b"Bees dance in eights"})
        await ended(ana.swarm, 1)
    assert "Bees dance in eights" in asked(model).partition("dance.txt")[2]


@on()
async def test_text_that_means_harm_is_text(surface: Surface, tmp_path: Path) -> None:
    async with surface(tmp_path) as at, at.opened(says(HARM)) as ana:
        await ana.command("/ask something")
        answer = await ana.sees("gone")
        stops = (await ana.swarm.views.status()).stops
    assert stops == ()
    assert not {"\x1b", "\u202e"} & set(answer.marked)
    assert "everyone" in words(answer.text)
