"""Everybody is answered in their language: receipts, cards, buttons, refusals, what comes later."""

from __future__ import annotations

from pathlib import Path

from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Conclusion, Run
from tests.discord.bench import bench
from tests.discord.test_asking import echo
from tests.worlds import Custom, Gate


async def test_one_language_holds_from_the_receipt_to_the_notice_of_the_end(
    tmp_path: Path,
) -> None:
    gate = Gate()

    async def slow(assignment: Assignment, run: Run) -> Conclusion:
        await gate()
        return await echo(assignment, run)

    async with bench(tmp_path) as at, at.on_discord(Custom(slow)):
        wished = await at.hand.command(at.channel, at.ben, "me", wish="language", value="de")
        await at.hand.answered(wished)
        asked = await at.hand.command(at.channel, at.ben, "ask", text="hallo")
        receipt = (await at.hand.answered(asked))["message"]
        (card, *_) = await at.hand.wait("edit", message=receipt["id"])
        refused = await at.hand.command(at.channel, at.ben, "stop", what="all")
        refusal = (await at.hand.answered(refused))["message"]["content"]
        since = await at.hand.now()
        gate.open()
        (made, *_) = await at.hand.wait("create", since=since, author=at.bot)
        money = await at.hand.command(at.channel, at.ben, "budget")
        budget = (await at.hand.answered(money))["message"]
        english = await at.hand.command(at.channel, at.ana, "cancel", numbers="99")
        other = (await at.hand.answered(english))["message"]["content"]
    labels = [press["label"] for row in card["json"]["components"] for press in row["components"]]
    assert "ist angenommen" in receipt["content"]
    assert "Zustand" in str(card["json"]["embeds"])
    assert "Abbrechen" in labels
    assert "Admins sehen und stoppen" in refusal
    assert "ist erledigt" in made["json"]["content"]
    assert "für den ganzen Schwarm" in budget["content"]
    assert "Obergrenze für den Tag" in str(budget["components"])
    assert "There is no" in other


async def test_somebody_new_is_answered_in_the_language_of_their_client(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)) as swarm:
        await at.hand.do("locale", user=at.ben, locale="de")
        await at.hand.do("locale", user=at.ana, locale="fr")
        first = await at.hand.command(at.channel, at.ben, "cancel", numbers="99")
        german = (await at.hand.answered(first))["message"]["content"]
        chosen = await at.hand.command(at.channel, at.ben, "me", wish="language", value="none")
        await at.hand.answered(chosen)
        again = await at.hand.command(at.channel, at.ben, "cancel", numbers="99")
        english = (await at.hand.answered(again))["message"]["content"]
        third = await at.hand.command(at.channel, at.ana, "cancel", numbers="99")
        unspoken = (await at.hand.answered(third))["message"]["content"]
        assert len(swarm.members.directory.known.people) == 2
    assert "gibt es nichts" in german
    assert "There is no" in english, "what a person says counts, not their client"
    assert "There is no" in unspoken, "we do not speak French"


async def test_commands_are_described_in_every_language_there_is(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord():
        await at.hand.wait("commands")
        listed = await at.hand.commands(at.guild)
    by_name = {command["name"]: command for command in listed}
    ask = by_name["ask"]
    assert ask["description_localizations"]["de"] != ask["description"]
    (text,) = [option for option in ask["options"] if option["name"] == "text"]
    assert text["description_localizations"]["de"] != text["description"]
    menu = by_name["Ask the swarm about this"]
    assert menu["name_localizations"] == {"de": "Den Schwarm dazu fragen"}
