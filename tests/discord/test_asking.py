"""Asking on Discord: what is typed, mentioned, replied and pressed, and what comes back."""

from __future__ import annotations

from pathlib import Path

from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Conclusion, Run
from tests.discord.bench import bench
from tests.discord.decisions import asked as shown
from tests.discord.decisions import pressed, shows
from tests.worlds import Custom, Gate


async def echo(assignment: Assignment, run: Run) -> Conclusion:
    return Conclusion(state="done", text=f"You said: {assignment.text}")


async def test_a_question_is_acknowledged_and_answered_by_a_message_that_notifies(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)):
        asked = await at.hand.command(at.channel, at.ben, "ask", text="hello")
        receipt = (await at.hand.answered(asked))["message"]
        _, answer = await at.posted(2)
        record = await at.hand.record()
        counts = await at.hand.counts()
    assert "#1" in receipt["content"]
    assert "You said: hello" in answer["content"]
    assert answer["content"].startswith(f"<@{at.ben}>")
    (made,) = [e for e in record if e.get("message") == answer["id"] and e["kind"] == "create"]
    assert made["pinged"] == [at.ben]
    assert made["nonce"] == "waggle-1-0"
    assert counts["late"] == counts["answered_twice"] == counts["refused_429"] == 0


async def test_a_mention_is_a_question_and_a_reply_to_the_answer_goes_on(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)) as swarm:
        first = await at.hand.say(at.channel, at.ben, f"<@{at.bot}> one")
        posts = await at.posted(2)
        assert posts[0]["message_reference"]["message_id"] == first
        await at.known(swarm, posts[1]["id"])
        await at.hand.say(at.channel, at.ben, "two", reply_to=posts[1]["id"])
        await at.posted(4)
        one, two = [(await swarm.views.task(n)).task for n in (1, 2)]  # type: ignore[arg-type]
    assert (one.text, two.text) == ("one", "two")
    assert one.place == two.place
    assert one.person == f"discord/{at.guild}/{at.ben}"


async def test_a_direct_message_is_one_conversation_of_its_own_space(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)) as swarm:
        said = await at.hand.dm(at.ben, "one")
        await at.posted(2, said["channel_id"])
        await at.hand.dm(at.ben, "two")
        await at.posted(4, said["channel_id"])
        one, two = [(await swarm.views.task(n)).task for n in (1, 2)]  # type: ignore[arg-type]
    assert one.place == two.place
    assert one.place.space == "dm"


async def test_the_same_event_twice_is_one_task(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)) as swarm:
        said = await at.hand.say(at.channel, at.ben, f"<@{at.bot}> one")
        await at.posted(2)
        post = at.fake.service.world.posts[at.channel][said]
        at.fake.service.posting.tell("MESSAGE_CREATE", post)
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> two")
        await at.posted(4)
        tasks = await swarm.views.listing()
        counts = await at.hand.counts()
    assert [task.text for task in tasks] == ["two", "one"]
    assert (counts["created"], counts["nonce_again"]) == (4, 0)


async def test_bots_and_talk_among_people_are_left_alone(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)) as swarm:
        robot = (await at.hand.do("user", name="robot", bot=True))["id"]
        await at.hand.do("member", guild=at.guild, user=robot, roles=[])
        await at.hand.say(at.channel, robot, f"<@{at.bot}> one")
        await at.hand.say(at.channel, at.ben, "what do you think, Ana?")
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> two")
        await at.posted(2)
        (task,) = await swarm.views.listing()
    assert task.text == "two"


async def test_a_receipt_becomes_a_card_that_can_be_pressed_and_tells_the_end(
    tmp_path: Path,
) -> None:
    gate = Gate()

    async def slow(assignment: Assignment, run: Run) -> Conclusion:
        await gate()
        return await echo(assignment, run)

    async with bench(tmp_path) as at, at.on_discord(Custom(slow)) as swarm:
        await at.promote(swarm, at.ben)
        await at.hand.command(at.channel, at.ben, "task", text="something long")
        (edited, *_) = await at.hand.wait("edit")
        (row,) = edited["json"]["components"]
        pressed = [each["custom_id"] for each in row["components"] if each["label"] == "Cancel"]
        await at.hand.press(at.channel, edited["message"], at.ben, *pressed)
        last = await shows(at, "something long", "cancelled")
        await at.posted(3)
    assert "something long" in edited["json"]["embeds"][0]["title"]
    assert last["id"] == edited["message"]
    assert not any("/cancel" in str(each) for each in row["components"])


