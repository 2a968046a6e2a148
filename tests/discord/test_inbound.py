"""Nothing comes in from people but by the one door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import get_args

import discord
import pytest

from bot.chat.inbound import ACTIONS, Kind
from bot.discord.client import Client
from bot.discord.heard import HEARD, OF_THE_SERVICE
from swarm_core.policy import PolicyRefused
from tests.discord.bench import Bench
from tests.discord.decisions import MONEY, asked, calm, dear, ids, made

INTERACTIONS = {
    discord.InteractionType.application_command: ("command",),
    discord.InteractionType.autocomplete: ("autocomplete",),
    discord.InteractionType.component: ("button", "select"),
    discord.InteractionType.modal_submit: ("form",),
}


def test_whatever_the_client_listens_to_is_of_a_known_kind() -> None:
    listened = {name for name in vars(Client) if name.startswith("on_")}
    known = set(HEARD) | OF_THE_SERVICE
    assert listened <= known, f"say in bot/discord/heard.py what {listened - known} are"
    assert not set(HEARD) & OF_THE_SERVICE


def test_every_kind_is_authorized_as_an_action_of_events() -> None:
    assert set(ACTIONS) == set(get_args(Kind))
    assert {kind for kinds in HEARD.values() for kind in kinds} == set(ACTIONS)
    assert all(action.value.startswith("event.") for action in ACTIONS.values())


def test_every_kind_of_interaction_that_the_sdk_knows_is_one_of_ours() -> None:
    """A release of the SDK that knows another kind has this fail."""
    assert set(discord.InteractionType) - set(INTERACTIONS) == {discord.InteractionType.ping}
    kinds = {kind for several in INTERACTIONS.values() for kind in several}
    assert kinds == set(HEARD["on_interaction"])


async def _command(at: Bench, card: dict[str, str]) -> None:
    await made(at, await at.hand.command(at.channel, at.ben, "status"))


async def _autocomplete(at: Bench, card: dict[str, str]) -> None:
    typing = await at.hand.complete(at.channel, at.ben, "cancel", "numbers", numbers="")
    assert (await made(at, typing))["choices"] == []


async def _message(at: Bench, card: dict[str, str]) -> None:
    await at.hand.say(at.channel, at.ben, f"<@{at.bot}> hello")
    await at.posted(2)


async def _button(at: Bench, card: dict[str, str]) -> None:
    pressed = await at.hand.press(at.channel, card["id"], at.ben, ids(card)["Yes"])
    assert (await made(at, pressed))["ephemeral"] is True


async def _form(at: Bench, card: dict[str, str]) -> None:
    opened = await at.hand.press(at.channel, card["id"], at.ben, ids(card)["No, because…"])
    await made(at, opened)
    sent = await at.hand.submit(opened, reason="no")
    assert (await made(at, sent))["ephemeral"] is True


async def _select(at: Bench, card: dict[str, str]) -> None:
    budget = await asked(at, at.ben, "budget")
    pick = next(number for label, number in ids(budget).items() if "Raise" in label)
    picked = await at.hand.pick(at.channel, budget["id"], at.ben, pick, "0")
    assert (await made(at, picked))["ephemeral"] is True


ACTS: dict[str, Callable[[Bench, dict[str, str]], Awaitable[None]]] = {
    "command": _command,
    "autocomplete": _autocomplete,
    "message": _message,
    "button": _button,
    "select": _select,
    "form": _form,
}


@pytest.mark.parametrize("kind", ACTS)
async def test_a_kind_that_policy_forbids_does_nothing_and_is_recorded(
    tmp_path: Path, kind: Kind
) -> None:
    """Each by its own prohibition: a kind that went round the door would not meet it."""
    model, folder = dear(), tmp_path / "policies"
    folder.mkdir()
    action = ACTIONS[kind].value
    named = ' && context.name != "ask" && context.name != "budget"' if "command" in action else ""
    (folder / "own.cedar").write_text(
        f'@id("no-such-events")\n@says("Not here.")\nforbid (principal, '
        f'action == Action::"{action}", resource)\n'
        f'when {{ context.surface == "discord"{named} }};\n',
        "utf-8",
    )
    refused = list[str]()
    policy = {"folders": [str(folder)]}
    async with calm(tmp_path) as at, at.on_discord(model, budget=MONEY, policy=policy) as swarm:
        card = await asked(at, at.ben, text="much")
        stop = swarm.store.listen(
            (PolicyRefused,), lambda fact: refused.append(getattr(fact.event, "action", ""))
        )
        await ACTS[kind](at, card)
        while not refused:
            await swarm.store.write(lambda tx: None)
        stop()
        assert len(await swarm.deciding.open_ones()) == 1
        assert len(await swarm.views.listing()) == 1
    assert refused == [action]
    assert model.answers == {}
