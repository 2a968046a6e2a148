"""Messages changed on Telegram, which counts as long as nobody has read them."""

from __future__ import annotations

from pathlib import Path

from tests.telegram.bench import bench
from tests.telegram.looking import LIMITED, ME, ONE, TWO, Slow, echo
from tests.worlds import Custom, kinds, over


async def test_a_question_edited_before_it_is_read_is_asked_as_it_stands_then(
    tmp_path: Path,
) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow), **LIMITED) as swarm:
        await at.hand.say(at.group, at.ana, f"@{ME} first")
        await slow.gate.reached.wait()
        second = await at.hand.say(at.group, at.ben, f"@{ME} buy milk")
        await at.said(at.group, "#2")
        await at.hand.edit(at.group, second, f"@{ME} buy bread")
        await at.said(at.group, "as the message says now")
        slow.gate.open()
        await at.said(at.group, "You said: buy bread")
        facts = await kinds(swarm, TWO)
        why = await swarm.views.whole(TWO)
    assert facts.count("task.amended") == 1
    assert "milk" not in str(why)


async def test_what_was_read_before_is_said_to_have_been_and_goes_on(tmp_path: Path) -> None:
    slow = Slow()
    async with bench(tmp_path) as at, at.on_telegram(Custom(slow)) as swarm:
        said = await at.hand.say(at.ana, at.ana, "buy milk")
        await at.said(at.ana, "#1")
        await slow.gate.reached.wait()
        await at.hand.edit(at.ana, said, "buy bread")
        await at.said(at.ana, "was read before the edit")
        slow.gate.open()
        await over(swarm, ONE)
        await at.said(at.ana, "You said: buy milk")
        await at.hand.edit(at.ana, said, "buy salt")
        await at.said(at.ana, "was over before the edit")


async def test_an_edit_to_a_command_carries_out_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_telegram(Custom(echo)) as swarm:
        aside = await at.hand.say(at.ana, at.ana, "hello")
        await at.said(at.ana, "You said: hello")
        await at.hand.edit(at.ana, aside, "/stop all")
        await at.hand.say(at.ana, at.ana, "and now?")
        await at.said(at.ana, "You said: and now?")
        assert not (await swarm.views.status()).stops


async def test_a_message_edited_while_nobody_was_there_counts_as_it_stands(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        async with at.on_telegram(Custom(echo)):
            await at.hand.say(at.group, at.ana, f"@{ME} first")
            await at.said(at.group, "You said: first")
        said = await at.hand.say(at.group, at.ben, f"@{ME} buy milk")
        await at.hand.edit(at.group, said, f"@{ME} buy bread")
        async with at.on_telegram(Custom(echo)) as swarm:
            await at.said(at.group, "#2")
            await over(swarm, TWO)
            texts = [task.text for task in await swarm.views.listing()]
    assert len(texts) == 2
