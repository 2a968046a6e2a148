"""Nothing comes in from people but by the one door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.chat.inbound import ACTIONS, Kind
from bot.telegram.inbox import HEARD, OF_THE_SERVICE
from bot.telegram.taking import KINDS
from swarm_core.policy import PolicyRefused
from swarm_core.testing import ScriptedModel
from tests.discord.decisions import dear
from tests.telegram.bench import Bench, bench
from tests.telegram.looking import LIMITED, ME, MONEY, Slow, labels, shows
from tests.worlds import Custom

Act = Callable[[Bench, dict[str, Any]], Awaitable[None]]


def test_whatever_is_asked_for_is_of_a_known_kind() -> None:
    assert set(HEARD) | OF_THE_SERVICE == set(KINDS)
    assert not set(HEARD) & OF_THE_SERVICE


def test_every_kind_is_authorized_as_an_action_of_events() -> None:
    kinds = {kind for several in HEARD.values() for kind in several}
    assert kinds <= set(ACTIONS)
    assert all(ACTIONS[kind].value.startswith("event.") for kind in kinds)


async def _message(at: Bench, card: dict[str, Any]) -> None:
    await at.hand.say(at.group, at.ben, f"@{ME} hello")


async def _command(at: Bench, card: dict[str, Any]) -> None:
    await at.hand.command(at.group, at.ben, "status", at=ME)


async def _button(at: Bench, card: dict[str, Any]) -> None:
    await at.press(card, "Yes", at.ben)


async def _form(at: Bench, card: dict[str, Any]) -> None:
    await at.press(card, "No, because…", at.ben)
    asked = await at.said(at.group, "Reply to this")
    await at.hand.say(at.group, at.ben, "no", reply_to=asked["message_id"])


ACTS: dict[Kind, Act] = {
    "message": _message,
    "command": _command,
    "button": _button,
    "form": _form,
}


def forbidding(folder: Path, kind: Kind) -> dict[str, Any]:
    """A policy of one's own: a kind that went round the door would not meet it."""
    folder.mkdir()
    (folder / "own.cedar").write_text(
        f'@id("no-such-events")\n@says("Not here.")\nforbid (principal, '
        f'action == Action::"{ACTIONS[kind].value}", resource)\n'
        'when { context.surface == "telegram" && context.name != "ask" };\n',
        "utf-8",
    )
    return {"folders": [str(folder)]}


@pytest.mark.parametrize("kind", ACTS)
async def test_a_kind_that_policy_forbids_does_nothing_and_is_recorded(
    tmp_path: Path, kind: Kind
) -> None:
    model, refused = dear(), list[str]()
    policy = forbidding(tmp_path / "policies", kind)
    async with (
        bench(tmp_path) as at,
        at.on_telegram(model, budget=MONEY, policy=policy) as swarm,
    ):
        await at.hand.command(at.group, at.ben, "ask", "much", at=ME)
        card = await shows(at, at.group, "much")
        stop = swarm.store.listen(
            (PolicyRefused,), lambda fact: refused.append(getattr(fact.event, "action", ""))
        )
        await ACTS[kind](at, card)
        await at.said(at.group, "Not here.") if kind != "button" else None
        while not refused:
            await swarm.store.write(lambda tx: None)
        stop()
        assert len(await swarm.deciding.open_ones()) == 1
        assert len(await swarm.views.listing()) == 1
    assert set(refused) == {ACTIONS[kind].value}
    assert model.answers == {}


async def test_an_edit_that_policy_forbids_changes_nothing(tmp_path: Path) -> None:
    slow, policy = Slow(), forbidding(tmp_path / "policies", "edit")
    async with (
        bench(tmp_path) as at,
        at.on_telegram(Custom(slow), policy=policy, **LIMITED) as swarm,
    ):
        await at.hand.say(at.group, at.ana, f"@{ME} first")
        await slow.gate.reached.wait()
        said = await at.hand.say(at.group, at.ben, f"@{ME} buy milk")
        await at.said(at.group, "#2")
        await at.hand.edit(at.group, said, f"@{ME} buy bread")
        await at.said(at.group, "Not here.")
        assert {task.text for task in await swarm.views.listing()} == {"first", "buy milk"}


async def test_a_stranger_gets_nothing_done_by_any_of_them(tmp_path: Path) -> None:
    model = ScriptedModel()
    async with bench(tmp_path) as at, at.on_telegram(model) as swarm:
        mallory = await at.hand.private("mallory")
        theirs = await at.hand.supergroup("theirs", mallory)
        hello = await at.said(mallory, "/pair CODE")
        assert labels(hello) == []
        for name, *words in (("ask", "x"), ("task", "x"), ("stop", "all"), ("budget",), ("tasks",)):
            await at.hand.command(mallory, mallory, name, *words)
            await at.hand.command(theirs, mallory, name, *words, at=ME)
        said = await at.hand.say(mallory, mallory, "words")
        await at.hand.edit(mallory, said, "other words")
        await at.hand.document(mallory, mallory, "n.txt", b"notes")
        await at.hand.voice(mallory, mallory)
        await at.hand.say(mallory, mallory, "/ask y", forward_of=at.ana)
        since = await at.hand.now()
        await at.hand.say(mallory, mallory, "last of all")
        await at.said(mallory, "/pair CODE", since=since)
        fetched = [one for one in await at.hand.requests() if one.get("method") == "getFile"]
        assert await swarm.views.listing() == []
        assert not (await swarm.views.status()).stops
    assert model.answers == {}
    assert fetched == []
