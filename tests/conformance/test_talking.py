"""Conversations: words to what is at work, what follows, what others say, what is said anew."""

from __future__ import annotations

from pathlib import Path

from swarm_core.kernel.ids import TaskId
from swarm_core.testing import ScriptedProvider
from tests.conformance.hands import Surface
from tests.conformance.surfaces import on
from tests.conformance.workers import Slow, prompted
from tests.discord.test_rooms import SMALL, ended
from tests.worlds import Custom, over

ONE, TWO = TaskId(1), TaskId(2)
ALONE = {"limits": {"concurrency": 1}}


@on("posts")
async def test_a_reply_steers_what_is_at_work(surface: Surface, tmp_path: Path) -> None:
    slow = Slow()
    async with surface(tmp_path) as at, at.opened(Custom(slow)) as ana:
        await ana.command("/ask plan a trip")
        receipt = await ana.sees("#1 accepted")
        await slow.gate.reached.wait()
        await ana.reply(receipt, "by train")
        await ana.sees("before its next step")
        heard = await ana.swarm.ears.heard(ONE, 0)
        slow.gate.open()
        await over(ana.swarm, ONE)
    assert heard == ("by train",)


@on()
async def test_a_command_steers_what_is_at_work(surface: Surface, tmp_path: Path) -> None:
    slow = Slow()
    async with surface(tmp_path) as at, at.opened(Custom(slow)) as ana:
        await ana.command("/ask plan a trip")
        await slow.gate.reached.wait()
        await ana.command("/tell 1 by train")
        await ana.sees("before its next step")
        heard = await ana.swarm.ears.heard(ONE, 0)
        slow.gate.open()
        await over(ana.swarm, ONE)
    assert heard == ("by train",)


@on("others", "buttons")
async def test_somebody_else_is_offered_to_ask_separately(surface: Surface, tmp_path: Path) -> None:
    slow = Slow()
    async with surface(tmp_path) as at, at.opened(Custom(slow)) as ana:
        await ana.command("/ask plan a trip")
        receipt = await ana.sees("#1 accepted")
        await ana.ben.reply(receipt, "by car")
        offered = await ana.ben.sees("Only", "steers #1")
        heard = await ana.swarm.ears.heard(ONE, 0)
        await ana.ben.press(offered, "Ask separately")
        await ana.ben.sees("#2")
        slow.gate.open()
        await ana.ben.sees("You said: by car")
        await over(ana.swarm, ONE, TWO)
        one, two = [(await ana.swarm.views.task(n)).task for n in (ONE, TWO)]
    assert heard == ()
    assert one.person != two.person


@on()
async def test_what_follows_knows_what_came_before_until_it_starts_afresh(
    surface: Surface, tmp_path: Path
) -> None:
    model = ScriptedProvider(name="vendor", models=(SMALL,))
    async with surface(tmp_path) as at, at.opened(providers={"vendor": model}) as ana:
        alone = ana.directly
        await alone.say("what do bees eat?")
        await ended(ana.swarm, 1)
        await alone.say("shorter")
        await ended(ana.swarm, 2)
        followed = prompted(model)
        await alone.command("/new")
        await alone.sees("A new conversation begins here")
        await alone.say("and wasps?")
        await ended(ana.swarm, 3)
        fresh = prompted(model)
    assert "what do bees eat?" in followed
    assert "what do bees eat?" not in fresh


@on("posts")
async def test_a_reply_to_an_answer_goes_on_with_it(surface: Surface, tmp_path: Path) -> None:
    model = ScriptedProvider(name="vendor", models=(SMALL,))
    async with surface(tmp_path) as at, at.opened(providers={"vendor": model}) as ana:
        await ana.say("what do bees eat?")
        await ended(ana.swarm, 1)
        answer = await ana.sees("#1 is done")
        await ana.reply(answer, "shorter")
        await ended(ana.swarm, 2)
    assert "what do bees eat?" in prompted(model)


@on("edits")
async def test_what_is_edited_before_it_is_read_is_asked_as_it_stands_then(
    surface: Surface, tmp_path: Path
) -> None:
    slow = Slow()
    async with surface(tmp_path) as at, at.opened(Custom(slow), **ALONE) as ana:
        await ana.say("first")
        await slow.gate.reached.wait()
        said = await ana.say("buy milk")
        await ana.sees("#2 accepted")
        await ana.edit(said, "buy bread")
        await ana.sees("as the message says now")
        slow.gate.open()
        await ana.sees("You said: buy bread")
        whole = str(await ana.swarm.views.whole(TWO))
    assert "milk" not in whole
