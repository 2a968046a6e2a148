"""Files that come along on Discord: documents are read, and what cannot be read is said."""

from __future__ import annotations

from pathlib import Path

from swarm_core.testing import ScriptedProvider
from tests.discord.bench import bench
from tests.discord.test_rooms import SMALL, asked, ended
from tests.documents import docx, locked_pdf, paragraph, pdf


async def test_documents_are_read_and_their_text_is_material(tmp_path: Path) -> None:
    model = ScriptedProvider(name="vendor", models=(SMALL,))
    files = {"dance.pdf": pdf("Bees dance"), "plan.docx": docx(paragraph("Buy honey"))}
    async with bench(tmp_path) as at, at.on_discord(providers={"vendor": model}) as swarm:
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> sum this up", files=files)
        await ended(swarm, 1)
    told = asked(model)
    assert "Bees dance" in told.partition('source="the attached file dance.pdf"')[2]
    assert "Buy honey" in told.partition('source="the attached file plan.docx"')[2]


async def test_a_document_that_cannot_be_read_is_told_and_nothing_is_asked(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord() as swarm:
        files = {"pay.pdf": locked_pdf("secret", "x")}
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> sum this up", files=files)
        (said,) = await at.posted(1)
        assert not await swarm.views.listing()
    assert "pay.pdf cannot be read: it has a password" in said["content"]


async def test_a_file_that_cannot_be_fetched_is_told_and_nothing_is_asked(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord() as swarm:
        files = {"plan.txt": b"Buy honey"}
        lying = at.fake.service.world.files
        since = await at.hand.now()
        await at.hand.say(at.channel, at.ana, "a file of people", files=files)
        lying.clear()
        (said,) = await at.hand.wait("create", since=since, channel=at.channel)
        asked = await at.hand.menu(
            at.channel, at.ben, "Ask the swarm about this", said["json"]["id"]
        )
        answer = await at.hand.answered(asked)
        assert not await swarm.views.listing()
    assert "plan.txt could not be fetched from Discord" in answer["message"]["content"]