async def test_only_the_asker_steers_and_others_are_offered_to_ask_separately(
    tmp_path: Path,
) -> None:
    gate = Gate()

    async def slow(assignment: Assignment, run: Run) -> Conclusion:
        await gate()
        return await echo(assignment, run)

    async with bench(tmp_path) as at, at.on_discord(Custom(slow)) as swarm:
        cleo = await at.hand.person("cleo", at.guild)
        asked = await at.hand.command(at.channel, at.ben, "ask", text="one")
        receipt = (await at.hand.answered(asked))["message"]["id"]
        await at.hand.wait("edit", message=receipt)
        await at.hand.say(at.channel, cleo, "two", reply_to=receipt)
        posts = await at.posted(2)
        (row,) = posts[1]["components"]
        pressed = await at.hand.press(
            at.channel, posts[1]["id"], cleo, row["components"][0]["custom_id"]
        )
        await at.hand.answered(pressed)
        await at.hand.say(at.channel, at.ben, "three", reply_to=receipt)
        await at.posted(4)
        gate.open()
        await at.posted(6)
        told = [f.event.kind for f in await swarm.views.why(1)]  # type: ignore[arg-type]
        second = (await swarm.views.task(2)).task  # type: ignore[arg-type]
    assert "#1" in str(posts[1])
    assert (second.text, second.person.rpartition("/")[2]) == ("two", cleo)
    assert told.count("task.told") == 1


async def test_a_file_comes_along(tmp_path: Path) -> None:
    async def read(assignment: Assignment, run: Run) -> Conclusion:
        return Conclusion(state="done", text=f"{len(assignment.text or '')}")

    async with bench(tmp_path) as at, at.on_discord(Custom(read)) as swarm:
        await at.hand.say(
            at.channel, at.ben, f"<@{at.bot}> sum this", files={"sums.csv": b"a,b\n1,2\n"}
        )
        await at.posted(2)
        await at.hand.command(at.channel, at.ben, "ask", text="and this", file=b"more text")
        await at.posted(4)
        one, two = [await swarm.views.task(n) for n in (1, 2)]  # type: ignore[arg-type]
    assert [file.name for file in one.files] == ["sums.csv"]
    assert len(two.files) == 1


async def test_the_menu_of_a_message_asks_about_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)):
        said = await at.hand.say(at.channel, at.ben, "The sky is green.")
        await at.hand.menu(at.channel, at.ben, "Ask the swarm about this", said)
        *_, answer = await at.posted(2)
    assert "The sky is green." in answer["content"]


async def test_options_complete_to_ones_own_tasks(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)):
        await at.hand.command(at.channel, at.ben, "ask", text="hello")
        await at.posted(2)
        typing = await at.hand.complete(at.channel, at.ben, "cancel", "numbers", numbers="")
        mine = (await at.hand.answered(typing))["choices"]
        typing = await at.hand.complete(at.channel, at.ana, "cancel", "numbers", numbers="")
        others = (await at.hand.answered(typing))["choices"]
    assert [each["value"] for each in mine] == ["1"]
    assert others == []


async def test_names_of_standing_priorities_complete(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)):
        line = {"what": "count the bees", "every": "2h"}
        card = await shown(at, at.ana, "priority", do="add", **line)
        await pressed(at, card, at.ana, "Create")
        typing = await at.hand.complete(
            at.channel, at.ana, "priority", "what", do="show", what="be"
        )
        found = (await at.hand.answered(typing))["choices"]
    assert [each["value"] for each in found] == ["count-the-bees"]


async def test_a_member_is_refused_in_private_what_is_the_owners(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)) as swarm:
        asked = await at.hand.command(at.channel, at.ben, "stop", what="all")
        refused = await at.hand.answered(asked)
        asked = await at.hand.command(at.channel, at.ana, "stop", what="all")
        done = await at.hand.answered(asked)
        stops = (await swarm.views.status()).stops
    assert refused["ephemeral"] is True
    assert refused["message"]["content"] == (
        "You may not do that. Admins see and stop what others asked for; only whoever asked "
        "steers it. "
        "(Rule `admins-see-and-stop-everybodys-work`; `/who-may act: swarm.stop` tells who may.)"
    )
    assert done["ephemeral"] is False
    assert stops == ("*",) or len(stops) == 1


async def test_what_looks_like_a_command_and_is_none_is_asked_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)) as swarm:
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> /aks how are you")
        (said,) = await at.posted(1)
        tasks = await swarm.views.listing()
    assert "Nothing was done" in said["content"]
    assert not tasks
